"""A run answers for a pipeline only while the files behind its names are those it was made of."""

import dataclasses
import shutil

import pandas as pd
import pytest

from effexplorer import home
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.files import write_record
from effexplorer.runner.identity import id_for, look_up, run_here, weights_of
from effexplorer.runner.stage_cache import key_here
from effexplorer.tasks.data import load_task
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.spec import TASKS
from tests.builders import a_record

ROWS = {"sentence": [f"row {i}" for i in range(40)], "label": [0, 1] * 20}


@pytest.fixture
def files(tmp_path, tiny_model_folder, monkeypatch):
    """Return a folder with a model ``own`` and the task sst2, both of which a test may change."""
    shutil.copytree(tiny_model_folder, tmp_path / "models" / "own")
    (tmp_path / "glue" / "sst2").mkdir(parents=True)
    for name in ("train", "validation"):
        pd.DataFrame(ROWS).to_parquet(tmp_path / "glue" / "sst2" / f"{name}.parquet")
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("EFFEXPLORER_GLUE_DIR", str(tmp_path / "glue"))
    return tmp_path


SPEC = find_task("sst2")
PLAN = Pipeline("own", "sst2", parse_steps("quantize"))


def measured(pipeline=PLAN, **without):
    """Return a record of ``pipeline`` as if it had been measured now, and write it here."""
    data = {"fingerprint": load_task(pipeline.task).fingerprint, "settings": SPEC.settings}
    record = dataclasses.replace(
        a_record("quantize"),
        id=pipeline.key,
        pipeline=pipeline.to_dict(),
        data=data,
        weights=weights_of(pipeline),
    )
    record = dataclasses.replace(record, **without)
    write_record(record, home.runs_folder())
    return record


def change_weights(files):
    path = files / "models" / "own" / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def change_tokenizer(files):
    path = files / "models" / "own" / "tokenizer_config.json"
    path.write_text(path.read_text().replace("true", "false"))


def add_a_tokenizer_file(files):
    (files / "models" / "own" / "merges.txt").write_text("a b\n")


def change_config(files):
    path = files / "models" / "own" / "config.json"
    path.write_text(path.read_text().replace("1e-12", "1e-5"))


def change_a_label(files):
    rows = ROWS | {"label": [1, *ROWS["label"][1:]]}
    pd.DataFrame(rows).to_parquet(files / "glue" / "sst2" / "validation.parquet")


CHANGES = {
    "weights": change_weights,
    "tokenizer files": add_a_tokenizer_file,
    "config.json": change_config,
    "data": change_a_label,
}
every_change = pytest.mark.parametrize("what", CHANGES)


def test_a_run_answers_while_nothing_changed(files):
    record = measured()
    assert run_here(PLAN, home.runs_folder()).record == record


@every_change
def test_whatever_is_exchanged_makes_it_another_run_that_says_why(files, what):
    record = measured()
    CHANGES[what](files)
    answer = run_here(PLAN, home.runs_folder())
    assert answer.record is None and answer.id != record.id and len(answer.id) == 12
    assert f"{record.id} is of the same pipeline with other {what}; this is run" in answer.note


@every_change
def test_the_other_run_is_found_again_and_the_first_when_all_is_as_before(files, what):
    first = measured()
    kept = shutil.copytree(files, files / "before" / "x")
    CHANGES[what](files)
    second = dataclasses.replace(first, weights=weights_of(PLAN))
    second = dataclasses.replace(
        second, data=first.data | {"fingerprint": load_task("sst2").fingerprint}
    )
    id = id_for(second, home.runs_folder())
    second = dataclasses.replace(second, id=id)
    write_record(second, home.runs_folder())
    assert run_here(PLAN, home.runs_folder()).record == second
    for name in ("models", "glue"):
        shutil.rmtree(files / name)
        shutil.copytree(kept / name, files / name)
    assert run_here(PLAN, home.runs_folder()).record == first


@every_change
def test_whatever_is_exchanged_makes_it_another_stage(files, what):
    before = key_here(PLAN, load_task("sst2").fingerprint)
    CHANGES[what](files)
    assert key_here(PLAN, load_task("sst2").fingerprint) != before


def test_a_tokenizer_setting_counts(files):
    record = measured()
    change_tokenizer(files)
    assert run_here(PLAN, home.runs_folder()).id != record.id


def test_another_length_of_the_tasks_texts_makes_it_another_run(files, monkeypatch):
    record = measured()
    monkeypatch.setitem(TASKS, "sst2", dataclasses.replace(SPEC, max_length=9))
    answer = run_here(PLAN, home.runs_folder())
    assert answer.id != record.id and "other settings of the task" in answer.note


def test_an_older_record_answers_by_what_it_names(files):
    older = {name: weights_of(PLAN)[name] for name in ("source", "sha256")}
    record = measured(weights=older)
    change_config(files)
    assert run_here(PLAN, home.runs_folder()).record == record
    change_weights(files)
    assert run_here(PLAN, home.runs_folder()).record is None


def test_what_cannot_be_had_here_contradicts_nothing(files, monkeypatch):
    record = measured()
    monkeypatch.setattr("effexplorer.hub.reachable", lambda: False)
    monkeypatch.delenv("EFFEXPLORER_GLUE_DIR")
    shutil.rmtree(files / "models")
    assert look_up(PLAN, {record.id: record}.get).record == record


def test_a_students_weights_count(files, tiny_model_folder):
    shutil.copytree(tiny_model_folder, files / "models" / "bert-tiny")
    plan = Pipeline("own", "sst2", parse_steps("distill(student=bert-tiny)"))
    measured(plan)
    (files / "models" / "bert-tiny" / "merges.txt").write_text("a b\n")
    answer = run_here(plan, home.runs_folder())
    assert answer.record is None and "other tokenizer files of bert-tiny" in answer.note
