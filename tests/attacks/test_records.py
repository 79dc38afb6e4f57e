"""Records of unknown origin: opened and shown, or refused in one sentence while the others stay."""

import copy
import json
import os

import pytest

from effexplorer import limits
from effexplorer.pipeline import Pipeline
from effexplorer.records.export import to_csv, to_json
from effexplorer.records.files import write_record
from effexplorer.records.store import HERE, Store
from effexplorer.runner.estimate import estimate
from tests.builders import a_record, some_exits

STEPS = "prune > exit"
LARGE = int("9" * 400)
CHANGES = [
    ("id", "../../etc/x"),
    ("id", "A" * 12),
    ("created", "yesterday"),
    ("created", "2026-99-99"),
    ("pipeline.seed", LARGE),
    ("pipeline.model", "\ud800"),
    ("pipeline.model", "\x1b[2J"),
    ("pipeline.task", "x" * 1_000_000),
    ("pipeline.epochs", [1, 2]),
    ("pipeline.epochs", "three"),
    ("pipeline.train_examples", "all"),
    ("pipeline.train_examples", -1),
    ("pipeline.steps", [1, 2]),
    ("pipeline.steps", []),
    ("pipeline.steps", [{"operator": 7}, {"operator": "exit"}]),
    ("pipeline.steps", [{"operator": "prune", "sparsity": [0.5]}, {"operator": "exit"}]),
    ("pipeline.nested", {"a": {"b": 1}}),
    ("data.train_examples", "many"),
    ("data.train_examples", LARGE),
    ("data.fingerprint", ["0"]),
    ("data.source", {"a": 1}),
    ("weights.sha256", 7),
    ("weights.students", ["tiny"]),
    ("machine.threads", "two"),
    ("machine.threads", None),
    ("machine.processor", 5),
    ("versions.torch", "\udfff"),
    ("stages.0.score", 1e300),
    ("stages.0.score", LARGE),
    ("stages.0.score_low", 99.0),
    ("stages.0.bytes", -5),
    ("stages.0.bytes", LARGE),
    ("stages.0.layers", -1),
    ("stages.0.seconds", -1.0),
    ("stages.0.metrics", {"accuracy": 1e9}),
    ("stages.1.step", "line\nbreak"),
    ("stages.2.exits.0.layer", 99),
    ("stages.2.exits.0.layer", -1),
    ("stages.2.exits.1.layer", 1),
    ("stages.2.exits.0.temperature", 0.0),
    ("stages.2.exits.0.share", 1e9),
    ("stages.2.operating", {}),
]


@pytest.fixture
def plain() -> dict:
    return json.loads(a_record(STEPS, **some_exits()).to_json())


def changed(plain, path, value):
    plain = copy.deepcopy(plain)
    *parents, last = path.split(".")
    inner = plain
    for name in parents:
        inner = inner[int(name) if name.isdigit() else name]
    inner[last] = value
    return plain


@pytest.mark.parametrize(("path", "value"), CHANGES, ids=lambda one: str(one)[:24])
def test_a_record_with_a_value_that_none_has_is_one_sentence_beside_the_others(
    tmp_path, plain, path, value
):
    good = a_record("quantize")
    write_record(good, tmp_path)
    (tmp_path / f"{plain['id']}.json").write_text(json.dumps(changed(plain, path, value)))
    store = Store({HERE: tmp_path})
    assert [run.record for run in store.runs()] == [good]
    (problem,) = store.problems()
    assert problem.startswith(f"{plain['id']}.json: not a run's record: ")
    assert "\n" not in problem and len(problem) < 400 and problem.encode()


def test_the_unchanged_record_opens_and_is_used_everywhere(tmp_path, plain):
    (tmp_path / f"{plain['id']}.json").write_text(json.dumps(plain))
    runs = Store({HERE: tmp_path}).runs()
    assert len(runs) == 1 and to_csv(runs) and to_json(runs)
    assert estimate(Pipeline.from_dict(plain["pipeline"]), runs)


@pytest.mark.parametrize("kind", ["zero", "pipe", "folder", "large"])
def test_what_is_no_regular_file_is_one_sentence(tmp_path, kind):
    path = tmp_path / "odd.json"
    if kind == "zero":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(limits.MAX_RECORD_BYTES + 1)
    write_record(a_record(), tmp_path)
    store = Store({HERE: tmp_path})
    assert len(store.runs()) == 1
    assert len(store.problems()) == 1 and store.problems()[0].startswith("odd.json: ")
