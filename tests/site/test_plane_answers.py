"""The plane of a static site: whatever is asked, its script answers what the app's server does."""

import dataclasses
import itertools
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from effexplorer.analysis.training_sets import data_of
from effexplorer.errors import UserError
from effexplorer.records.schema import COSTS
from effexplorer.records.store import HERE, Run, open_store
from effexplorer.site.plan import Plan
from effexplorer.site.publish import publish
from effexplorer.ui.explore.plane import plane_state
from effexplorer.ui.explore.view import QUESTIONS, read_view

SCRIPT = Path(__file__).parents[1] / "scripts" / "site_answers.js"
NODE = Path(sys.executable).with_name("node")
LIKE_SERVER = ("view", "published", "asked", "legend", "cost", "total", "notices")


@pytest.fixture(scope="module")
def runs():
    """Return runs of three tasks and several models, some measured here, some with exits."""
    shipped = open_store().runs()
    films = [run for run in shipped if run.record.task == "sst2"]
    whole = [run for run in films if "61,013" in run.record.trained_on]
    fewer = [run for run in films if run not in whole]
    pairs = [run for run in shipped if run.record.task in ("rte", "qnli")]
    own = [Run(run.record, HERE) for run in fewer[40:44]]
    return (*whole[::2], *fewer[:20], *own, *pairs)


@pytest.fixture(scope="module")
def site(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("published") / "site"
    publish(Plan(runs, (), "A class", open_store()), folder)
    return folder


def answers(site, views):
    done = subprocess.run(  # noqa: S603 - our own script
        [NODE, SCRIPT, site], input=json.dumps(views), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def plain(value):
    return json.loads(json.dumps(value))


def close(one, other):
    """Tell whether two plain values are equal, numbers within rounding."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(close(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(close, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return one == pytest.approx(other, rel=1e-9, abs=1e-9)
    return one == other


def views(runs, count):
    """Return views that a person might come to, of every cost and question."""
    draw = random.Random(7)  # noqa: S311 - it chooses what is asked
    sets = sorted({(run.record.task, data_of(run)) for run in runs})
    made = []
    for cost, question, _ in itertools.product(COSTS, QUESTIONS, range(count)):
        task, data = draw.choice(sets)
        alike = [run.record for run in runs if run.record.task == task]
        made.append(
            {
                "task": task,
                "data": draw.choice([data, ""]),
                "model": draw.choice(["", draw.choice(alike).model]),
                "operators": draw.sample("DPQELV", draw.choice([0, 0, 1, 2])),
                "match": draw.choice(["all", "only"]),
                "cost": cost,
                "log": draw.random() < 0.4,
                "seeds": draw.random() < 0.4,
                "published": draw.random() < 0.4,
                "question": question,
                "bound": draw.choice([None, 4.5, 80]),
                "counted": draw.choice(["macs", "latency"]),
                "selected": draw.choice(["", draw.choice(alike).id, draw.choice(runs).record.id]),
                "opening": draw.random() < 0.5,
            }
        )
    return made


def test_every_answer_is_the_servers(site, runs):
    asked = views(runs, 6)
    for view, told in zip(asked, answers(site, asked), strict=True):
        server = plain(plane_state(read_view(view), runs))
        for row, same in zip(told["rows"], server["rows"], strict=True):
            assert {name: row[name] for name in same} == same
        told["view"]["opening"] = server["view"]["opening"]
        for name in LIKE_SERVER:
            assert close(told[name], server[name]), (name, view)
        assert told["options"]["models"] == server["options"]["models"]
        assert close(told["figure"]["data"], server["figure"]["data"]), view
        for axis in ("xaxis", "yaxis") if server["rows"] else ():  # else nothing is drawn
            assert close(told["figure"]["layout"][axis], server["figure"]["layout"][axis]), view


def test_a_run_of_another_task_is_followed_when_it_is_opened(site, runs):
    run = next(run for run in runs if run.record.task == "rte")
    view = {**dataclasses.asdict(read_view({})), "task": "sst2", "selected": run.record.id}
    kept, opened = answers(site, [view | {"opening": False}, view | {"opening": True}])
    assert (kept["view"]["task"], kept["view"]["selected"]) == ("sst2", "")
    assert (opened["view"]["task"], opened["view"]["selected"]) == ("rte", run.record.id)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("operators", ["Z"]),
        ("match", "some"),
        ("cost", "weight"),
        ("cost", "constructor"),
        ("question", "worst"),
        ("counted", "bytes"),
    ],
)
def test_what_is_no_choice_is_told_as_the_server_tells_it(site, name, value):
    view = {**dataclasses.asdict(read_view({})), "task": "rte", "operators": [], name: value}
    with pytest.raises(UserError) as server:
        read_view(view)
    (told,) = answers(site, [view])
    subject, rule = str(server.value).split("; got ")[0].split(": ", 1)
    assert told["error"].startswith(f"{subject}: {rule}; got ")


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString", "nothing"])
def test_names_that_nothing_has_are_as_if_none_was_given(site, name):
    usual = {**dataclasses.asdict(read_view({})), "operators": []}
    (plain,) = answers(site, [usual])
    for field in ("task", "data", "model", "selected"):
        (told,) = answers(site, [usual | {field: name}])
        assert told["view"] == plain["view"], field
