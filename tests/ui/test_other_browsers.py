"""A task that one browser brought is in nothing that the app answers another one."""

import asyncio
import json
import sys

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from effexplorer.errors import UserError
from effexplorer.jobs import JobQueue
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.files import write_record
from effexplorer.records.store import open_store
from effexplorer.tasks.own import remove_task
from effexplorer.ui.build import tab as build
from effexplorer.ui.explore.tab import run_with
from effexplorer.ui.find import progress
from effexplorer.ui.page import _linked, make_page
from effexplorer.ui.server.clients import Clients
from effexplorer.ui.server.exports import export_routes
from effexplorer.ui.shared.panel import Panel
from effexplorer.ui.shared.visibility import COOKIE, VisibleStore, asking, everything
from tests.builders import a_record
from tests.exit_runs import save_exit_run
from tests.own_data import own_task

OWNER, OTHER, NOBODY = "a" * 32, "b" * 32, ""
TASK = "secretphones"
PLAN = Pipeline("tiny", TASK, parse_steps("quantize"), train_examples=16)
BUILDER = {"model": "tiny", "task": TASK, "steps": []}
REFUSED = {"exits.model", "exits.browser", "exits.ask", "runs.delete", "orders.queue"}
CHOICE = {"model": "minilm", "task": TASK}


@pytest.fixture
def shared(tmp_path, tiny_model_folder, local_tiny_model):
    """Return a shared app's store, queue and panels, with runs and a job on the owner's task."""
    own_task(tmp_path, TASK, owner=OWNER)
    record = save_exit_run(tiny_model_folder, task=TASK)
    for steps in ("quantize > prune", "prune > quantize"):
        write_record(a_record(steps, task=TASK, rows=40), open_store().folders["here"])
    job_queue = JobQueue(command=(sys.executable, "-c", ""), workers=0)
    job_queue.submit(PLAN, OWNER)
    store = open_store(VisibleStore)

    async def made():
        return make_page(store, job_queue)

    page = asyncio.run(made())
    panels = [block for block in page.blocks.values() if isinstance(block, Panel)]
    yield record, store, job_queue, panels
    job_queue.close()


def calls(record):
    """Return by panel and function what is asked, and whether its owner is told of the task."""
    ids = [record.id, a_record("prune > quantize", task=TASK, rows=40).id]
    search = {"model": "tiny", "task": TASK, "budget": 600, "aim": "score"}
    order = {"choice": CHOICE, "order": ["quantize()"], "seed": 0, "owner": OTHER}
    return {
        "builder.begin": (None, True),
        "builder.judge": (BUILDER, False),
        "builder.look_at_data": (BUILDER, False),
        "builder.reach": (None, True),
        "plane.redraw": ({"task": TASK}, True),
        "plane.written": ({"view": {"task": TASK}, "kind": "csv"}, True),
        "find.begin": (None, True),
        "find.outlook": (search, False),
        "orders.look": (CHOICE | {"operators": ["prune()", "quantize()"]}, True),
        "orders.queue": (order, False),
        "exits.models": (None, True),
        "exits.model": (record.id, True),
        "exits.browser": (record.id, True),
        "exits.ask": ({"model": record.id, "texts": ["a great phone"]}, False),
        "runs.runs": ({"owner": OTHER, "folded": False}, True),
        "runs.compare": (ids, True),
        "runs.written": ("json", True),
        "runs.delete": ({"id": record.id, "owner": OTHER}, False),
    }


def answers(panels):
    """Return every function that a panel's script may call, by its panel and its own name."""
    return {
        f"{panel.script.split('/')[-1]}.{name}": function
        for panel in panels
        for name, function in vars(panel).items()
        if getattr(function, "_is_server_fn", False)
    }


def answered(function, argument, browser):
    """Return as text what ``function`` tells ``browser``."""
    token = asking.set(browser)
    try:
        told = function(argument)
        return json.dumps(asyncio.run(told) if asyncio.iscoroutine(told) else told)
    finally:
        asking.reset(token)


def test_no_panel_tells_another_browser_of_a_task_or_of_runs_on_it(shared):
    record, _, _, panels = shared
    functions, asked = answers(panels), calls(record)
    assert set(functions) == set(asked), "say here what is asked of every function of a panel"
    for browser in (OTHER, NOBODY):
        for name, (argument, _) in asked.items():
            text = answered(functions[name], argument, browser)
            told = text.replace(f"got {TASK}", "")  # what was asked is repeated in the refusal
            assert TASK not in told, (name, told[:2000])
            assert not any(f'"id": "{one}"' in told for one in (record.id, PLAN.key)), name
            assert '"error"' in told or name not in REFUSED, name
    assert open_store().find(record.id)


def test_the_one_who_brought_it_is_told_everywhere(shared):
    record, _, _, panels = shared
    functions = answers(panels)
    for name, (argument, call) in calls(record).items():
        text = answered(functions[name], argument, OWNER)
        assert '"error"' not in text or name in ("runs.delete",), (name, text[:500])
        assert not call or TASK in text or record.id in text, name


def as_browser(browser, function, *arguments):
    token = asking.set(browser)
    try:
        return function(*arguments)
    finally:
        asking.reset(token)


def test_neither_a_run_nor_a_job_is_opened_started_or_watched_by_another_browser(shared):
    record, store, job_queue, _ = shared

    def watched():
        async def collect():
            return [one async for one in build.watch(store, job_queue, build.Watched(PLAN.key))]

        return asyncio.run(collect())

    assert as_browser(OTHER, watched) == []
    for id in (record.id, PLAN.key):
        _, page, *_ = as_browser(OTHER, _linked, store, job_queue, id)
        assert page["message"].startswith("There is no run")
    with pytest.raises(UserError, match="run: must be one of the finished runs"):
        as_browser(OTHER, run_with, store, record.id)
    with pytest.raises(UserError, match=f"task: must be one of (?!.*{TASK}.*got).*; got {TASK}"):
        as_browser(OTHER, build.start, store, job_queue, PLAN.to_dict(), OTHER)
    search = {"model": "tiny", "task": TASK, "budget": 600, "aim": "score"}
    with pytest.raises(UserError, match="task: must be one of"):
        as_browser(OTHER, progress.start, job_queue, store, search, OTHER)
    assert as_browser(OWNER, _linked, store, job_queue, PLAN.key)[0] == PLAN.key


def test_a_model_of_a_hidden_run_is_not_exported(shared):
    record, store, _, _ = shared
    middleware = [Middleware(Clients, local=False)]
    client = TestClient(Starlette(routes=export_routes(store), middleware=middleware))
    for path in (f"/export/{record.id}/hf.zip", f"/export/{record.id}/hf"):
        refused = client.get(path, headers={"cookie": f"{COOKIE}={OTHER}"})
        assert refused.json()["error"].startswith("run: must be one of the finished runs")
    assert client.get(path, headers={"cookie": f"{COOKIE}={OWNER}"}).status_code == 200


def test_runs_on_a_task_that_is_gone_are_nobody_s_but_the_machine_s(shared):
    record, store, _, _ = shared
    remove_task(TASK)
    assert as_browser(OTHER, store.find, record.id) is None
    with everything():
        assert store.find(record.id)
