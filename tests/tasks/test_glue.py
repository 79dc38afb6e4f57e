import io

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from effexplorer.errors import UserError
from effexplorer.tasks import glue
from effexplorer.tasks.data import load_task, task_available
from effexplorer.tasks.spec import TASKS
from tests.fake_hub import FakeHub, fill_cache, use_hub

SINGLE = {"sentence": ["good", "bad"], "label": [1, 0]}
PAIR = {"sentence1": ["a"], "sentence2": ["b"], "label": [3.2]}
NLI = {"premise": ["a"], "hypothesis": ["b"], "label": [2]}


@pytest.fixture(autouse=True)
def no_hub(monkeypatch, tmp_path):
    monkeypatch.delenv("EFFEXPLORER_GLUE_DIR", raising=False)
    use_hub(monkeypatch, cache=tmp_path / "hub")


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("EFFEXPLORER_GLUE_DIR", str(tmp_path / "glue"))
    return tmp_path / "glue"


def packed(columns):
    file = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


def put(folder, task, *, train=SINGLE, validation=SINGLE):
    (folder / task).mkdir(parents=True)
    names = {"train": train, TASKS[task].validation: validation}
    for name, columns in names.items():
        (folder / task / f"{name}.parquet").write_bytes(packed(columns))


def on_hub(task, columns):
    names = ("train", TASKS[task].validation)
    return {f"{task}/{name}-00000-of-00001.parquet": packed(columns) for name in names}


def test_a_task_is_read_from_the_folder(folder):
    put(folder, "sst2")
    data = load_task("sst2")
    assert data.train.texts == (["good", "bad"],)
    assert data.validation.labels == [1, 0]
    assert data.source == "folder given by EFFEXPLORER_GLUE_DIR"


def test_mnli_is_measured_on_the_matched_split(folder):
    put(folder, "mnli", train=NLI, validation=NLI)
    assert (folder / "mnli" / "validation_matched.parquet").is_file()
    assert load_task("mnli").validation.texts == (["a"], ["b"])


def test_similarities_are_read_as_numbers(folder):
    put(folder, "stsb", train=PAIR, validation=PAIR)
    assert load_task("stsb").train.labels == [3.2]


def test_reading_shows_no_progress_bar_and_leaves_the_switch_alone(folder, capfd):
    import datasets

    put(folder, "sst2")
    load_task("sst2")
    assert capfd.readouterr().err == ""
    assert not datasets.are_progress_bars_disabled()


def test_a_file_that_changed_is_read_anew(folder):
    put(folder, "sst2")
    before = load_task("sst2").fingerprint
    (folder / "sst2" / "train.parquet").write_bytes(packed({**SINGLE, "label": [0, 0]}))
    assert load_task("sst2").fingerprint != before


@pytest.mark.parametrize("name", ["train", "validation"])
def test_a_missing_file_is_one_sentence(folder, name):
    put(folder, "sst2")
    (folder / "sst2" / f"{name}.parquet").unlink()
    rule = rf"^sst2: EFFEXPLORER_GLUE_DIR/sst2 must hold .*; got no {name}\.parquet\.$"
    with pytest.raises(UserError, match=rule):
        load_task("sst2")
    assert f"got no {name}.parquet" in task_available("sst2")


@pytest.mark.parametrize("body", [b"", b"PAR1 not really", b"a,b\n1,2\n"])
def test_an_unreadable_file_is_one_sentence(folder, body):
    put(folder, "sst2")
    (folder / "sst2" / "train.parquet").write_bytes(body)
    with pytest.raises(UserError, match=r"^sst2: train\.parquet must be a parquet file with rows"):
        load_task("sst2")


def test_a_file_without_rows_is_one_sentence(folder):
    empty = {"sentence": pyarrow.array([], "string"), "label": pyarrow.array([], "int64")}
    put(folder, "sst2", train=empty)
    with pytest.raises(UserError, match=r"^sst2.*row"):
        load_task("sst2")


