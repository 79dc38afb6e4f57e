"""The Early exit tab: typed text goes through a model, and a slider decides where it leaves.

The browser gets a model's exit table once and every exit's answer to a text in one request; what
follows the slider is computed there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from effexplorer import home, limits, web
from effexplorer.errors import UserError, shown
from effexplorer.inference.saved_models import SavedModel, saved_models
from effexplorer.inference.service import Ask, ExitService, current_client
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.store import Store
from effexplorer.ui.exits.examples import EXAMPLES
from effexplorer.ui.exits.messages import ModelState
from effexplorer.ui.exits.model_choice import OfferList, choice, described
from effexplorer.ui.shared.errors import return_errors
from effexplorer.ui.shared.panel import Panel

WEB = Path(web.__path__[0])


class ExitsPanel(Panel):
    """The tab. Its script calls ``models``, ``model(name)``, ``browser(name)``, ``ask(question)``.

    It tells ``build_exits`` where there is no model to try, and ``build_run`` where that of a run
    is not kept.
    """

    script = "exits/exits"
    parts = (
        "shared/form",
        "exits/math",
        "shared/axes",
        "shared/terms",
        "exits/charts",
        "exits/path_table",
        "exits/state",
        "exits/dial",
        "exits/figures",
        "exits/labelled_list",
        "exits/texts",
        "exits/browser_engine",
        "exits/answers",
        "exits/words",
        "exits/beside",
    )


def make_exits(store: Store, load: Callable[[str], Ask] | None = None) -> ExitsPanel:
    """Draw the tab into the Blocks at hand and return its panel; ``load`` opens a model."""
    service, offered = ExitService(load or open_model), OfferList(store)
    gr.set_static_paths([WEB, home.web_folder()])

    @return_errors
    def models(_: Any = None) -> dict[str, Any]:
        listed = [choice(offer) for offer in offered.all()]
        return {"models": listed, "most_lines": limits.MAX_LINES, "server": True}

    @return_errors
    def model(name: Any) -> ModelState:
        return described(offered.find(name))

    @return_errors
    def browser(name: Any) -> dict[str, Any]:
        return browser_addresses(offered.find(name).name)

    @return_errors
    async def ask(question: Any) -> dict[str, Any]:
        name, texts = read_question(question)
        name = (await asyncio.to_thread(offered.find, name)).name
        return {"rows": await service.answer(name, texts, current_client.get())}

    return ExitsPanel(server=(models, model, browser, ask), elem_id="exits")


def suggested() -> dict[str, Any]:
    """Return the pipeline that makes a model with exits on any machine, in some minutes."""
    return Pipeline("minilm", "reviews", parse_steps("exit > quantize")).to_dict()


def read_question(data: Any) -> tuple[str, list[Any]]:
    """Return the model's name and the texts that a browser asks about; raises UserError.

    Each text is a string or a pair of them, which the model checks; no text at all opens the model.
    """
    if not isinstance(data, dict) or not isinstance(data.get("model"), str):
        raise UserError(f"question: must name a model and its texts; got {shown(data)}.")
    texts = data.get("texts")
    if not isinstance(texts, list) or len(texts) > limits.MAX_LINES:
        got = len(texts) if isinstance(texts, list) else shown(texts)
        raise UserError(f"text: must be at most {limits.MAX_LINES} lines; got {got}.")
    return data["model"], [tuple(text) if isinstance(text, list) else text for text in texts]


def open_model(name: str) -> Ask:
    """Return the saved model with this name, never a folder; raises UserError."""
    from effexplorer.inference.model import load_exits

    return load_exits(_kept(name).name)


def browser_addresses(name: str) -> dict[str, str]:
    """Return where a browser finds the worker's script and the files of the model ``name``.

    The files are made when they are first asked for. Raises UserError when the model is not kept.
    """
    from effexplorer.web.model_files import browser_files

    saved = _kept(name)
    examples = [example.texts for example in EXAMPLES.get(saved.task, ())]
    folder = browser_files(saved, examples)
    return {
        "worker": f"gradio_api/file={WEB / 'exit_worker.js'}",
        "model": f"gradio_api/file={folder}/",
    }


def _kept(name: str) -> SavedModel:
    for saved in saved_models():
        if saved.name == name:
            return saved
    raise UserError(
        f"model: must be one that is kept here; got {shown(name)}, which is not. "
        "Run its pipeline again in Build, and it will be."
    )
