import dataclasses
import shutil

import pytest

from benchmarks.ship_model import ship
from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.exits.table import write_table
from effexplorer.inference.saved_models import find_exits, models_of, saved_models
from effexplorer.records.files import write_record
from effexplorer.records.schema import EXIT_TABLE_SUFFIX, Exit
from effexplorer.records.store import HERE, SHIPPED, Run
from effexplorer.runner.stage_cache import StageCache, record_keys
from tests.builders import a_record, a_stage, some_answers
from tests.exits.builders import a_table
from tests.inference.builders import made_exits, saved_exits
from tests.tiny_models import tiny_classifier, toy_tokenizer

EXITS = tuple(Exit(layer, 80.0, 1000 * layer, 1.0, 30.0) for layer in (1, 2, 3))
OPERATING = {"score": 80.0, "macs": 2000.0, "layers": 2.0, "threshold": 0.8}


@pytest.fixture(autouse=True)
def shipped(tmp_path, monkeypatch):
    """Give the folder of the shipped models, which is empty."""
    monkeypatch.setattr(home, "precomputed_folder", lambda: tmp_path / "precomputed")
    return tmp_path / "precomputed" / "models"


def a_finished_run(
    *, seed: int = 0, created: str = "2026-01-02T03:04:05+00:00", table=None, runs=None
):
    """Write the record of a run that ends with exits, and keep its last stage."""
    record = dataclasses.replace(
        a_record("quantize", seed=seed, exits=EXITS, operating=OPERATING), created=created
    )
    write_record(record, runs or home.runs_folder())
    *_, key = record_keys(record)
    stages = (a_stage(exits=EXITS),)
    cache = StageCache(home.stages_folder())
    cache.keep(key, made_exits(), toy_tokenizer(), stages, some_answers(), table)
    return record


def test_nothing_is_saved_at_first():
    assert saved_models() == []


def test_shipped_models_come_first_then_runs_the_latest_first(shipped):
    saved_exits(shipped / "films", task="reviews")
    saved_exits(shipped / "copies", task="mrpc")
    old = a_finished_run(seed=1)
    new = a_finished_run(seed=2, created="2026-02-02T03:04:05+00:00")
    assert [(model.name, model.task, model.source) for model in saved_models()] == [
        ("copies", "mrpc", "shipped"),
        ("films", "reviews", "shipped"),
        (new.id, "sst2", "here"),
        (old.id, "sst2", "here"),
    ]
    assert {model.layers for model in saved_models()} == {(1, 2, 3)}


def test_a_run_whose_stage_has_left_the_cache_is_not_there():
    record = a_finished_run()
    shutil.rmtree(home.stages_folder())
    assert saved_models() == []
    with pytest.raises(UserError, match=f"got {record.id}"):
        find_exits(record.id)


def test_a_run_without_exits_is_not_there():
    write_record(a_record("quantize"), home.runs_folder())
    assert saved_models() == []


def test_a_run_of_an_operator_that_is_no_more_is_not_there(shipped):
    record = a_finished_run()
    pipeline = record.pipeline | {"steps": [{"operator": "fly"}]}
    broken = dataclasses.replace(record, id="0" * 12, pipeline=pipeline)
    write_record(broken, home.runs_folder())
    assert [model.name for model in saved_models()] == [record.id]


def test_a_model_is_found_by_its_name_a_runs_id_or_its_folder(shipped, tmp_path):
    saved_exits(shipped / "films")
    saved_exits(tmp_path / "mine")
    record = a_finished_run()
    assert find_exits("films").folder == shipped / "films"
    assert find_exits(record.id).source == "here"
    assert find_exits(tmp_path / "mine").source == "folder"
    assert find_exits(str(tmp_path / "mine")).task == "sst2"


def ship_as(name, record, shipped):
    """Ship a model as that of the run of ``record``, whose stage is not kept any more."""
    model = saved_exits(shipped / name)
    model.config.run = record.id
    model.config.save_pretrained(shipped / name)
    shutil.rmtree(home.stages_folder())


def test_a_shipped_run_s_id_finds_the_shipped_model(shipped):
    record = a_finished_run(runs=shipped.parent / "runs")
    ship_as("films", record, shipped)
    assert find_exits(record.id).name == "films"
    assert models_of([Run(record, SHIPPED)])[record.id].folder == shipped / "films"
    assert [model.name for model in saved_models()] == ["films"]


def test_a_shipped_model_is_not_that_of_a_run_made_here(shipped):
    record = a_finished_run()
    ship_as("films", record, shipped)
    assert not models_of([Run(record, HERE)])
    with pytest.raises(UserError, match=f"got {record.id}"):
        find_exits(record.id)


def test_a_shipped_model_knows_its_run(shipped, tmp_path):
    record = a_finished_run()
    data = record.data | {"held_out_examples": 16}
    point = {"score": 80.0, "layers": 2.0, "macs": 2_000.0, "threshold": 0.7}
    last = dataclasses.replace(record.final, operating=point)
    record = dataclasses.replace(record, data=data, stages=(*record.stages[:-1], last))
    write_table(a_table(), home.runs_folder() / f"{record.id}{EXIT_TABLE_SUFFIX}")
    ship(record, home.runs_folder(), shipped / "films")
    assert find_exits("films").run == record.id
    assert find_exits("films").table().layers.tolist() == [1, 2, 3]


def test_a_model_that_is_not_kept_cannot_be_shipped(shipped):
    record = a_finished_run()
    shutil.rmtree(home.stages_folder())
    with pytest.raises(UserError, match="must be in the stage cache"):
        ship(record, home.runs_folder(), shipped / "films")


def test_the_exit_table_beside_a_model_is_read(shipped):
    saved_exits(shipped / "films")
    write_table(a_table(), shipped / "films" / "exits.npz")
    a_finished_run(table=a_table())
    tables = [model.table() for model in saved_models()]
    assert [table.layers.tolist() for table in tables] == [[1, 2, 3], [1, 2, 3]]


def test_a_model_without_an_exit_table_has_none(shipped):
    saved_exits(shipped / "films")
    assert find_exits("films").table() is None


@pytest.mark.parametrize("name", ["fly", "", "a\x00b", "../models", "x" * 5_000])
def test_a_name_that_is_nowhere_is_refused_with_those_that_are(shipped, name):
    saved_exits(shipped / "films")
    with pytest.raises(UserError, match="must be a folder") as told:
        find_exits(name)
    assert "films" in str(told.value) and len(str(told.value)) < 300


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda folder: (folder / "config.json").unlink(), "No such file or directory"),
        (lambda folder: (folder / "config.json").write_text("{"), "Expecting"),
        (lambda folder: (folder / "config.json").write_text("[]"), "list indices"),
        (lambda folder: (folder / "model.safetensors").unlink(), "no model.safetensors"),
        (lambda folder: saved_exits(folder, task=""), "no task"),
        (lambda folder: tiny_classifier().save_pretrained(folder), "a model without exits"),
    ],
)
def test_a_folder_that_holds_no_multi_exit_model_is_refused_and_not_listed(shipped, change, reason):
    saved_exits(shipped / "films")
    change(shipped / "films")
    assert saved_models() == []
    with pytest.raises(UserError, match=reason):
        find_exits(shipped / "films")


def test_a_file_beside_the_shipped_models_is_no_model(shipped):
    shipped.mkdir(parents=True)
    (shipped / "README.md").write_text("about these models")
    assert saved_models() == []
