import dataclasses
import json
import re

import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.records.files import read_record, write_record
from effexplorer.records.schema import CONFIRMED, COSTS, record_id
from tests.builders import a_record, a_stage

STEPS = "distill > prune(sparsity=0.8) > quantize"


@pytest.fixture
def plain() -> dict:
    return json.loads(a_record(STEPS).to_json())


def refused(path, text: str | bytes) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as raised:
        read_record(path)
    return str(raised.value)


@pytest.mark.parametrize("steps", ["", "prune", STEPS])
def test_a_record_reads_back_as_it_was_written(tmp_path, steps):
    record = a_record(steps, seed=7)
    path = write_record(record, tmp_path / "new" / "folder")
    assert path.name == f"{record.id}.json" and read_record(path) == record


@pytest.mark.parametrize(
    ("task", "data", "said"),
    [
        ("mrpc", {"train_examples": 3_302}, "3,302 pairs"),
        ("reviews", {"train_examples": 958}, "958 sentences"),
        ("sst2", {"train_examples": 3_000}, "3,000 rows"),
        (
            "sst2",
            {"train_examples": 7_000, "train_sentences": 6_000, "train_phrases": 1_000},
            "7,000 rows (6,000 sentences, 1,000 phrases)",
        ),
        (
            "sst2",
            {"train_examples": 3_000, "train_sentences": 3_000, "train_phrases": 0},
            "3,000 rows (3,000 sentences)",
        ),
        ("mine", {}, "all rows"),
    ],
    ids=str,
)
def test_a_record_says_what_was_trained_on(task, data, said):
    record = dataclasses.replace(a_record(task=task), data=data)
    assert record.trained_on == said
    short = dataclasses.replace(record, pipeline=record.pipeline | {"max_length": 64})
    assert short.trained_on == f"{said}, cut at 64 word pieces"


