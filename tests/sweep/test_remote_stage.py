"""A requested stage on a machine that has neither weights nor data nor earlier stages."""

import dataclasses
import os
import tempfile
from pathlib import Path

import pytest

from effexplorer import home, limits, runner
from effexplorer.errors import UserError
from effexplorer.models.catalog import find_model
from effexplorer.models.source import files, locate
from effexplorer.records.answers import answers, write_answers
from effexplorer.records.files import read_record, write_record
from effexplorer.records.schema import ANSWERS
from effexplorer.runner.file_bundle import pack
from effexplorer.runner.stage_cache import StageCache, key_here
from effexplorer.sweep.remote_stage import StageRequest, make_requested_stage, save_result
from effexplorer.tasks.data import load_task
from tests.builders import a_record, some_answers
from tests.own_data import own_task


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Measure coarsely, and leave the test process's memory allocator alone."""
    monkeypatch.setattr("effexplorer.runner.stage_loop.keep_large_blocks", lambda: False)
    monkeypatch.setattr(limits, "LATENCY_SENTENCES", 5)
    monkeypatch.setattr(limits, "BOOTSTRAP_RESAMPLES", 10)


@pytest.fixture
def scratch(tmp_path, monkeypatch) -> Path:
    """Let temporary folders stand here."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def sent(tiny_grid):
    """Give the data, the weights and the pipeline ``exit``, as they travel."""
    (pipeline,) = tiny_grid([{"steps": "exit"}]).pipelines
    data = load_task("reviews", train_examples=pipeline.train_examples)
    weights = {"tiny": pack(files(locate(find_model("tiny"))))}
    return pipeline, data, weights


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """Give a function that makes this process one of a machine without models, and then undoes it.

    The data that a worker would read cannot be had there either.
    """

    def go(*arguments, tell=lambda event: None):
        with monkeypatch.context() as patch:
            patch.setenv("EFFEXPLORER_HOME", str(tmp_path / "nowhere"))
            patch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path / "nothing"))
            patch.setattr("effexplorer.tasks.data.read_reviews", None)
            return make_requested_stage(*arguments, tell=tell)

    return go


def test_what_is_made_elsewhere_is_what_is_made_here(sent, elsewhere, scratch, tmp_path):
    pipeline, data, weights = sent
    made = elsewhere(StageRequest(pipeline.to_dict(), wanted=True), data, {}, weights)
    assert made.key == key_here(pipeline, data.fingerprint)
    assert [path.name.partition("-quiet")[0] for path in scratch.iterdir()] == ["effexplorer"]
    assert not (tmp_path / "nowhere").exists()

    save_result(made.run, tmp_path / "brought", commit="abc")
    cache = StageCache(tmp_path / "stages")
    cache.keep_files(made.key, made.stage)
    here = runner.run(pipeline, runs_folder=tmp_path / "here")
    brought = read_record(tmp_path / "brought" / f"{pipeline.key}.json")
    assert brought.commit == "abc"
    assert brought.data == here.data and brought.weights == here.weights
    assert [stage.metrics for stage in brought.stages] == [stage.metrics for stage in here.stages]
    names = [sorted(one.name for one in (tmp_path / at).iterdir()) for at in ("brought", "here")]
    assert names[0] == names[1] and len(names[0]) == 3
    said = [answers(here, 0, tmp_path / at).values.tolist() for at in ("brought", "here")]
    assert said[0] == said[1]
    there = StageCache(home.stages_folder()).folder / made.key / "model.safetensors"
    assert made.stage["model.safetensors"] == there.read_bytes()
    assert cache.find(made.key).model() is not None


def test_a_request_starts_from_the_stage_that_is_sent_along(sent, elsewhere, scratch):
    pipeline, data, weights = sent
    runner.advance(pipeline.prefix(0))
    key = key_here(pipeline.prefix(0), data.fingerprint)
    base = pack((home.stages_folder() / key).iterdir())
    told = []
    request = StageRequest(pipeline.to_dict(), wanted=False, base=key)
    made = elsewhere(request, data, base, weights, tell=told.append)
    assert [one["index"] for one in told if one["kind"] == "stage"] == [1]
    assert made.run == {} and made.key != key and made.stage


def test_a_stage_that_is_sent_along_whole_is_not_sent_back(sent, elsewhere, scratch):
    pipeline, data, weights = sent
    runner.advance(pipeline)
    key = key_here(pipeline, data.fingerprint)
    base = pack((home.stages_folder() / key).iterdir())
    made = elsewhere(StageRequest(pipeline.to_dict(), True, key), data, base, weights)
    assert made.stage is None and set(made.run) == {
        f"{pipeline.key}.json",
        f"{pipeline.key}.exits.npz",
        f"{pipeline.key}.answers.npz",
    }


def test_a_task_of_ones_own_travels_with_its_data(sent, elsewhere, scratch, tmp_path):
    task = own_task(tmp_path).spec.name
    pipeline = dataclasses.replace(sent[0], task=task, train_examples=None)
    data = load_task(task)
    made = elsewhere(StageRequest(pipeline.to_dict(), wanted=True), data, {}, sent[2])
    save_result(made.run, tmp_path / "brought")
    record = read_record(tmp_path / "brought" / f"{pipeline.key}.json")
    assert record.data["fingerprint"] == data.fingerprint


def test_other_weights_than_the_catalogs_are_refused_there_too(sent, elsewhere, scratch):
    pipeline, data, weights = sent
    named = dataclasses.replace(pipeline, model="minilm")
    with pytest.raises(UserError, match=r"minilm: model.safetensors must have the sha256"):
        elsewhere(StageRequest(named.to_dict(), False), data, {}, {"minilm": weights["tiny"]})
    assert not list(scratch.glob("effexplorer-*/models"))


def test_a_record_that_cannot_be_read_is_not_brought_home(tmp_path):
    with pytest.raises(UserError, match="not a run's record"):
        save_result({"x.json": b"{"}, tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_what_stands_beside_a_record_is_kept_when_another_is_brought_home(tmp_path):
    record = a_record("prune")
    path = write_record(record, tmp_path)
    beside = path.with_name(f"{record.id}{ANSWERS}")
    beside.write_bytes(b"as they were")
    write_answers(some_answers(2), tmp_path / "made" / beside.name)
    write_record(record, tmp_path / "made")
    save_result(pack((tmp_path / "made").iterdir()), tmp_path)
    assert beside.read_bytes() == b"as they were"


def test_the_environment_of_this_test_is_its_own():
    assert "effexplorer-" not in os.environ["EFFEXPLORER_HOME"]
