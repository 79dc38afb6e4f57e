"""The service that answers typed texts: each model is opened once, and one thread asks them.

One text is asked at a time and alone, so that its time is its own. The texts of one request wait
for each other, which lets those of other people in between. Torch is loaded with the first model.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError

Ask = Callable[..., Any]  # a model: a text, or a pair, and options in; an Answer out


class ExitService:
    """Answers texts with models that ``load`` opens by name; the latest few stay open."""

    def __init__(self, load: Callable[[str], Ask]) -> None:
        self._load = load
        self._models: OrderedDict[str, Ask] = OrderedDict()
        self._change = threading.Lock()
        self._waiting = 0
        # Threads start with the first task; opening a model does not hold up those who ask another.
        self._opening = ThreadPoolExecutor(1, "exits-opening", initializer=_one_core)
        self._asking = ThreadPoolExecutor(1, "exits-asking", initializer=_one_core)

    async def answer(self, name: str, texts: Sequence[Any]) -> list[dict[str, Any]]:
        """Return what the model ``name`` says of every text at every exit, in the texts' order.

        A text that cannot be answered has ``{"problem": sentence}``. Without texts the model is
        opened, so that the first text need not wait for that. Raises UserError when too
        many people wait, and what opening the model raises.
        """
        if self._waiting >= limits.MAX_WAITING_TEXTS:
            raise UserError(
                f"text: at most {limits.MAX_WAITING_TEXTS} people can wait for an answer; "
                "try again in a moment."
            )
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            model = await self._opened(name)
            return [
                await loop.run_in_executor(self._asking, every_exit, model, one) for one in texts
            ]
        finally:
            self._waiting -= 1

    async def _opened(self, name: str) -> Ask:
        with self._change:
            if name in self._models:
                self._models.move_to_end(name)
                return self._models[name]
        return await asyncio.get_running_loop().run_in_executor(self._opening, self._open, name)

    def _open(self, name: str) -> Ask:
        if name not in self._models:  # several may have asked for it at once
            model = self._load(name)
            with self._change:
                self._models[name] = model
                while len(self._models) > limits.MAX_OPEN_MODELS:
                    self._models.popitem(last=False)
        return self._models[name]


def _one_core() -> None:
    """Let this thread's arithmetic use one core: the others are for live runs and the page."""
    import torch

    torch.set_num_threads(1)


def every_exit(model: Ask, text: Any) -> dict[str, Any]:
    """Return what each exit of ``model`` says of ``text``, or ``{"problem": sentence}``."""
    try:
        answer = model(text, policy="full", all_exits=True)
    except UserError as error:
        return {"problem": str(error)}
    return {
        "answers": list(answer.labels),
        "probabilities": [[float(f"{one:.7g}") for one in exit] for exit in answer.probabilities],
        "milliseconds": [round(one, 3) for one in answer.milliseconds],
        "macs": [round(one) for one in answer.macs],
        "tokens": answer.tokens,
        "truncated": answer.truncated,
        "unknown": answer.unknown,
    }