def test_writing_leaves_one_file_alone(tmp_path):
    path = write_record(a_record(), tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_second_write_leaves_the_first_record(tmp_path):
    first = a_record()
    path = write_record(first, tmp_path)
    assert write_record(dataclasses.replace(first, commit="another"), tmp_path) == path
    assert read_record(path) == first and list(tmp_path.iterdir()) == [path]


def test_a_crash_while_writing_leaves_no_record(tmp_path, monkeypatch):
    def crash(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        write_record(a_record(), tmp_path)
    assert not list(tmp_path.glob("*.json"))


def test_the_one_line_form_has_the_last_stages_numbers():
    record = a_record(STEPS, seed=3, score=81.5, latency_ms=2.5)
    assert record.row("shipped") == {
        "id": record.id,
        "model": "minilm",
        "task": "sst2",
        "steps": "distill > prune(sparsity=0.8) > quantize",
        "seed": 3,
        "score": 81.5,
        "bytes": record.final.bytes,
        "parameters": record.final.parameters,
        "macs": record.final.macs,
        "latency_ms": 2.5,
        "source": "shipped",
    }
    assert record.letters == "D>P>Q" and a_record().letters == "dense" and a_record().steps == ""


@pytest.mark.parametrize("axis", COSTS)
def test_every_cost_axis_has_a_number(axis):
    assert a_stage().cost(axis) > 0


NEEDED = [
    field.name for field in dataclasses.fields(a_record()) if field.default is dataclasses.MISSING
]


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_field_is_refused(tmp_path, plain, name):
    del plain[name]
    assert name in refused(tmp_path / "bad.json", json.dumps(plain))


def test_a_file_from_before_searches_is_a_confirmed_run(tmp_path, plain):
    del plain["phase"]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(plain), "utf-8")
    assert read_record(path).phase == CONFIRMED and not read_record(path).explored


def test_a_phase_that_does_not_exist_is_refused(tmp_path, plain):
    said = refused(tmp_path / "bad.json", json.dumps(plain | {"phase": "guessed"}))
    assert "phase must be explored or confirmed; got guessed" in said


def test_an_explored_run_has_an_id_of_its_own():
    key = a_record().id
    assert record_id(key) == key
    explored = record_id(key, explored=True)
    assert explored != key and re.fullmatch("[0-9a-f]{12}", explored)


YOUNG = ("exits", "operating", "engine", "kernel", "kernel_ratio")
OLD_FIELDS = [one.name for one in dataclasses.fields(a_stage()) if one.name not in YOUNG]


def test_a_file_from_before_the_exits_opens(tmp_path, plain):
    for stage in plain["stages"]:
        for name in YOUNG:
            del stage[name]
    (tmp_path / "old.json").write_text(json.dumps(plain))
    last = read_record(tmp_path / "old.json").final
    assert last.exits == () and (last.engine, last.kernel) == ("torch", "")


@pytest.mark.parametrize("name", OLD_FIELDS)
def test_a_missing_field_of_a_stage_is_refused(tmp_path, plain, name):
    del plain["stages"][1][name]
    assert name in refused(tmp_path / "bad.json", json.dumps(plain))


def changed(plain: dict, path: str, value) -> dict:
    *parents, last = path.split(".")
    inner = plain
    for name in parents:
        inner = inner[int(name) if name.isdigit() else name]
    inner[last] = value
    return plain


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("extra", 1, "record has missing or unknown fields: extra"),
        ("stages.0.extra", 1, "missing or unknown fields: extra"),
        ("schema", 2, "schema must be 1; got 2"),
        ("schema", "1", "schema must be 1; got 1"),
        ("schema", None, "schema must be 1; got None"),
        ("schema", True, "schema must be int; got True"),
        ("id", 5, "id must be str; got 5"),
        ("stages", [], "stages must not be empty"),
        ("stages", {}, "stages must be tuple"),
        ("stages", [1], "stages has missing or unknown fields"),
        ("stages.0.score", "90", "score must be float; got 90"),
        ("stages.0.score", True, "score must be float; got True"),
        ("stages.0.score", None, "score must be float; got None"),
        ("stages.0.layers", 6.0, "layers must be int; got 6.0"),
        ("stages.0.bytes", True, "bytes must be int; got True"),
        ("stages.0.reused", 1, "reused must be bool; got 1"),
        ("stages.0.step", None, "step must be str; got None"),
        ("stages.0.metrics", [], "metrics must be dict"),
        ("stages.0.metrics", {"accuracy": "x"}, "metrics.accuracy must be float; got x"),
        ("versions", {"torch": 2}, "versions.torch must be str; got 2"),
        ("pipeline", {}, "pipeline.model must be str; got None"),
        ("pipeline.seed", True, "pipeline.seed must be int; got True"),
        ("pipeline.steps", "prune", "pipeline.steps must be list; got prune"),
    ],
)
def test_a_value_of_another_kind_is_refused(tmp_path, plain, path, value, said):
    text = refused(tmp_path / "bad.json", json.dumps(changed(plain, path, value)))
    assert text.startswith("bad.json: not a run's record: ") and said in text


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize("where", ["stages.0.score", "pipeline.epochs", "data.train_examples"])
def test_a_number_that_is_none_is_refused(tmp_path, plain, number, where):
    text = json.dumps(changed(plain, where, "HERE")).replace('"HERE"', number)
    assert "bad.json: not a run's record" in refused(tmp_path / "bad.json", text)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "null",
        "[]",
        "7",
        '"text"',
        "{}",
        "{'schema': 1}",
        b"\xff\xfe\x00\x01",
        b"\x00" * 100,
        b"PK\x03\x04 a zip file",
        "[" * 100_000,
        '{"a":' * 100_000,
        "1" * 10_000,
    ],
    ids=lambda one: repr(one[:12]),
)
def test_what_is_no_record_is_refused_by_name_in_one_line(tmp_path, content):
    text = refused(tmp_path / "bad.json", content)
    assert text.startswith("bad.json: not a run's record: ") and text.endswith(".")
    assert "\n" not in text and len(text) < 300


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "bad.json"
    with path.open("wb") as file:
        file.truncate(limits.MAX_RECORD_BYTES + 1)
    with pytest.raises(UserError, match=r"bad.json: .* must be at most \d+ bytes"):
        read_record(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UserError, match=r"gone\.json: not a run's record: No such file"):
        read_record(tmp_path / "gone.json")


def test_a_folder_is_no_record(tmp_path):
    with pytest.raises(UserError, match="not a run's record: must be a regular file; got a folder"):
        read_record(tmp_path)


@pytest.mark.parametrize("name", ["a\u00a0b", "\u3000", "می\u200cروم", "10\u202f000", "größe"])
def test_names_in_any_script_are_text(tmp_path, name):
    record = a_record()
    record = dataclasses.replace(record, data=record.data | {"source": f"file {name}.csv"})
    assert read_record(write_record(record, tmp_path)) == record


@pytest.mark.parametrize("character", ["\n", "\x1b", "\x85", "\u2028", "\u2029", "\udcff"])
def test_what_could_not_be_read_is_not_written(tmp_path, character):
    record = a_record()
    record = dataclasses.replace(record, data=record.data | {"source": f"a{character}b"})
    with pytest.raises(ValueError, match="must hold texts in one line"):
        write_record(record, tmp_path)
    assert not list(tmp_path.iterdir())
