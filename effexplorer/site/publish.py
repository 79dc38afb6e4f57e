"""Publishing: finished runs and models as a folder of files that any file server shows."""

from __future__ import annotations

import dataclasses
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from effexplorer import __version__, atomic, units, web
from effexplorer.analysis.training_sets import data_of, training_sets
from effexplorer.errors import UserError
from effexplorer.records.schema import COSTS
from effexplorer.site.lessons import fitting_lessons
from effexplorer.site.orders_data import order_sets
from effexplorer.site.page import card, page, panels_script, scripts, style_sheet
from effexplorer.site.plan import Plan
from effexplorer.site.plane_data import figure_data, path_data, set_data, table_data
from effexplorer.ui.exits.examples import EXAMPLES
from effexplorer.ui.exits.messages import ModelChoice
from effexplorer.ui.exits.model_choice import choice, described
from effexplorer.ui.explore.view import View, focused
from effexplorer.ui.lessons.panel import CONTROLS, TABS
from effexplorer.ui.lessons.worksheet import worksheet
from effexplorer.ui.shared.run_page import run_page
from effexplorer.web.model_files import write_browser_files
from effexplorer.web.vendor import PLOTLY

_KEPT_FOR_APP = {"pipeline"}  # controls that a page without a server does not have


def publish(what: Plan, out: Path) -> None:
    """Write the site into the new folder ``out``, as a whole or not at all; raises UserError."""
    if out.exists():
        raise UserError(f"out: must be a new folder; got {out}, which is there.")
    try:
        with atomic.draft(out.parent) as draft:
            draft.mkdir()
            _Site(what, draft).write()
            draft.rename(out)
    except OSError as error:
        raise UserError(
            f"out: must be a folder that can be written; got {out} ({error.strerror})."
        ) from error


class _Site:
    """The files of one site, under way."""

    def __init__(self, what: Plan, folder: Path) -> None:
        self._what, self._folder = what, folder
        self._runs = list(what.runs)

    def write(self) -> None:
        sets = self._planes()
        self._run_pages()
        orders = self._orders()
        models = self._models()
        names = [name for name in TABS if name == "explore"]
        names += ["orders"] if orders else []
        names += ["exits"] if models else []
        fitting = list(fitting_lessons(set(sets), orders, models))
        for number, lesson in enumerate(fitting, 1):
            self._text(f"lessons/{number}/index.html", worksheet(number, lesson))
        site = {
            "task": focused(View(), self._runs).task,
            "tasks": sets,
            "runs": self._places(sets),
            "orders": orders,
            "models": models,
            "header": {"title": self._what.title, "tabs": [TABS[name] for name in names]},
            "lessons": {
                "lessons": fitting,
                "tabs": [[name, TABS[name]] for name in names],
                "controls": [
                    list(control) for control in CONTROLS.items() if control[0] not in _KEPT_FOR_APP
                ],
            },
        }
        self._text("index.html", page(self._what.title, site, names, self._footer()))
        self._text("panels.js", panels_script())
        self._text("site.css", style_sheet())
        for name, text in scripts().items():
            self._text(name, text)
        shutil.copy(PLOTLY, self._folder)
        shutil.copy(PLOTLY.with_name("LICENSE.plotly.js-basic-dist-min"), self._folder)
        self._text("README.md", card(self._what.title, self._footer()))

    def _planes(self) -> dict[str, list[str]]:
        """Write what the plane is drawn from; return each task's training sets, largest first."""
        sets = {}
        for task in sorted({run.record.task for run in self._runs}):
            alike = [run for run in self._runs if run.record.task == task]
            sets[task] = [data.fingerprint for data in training_sets(alike)]
            for at, data in enumerate(sets[task]):
                view = View(task=task, data=data)
                self._json(f"planes/{task}-{at}", set_data(view, self._runs))
                for cost in COSTS:
                    for seeds in (False, True):
                        drawn = figure_data(
                            dataclasses.replace(view, cost=cost, seeds=seeds), self._runs
                        )
                        name = f"planes/{task}-{at}-{cost}{'-seeds' if seeds else ''}"
                        self._json(name, drawn)
                self._json(f"tables/{task}-{at}", table_data(view, self._runs))
        return sets

    def _places(self, sets: dict[str, list[str]]) -> dict[str, list[Any]]:
        """Return by a run's id its task and which of the task's training sets it has."""
        return {
            run.record.id: [run.record.task, sets[run.record.task].index(data_of(run))]
            for run in self._runs
        }

    def _run_pages(self) -> None:
        models = {model.offer.run for model in self._what.models}
        for run in self._runs:
            shown_page = run_page(run, self._runs)
            shown_page["published"], shown_page["answers"] = True, run.record.id in models
            shown_page["export"] = {}  # there is nothing to export it
            self._json(f"runs/{run.record.id}", {"page": shown_page, "path": path_data(run)})

    def _orders(self) -> list[dict[str, Any]]:
        listed = []
        for number, data in enumerate(order_sets(self._runs, self._what.store.folders)):
            self._json(f"orders/{number}", data)
            listed.append({"choice": data["choice"], "file": f"orders/{number}"})
        return listed

    def _models(self) -> list[ModelChoice]:
        listed = []
        for model in self._what.models:
            offer = model.offer
            listed.append(choice(offer))
            self._json(f"exits/{offer.name}", described(offer))
            examples = [example.texts for example in EXAMPLES.get(offer.spec.name, ())]
            write_browser_files(model.saved, self._folder / "models" / offer.name, examples)
        if listed:
            source = Path(web.__path__[0])
            for path in source.glob("*.js"):
                self._copy(path, f"web/{path.name}")
            for path in (source / "vendor").iterdir():
                if path.name.startswith(("ort", "tokenizers", "LICENSE.")):
                    self._copy(path, f"web/vendor/{path.name}")
        return listed

    def _footer(self) -> str:
        count = units.many(len(self._runs), "run")
        today = datetime.now(UTC).date().isoformat()
        return (
            f"Made on {today} by effexplorer {__version__} from {count}. “Measured here” means on "
            "the machine of whoever published this page. Typed texts are computed in your browser "
            "and stay there."
        )

    def _json(self, name: str, content: Any) -> None:
        self._text(f"data/{name}.json", json.dumps(content, allow_nan=False, ensure_ascii=False))

    def _text(self, name: str, text: str) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def _copy(self, source: Path, name: str) -> None:
        (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, self._folder / name)
