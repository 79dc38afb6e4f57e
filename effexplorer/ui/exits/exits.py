"""The Early exit tab: typed text goes through a model, and a slider decides where it leaves.

The browser gets a model's exit table once and every exit's answer to a text in one request; what
follows the slider is computed there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError, shown
from effexplorer.inference.saved_models import saved_models
from effexplorer.inference.service import Ask, ExitService
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.store import Store
from effexplorer.ui.exits.model_choice import choice, described, find_offer, offers
from effexplorer.ui.shared.errors import return_errors
from effexplorer.ui.shared.panel import Panel


class ExitsPanel(Panel):
    """The tab. Its script calls ``models``, ``model(name)`` and ``ask(question)``.

    It tells ``build_exits`` where there is no model to try, and ``build_run`` where that of a run
    is not kept.
    """

    script = "exits/exits"
    parts = ("exits/math", "shared/axes", "exits/charts", "exits/path_table")


def make_exits(store: Store, load: Callable[[str], Ask] | None = None) -> ExitsPanel:
    """Draw the tab into the Blocks at hand and return its panel; ``load`` opens a model."""
    service = ExitService(load or open_model)

    @return_errors
    def models(_: Any = None) -> dict:
        return {"models": [choice(one) for one in offers(store)], "most_lines": limits.MAX_LINES}

    @return_errors
    def model(name: Any) -> dict:
        return described(find_offer(store, name))

    @return_errors
    async def ask(question: Any) -> dict:
        name, texts = read_question(question)
        return {"rows": await service.answer(name, texts)}

    return ExitsPanel(server=(models, model, ask), elem_id="exits")


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
    return data["model"], [tuple(one) if isinstance(one, list) else one for one in texts]


def open_model(name: str) -> Ask:
    """Return the saved model with this name, never a folder; raises UserError."""
    if name not in [one.name for one in saved_models()]:
        raise UserError(
            f"model: must be one that is kept here; got {shown(name)}, which is not. "
            "Run its pipeline again in Build, and it will be."
        )
    from effexplorer.inference.model import load_exits

    return load_exits(name)