def test_a_hidden_label_of_a_test_split_is_told_with_its_row(folder):
    put(folder, "sst2", validation={**SINGLE, "label": [1, -1]})
    with pytest.raises(UserError, match=r"^sst2, validation, row 2: label must be .*; got -1\.$"):
        load_task("sst2")


def test_a_missing_text_is_told_with_its_row(folder):
    put(folder, "sst2", train={**SINGLE, "sentence": ["a", None]})
    with pytest.raises(UserError, match=r"^sst2, train, row 2: sentence must be text; got nothing"):
        load_task("sst2")


def test_without_folder_and_hub_the_sentence_says_what_to_do():
    rule = r"^qnli: data must be .*; got no answer from http.*EFFEXPLORER_GLUE_DIR/qnli"
    with pytest.raises(UserError, match=rule) as caught:
        load_task("qnli")
    assert task_available("qnli") == str(caught.value)


def test_a_folder_without_the_task_leaves_it_to_the_hub(folder):
    put(folder, "sst2")
    assert task_available("sst2") is None
    assert "on a hub that answers" in task_available("cola")


def test_the_hubs_cache_is_read_without_the_hub(tmp_path):
    files = on_hub("sst2", SINGLE)
    fill_cache(tmp_path / "hub", glue.HUB_ID, glue.REVISION, files, kind="datasets")
    assert load_task("sst2").source == f"hub nyu-mll/glue @ {glue.REVISION}"
    assert task_available("sst2") is None
    assert task_available("cola") is not None


def test_a_task_is_downloaded_alone_and_then_found_in_the_cache(monkeypatch, tmp_path):
    files = {**on_hub("mnli", NLI), **on_hub("cola", SINGLE)}
    with FakeHub({glue.HUB_ID: files}) as server:
        use_hub(monkeypatch, url=server.url)
        assert task_available("mnli") is None
        first = load_task("mnli")
        assert not any("cola" in path for path in server.asked if "resolve" in path)
        server.asked.clear()
        assert load_task("mnli") == first
        assert server.asked == []


def test_a_hub_without_the_task_is_one_sentence(monkeypatch):
    with FakeHub({glue.HUB_ID: on_hub("cola", SINGLE)}) as server:
        use_hub(monkeypatch, url=server.url)
        with pytest.raises(UserError, match=r"^sst2: nyu-mll/glue must hold sst2/train"):
            load_task("sst2")


def test_the_revision_is_a_commit():
    assert len(glue.REVISION) == 40
    assert int(glue.REVISION, 16)


def test_no_phrase_of_a_held_out_sentence_alone_is_trained_on(folder):
    chance = np.random.default_rng(5)
    wholes = [" ".join(chance.choice(list("abcdefghij"), 9)) for _ in range(40)]
    rows = [" ".join(whole.split()[at : at + 4]) for whole in wholes for at in (0, 3, 5)] + wholes
    put(folder, "sst2", train={"sentence": rows, "label": [0] * len(rows)})
    data = load_task("sst2")
    train, held = data.train.texts[0], data.held_out.texts[0]
    assert len(held) == 4 and set(held) <= set(wholes)
    others = set(wholes) - set(held)
    assert set(train) == {row for row in rows if any(row in other for other in others)}


@pytest.mark.parametrize(("wanted", "sentences"), [(20, 20), (36, 36), (60, 36), (None, 36)])
def test_a_subset_takes_whole_sentences_before_phrases(folder, wanted, sentences):
    chance = np.random.default_rng(5)
    wholes = [" ".join(chance.choice(list("abcdefghij"), 9)) for _ in range(40)]
    rows = [" ".join(whole.split()[at : at + 4]) for whole in wholes for at in (0, 3, 5)] + wholes
    put(folder, "sst2", train={"sentence": rows, "label": [0] * len(rows)})
    data = load_task("sst2", train_examples=wanted)
    assert data.sentences == sentences == len(set(data.train.texts[0]) & set(wholes))
    assert len(data.train) == wanted or wanted is None
    larger = load_task("sst2", train_examples=70)
    assert set(data.train.texts[0]) <= set(larger.train.texts[0]) or wanted is None
