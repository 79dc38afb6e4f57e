"""Publishing: what is asked for is checked first, and the folder is there whole or not at all."""

import json
import re
from types import SimpleNamespace

import pytest

from effexplorer.cli import main
from effexplorer.errors import UserError
from effexplorer.records.store import open_store
from effexplorer.site import publish as publishing
from effexplorer.site.plan import Plan, plan
from effexplorer.site.publish import publish
from effexplorer.ui.lessons.panel import lessons


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"tasks": ["poems"]}, "task: must be one with runs (cola, mnli, "),
        (
            {"models": ["rte"]},
            "model: must be one with exits that is kept here (sentiment, sst2, mrpc); got rte.",
        ),
        ({"title": ""}, "title: must be a line of at most 100 characters; got nothing."),
        ({"title": "a\nb"}, "title: must be a line of at most 100 characters; got "),
        ({"title": "a" * 101}, "title: must be a line of at most 100 characters; got "),
    ],
)
def test_what_cannot_be_published_is_told_before_any_work(asked, sentence):
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}"):
        plan(open_store(), **asked)


def test_without_runs_there_is_nothing_to_publish(tmp_path):
    empty = SimpleNamespace(runs=list, folders={})
    with pytest.raises(UserError, match=r"runs: must be there to be published; got none yet\."):
        plan(empty)


def test_shipped_models_of_the_tasks_come_along_unless_others_are_named():
    store = open_store()
    names = lambda **asked: [model.offer.name for model in plan(store, **asked).models]  # noqa: E731
    assert names() == ["sentiment", "sst2", "mrpc"]
    assert names(tasks=["sst2", "rte"]) == ["sst2"]
    assert names(tasks=["rte"], models=["sentiment"]) == ["sentiment"]
    assert names(models=[]) == []


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "public"
    assert main(["publish", str(folder), "--task", "rte", "--title", "Ours <b>"]) == 0
    return folder


def site_of(folder):
    page = (folder / "index.html").read_text("utf-8")
    return json.loads(page.partition('id="site">')[2].partition("</script>")[0])


def test_a_site_has_only_what_its_runs_allow(small):
    site = site_of(small)
    runs = {run.record.id for run in open_store().runs() if run.record.task == "rte"}
    assert set(site["runs"]) == runs == {path.stem for path in (small / "data/runs").iterdir()}
    assert site["header"] == {"title": "Ours <b>", "tabs": ["Explore"]}
    assert site["models"] == site["orders"] == site["lessons"]["lessons"] == []
    assert not (small / "models").exists()
    assert "<title>Ours &lt;b&gt;</title>" in (small / "index.html").read_text("utf-8")


def test_its_card_makes_a_static_space(small):
    _, head, _ = (small / "README.md").read_text("utf-8").split("---\n", 2)
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    assert (facts["sdk"], facts["app_file"]) == ("static", "index.html")
    assert json.loads(facts["title"]) == "Ours <b>"


def test_no_file_of_it_names_this_machine(small):
    for path in small.rglob("*.json"):
        assert str(small.parent) not in path.read_text("utf-8")


def test_a_folder_that_is_there_is_left_alone(small, capsys):
    before = (small / "index.html").read_bytes()
    assert main(["publish", str(small), "--task", "rte"]) == 2
    assert capsys.readouterr().err == f"out: must be a new folder; got {small}, which is there.\n"
    assert (small / "index.html").read_bytes() == before


def test_a_site_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing, "page", fail)
    with pytest.raises(UserError, match="must be a folder that can be written"):
        publish(plan(open_store(), tasks=["rte"]), tmp_path / "public")
    assert [path for path in tmp_path.iterdir() if path.name != ".drafts.lock"] == []


def test_only_lessons_of_which_every_step_can_be_shown_come_along(tmp_path):
    store = open_store()
    made = plan(store, tasks=["sst2"], models=[])
    few = tuple(run for run in made.runs if "61,013" in run.record.trained_on)[:40]
    publish(Plan(few, (), "t", store), tmp_path / "public")
    titles = [lesson["title"] for lesson in site_of(tmp_path / "public")["lessons"]["lessons"]]
    assert titles == [lessons()[0]["title"]]
    sheets = sorted(path.name for path in (tmp_path / "public" / "lessons").iterdir())
    assert sheets == ["1"]
