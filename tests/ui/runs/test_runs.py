import json
import statistics

import pytest

from effexplorer import home
from effexplorer.errors import UserError
from effexplorer.jobs import JobQueue
from effexplorer.jobs.events import EVENTS_FILE, append_event
from effexplorer.jobs.request import Request
from effexplorer.pipeline import Pipeline
from effexplorer.records.files import write_record
from effexplorer.records.store import HERE, SHIPPED, Run, Store
from effexplorer.ui.runs.runs import delete_run, folded_rows, runs_state
from tests.builders import a_record

OWNER, OTHER = "0123456789abcdef" * 2, "f" * 32


@pytest.fixture
def job_queue():
    job_queue = JobQueue(command=("false",), workers=0)
    yield job_queue
    job_queue.close()


@pytest.fixture
def store(tmp_path):
    return Store({SHIPPED: tmp_path / "shipped", HERE: home.runs_folder()})


def measured(steps, *, owner=None, ending="done"):
    """Write a record made here, and the folder of the job that ``owner`` asked it of."""
    record = a_record(steps)
    write_record(record, home.runs_folder())
    if owner:
        folder = home.jobs_folder() / record.id
        folder.mkdir(parents=True)
        Request(Pipeline.from_dict(record.pipeline), owner, 0.0).write(folder)
        append_event(folder / EVENTS_FILE, {"kind": ending})
    return record


def rows(store, job_queue, **options):
    return {row["letters"]: row for row in runs_state(store, job_queue, OWNER, **options)["rows"]}


def test_the_table_is_plain_json_without_any_owner(store, job_queue):
    measured("prune", owner=OWNER)
    text = json.dumps(runs_state(store, job_queue, OTHER), allow_nan=False)
    assert OWNER not in text and OTHER not in text


def test_a_row_tells_everything_of_its_run(store, job_queue):
    record = measured("distill > quantize")
    row = rows(store, job_queue)["D>Q"]
    assert row["ids"] == [record.id]
    assert row["score"] == ["88.3 %", "86.3 to 90.3"]
    assert row["costs"] == ["12.5 MB", "17.5 M", "105 M", "2.0 ms"]
    assert [row[name] for name in ("steps", "task", "model", "seed", "examples", "created")] == [
        "distill > quantize",
        "SST-2",
        "minilm",
        "0",
        "20,000",
        "2026-01-02 03:04",
    ]
    assert row["sort"]["bytes"] == record.final.bytes


def test_the_seeds_of_one_pipeline_fold_into_their_mean():
    scores = [80.0, 81.5, 84.0]
    runs = [Run(a_record("prune", seed=s, score=score), HERE) for s, score in enumerate(scores)]
    (row,) = folded_rows(runs)
    assert row["sort"]["score"] == pytest.approx(statistics.mean(scores))
    assert row["score"] == ["81.8 %", f"sd {statistics.stdev(scores):.1f}"]
    assert (row["seed"], row["which"]) == ("3", "3 seeds")
    assert row["ids"] == [run.record.id for run in runs]


@pytest.mark.parametrize(
    "other",
    [
        a_record("prune(sparsity=0.7)", seed=1),
        a_record("prune", model="bert-mini", seed=1),
        a_record("prune", task="rte", seed=1),
    ],
    ids=["knob", "model", "task"],
)
def test_what_differs_in_more_than_its_seed_stays_apart(other):
    found = folded_rows([Run(a_record("prune"), HERE), Run(other, HERE)])
    assert [(row["seed"], row["score"][1]) for row in found] == [("1", "one seed")] * 2


def test_the_browser_that_asked_for_a_run_may_delete_it(store, job_queue):
    kept, gone = measured("quantize", owner=OTHER), measured("prune", owner=OWNER)
    assert not rows(store, job_queue)["P"]["refused"]
    delete_run(store, job_queue, gone.id, OWNER)
    assert [run.record.id for run in store.runs()] == [kept.id]


@pytest.mark.parametrize("owner", [OTHER, None], ids=["another browser's", "the command line's"])
def test_every_other_run_stays_and_the_command_is_named(store, job_queue, owner):
    record = measured("prune", owner=owner)
    with pytest.raises(UserError, match=f"effexplorer delete {record.id}"):
        delete_run(store, job_queue, record.id, OWNER)
    assert rows(store, job_queue)["P"]["refused"] is True
    assert runs_state(store, job_queue, OWNER)["refusal"].endswith("effexplorer delete ID")
    assert store.find(record.id)


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_a_run_that_the_command_line_finished_after_a_job_failed_is_not_the_browsers(
    store, job_queue, ending
):
    record = measured("prune", owner=OWNER, ending=ending)
    assert rows(store, job_queue)["P"]["refused"]
    with pytest.raises(UserError, match="effexplorer delete"):
        delete_run(store, job_queue, record.id, OWNER)


def test_a_shipped_run_stays_and_offers_no_deletion(store, job_queue):
    record = a_record("prune")
    write_record(record, store.folders[SHIPPED])
    assert not rows(store, job_queue)["P"]["refused"]
    with pytest.raises(UserError, match="which is shipped"):
        delete_run(store, job_queue, record.id, OWNER)


def test_a_file_that_cannot_be_read_is_named(store, job_queue):
    measured("prune")
    (home.runs_folder() / "torn.json").write_text("{")
    state = runs_state(store, job_queue, OWNER)
    assert state["problems"][0].startswith("torn.json: ") and len(state["rows"]) == 1
