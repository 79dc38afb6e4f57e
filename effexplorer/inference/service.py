"""The service that answers typed texts: each model is opened once, and one thread asks them.

One text is asked at a time and alone, so that its time is its own. The texts of one request wait
for each other, which lets those of other people in between. Torch is loaded with the first model.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.libraries import load_libraries

Ask = Callable[..., Any]  # a model: a text, or a pair, and options in; an Answer out


@dataclass
class Client:
    """Who asks: an address, and whether that client has gone without waiting for its answer."""

    address: str
    gone: bool = False


current_client: ContextVar[Client | None] = ContextVar("current_client", default=None)


class ExitService:
    """Answers texts with models that ``load`` opens by name; the latest few stay open."""

    def __init__(self, load: Callable[[str], Ask]) -> None:
        self._load = load
        self._models: OrderedDict[str, Ask] = OrderedDict()
        self._change = threading.Lock()
        self._waiting: Counter[str] = Counter()  # requests by the client's address
        # Threads start with the first task; opening a model does not hold up those who ask another.
        self._opening = ThreadPoolExecutor(1, "exits-opening", initializer=_one_core)
        self._asking = ThreadPoolExecutor(1, "exits-asking", initializer=_one_core)

    async def answer(
        self, name: str, texts: Sequence[Any], client: Client | None = None
    ) -> list[dict[str, Any]]:
        """Return what the model ``name`` says of every text at every exit, in the texts' order.

        A text that cannot be answered has ``{"problem": sentence}``. Without texts the model is
        opened, so that the first text need not wait for that. Nothing more is computed for a
        ``client`` that has gone. Raises UserError when the texts are too long together, when too
        many requests wait, of everybody or of this client, and what opening the model raises.
        """
        client = client or Client("")
        _check_length(texts)
        self._refuse_when_full(client)
        self._waiting[client.address] += 1
        try:
            loop = asyncio.get_running_loop()
            model = await self._opened(name)
            answers = []
            for text in texts:
                if client.gone:
                    break
                answers.append(await loop.run_in_executor(self._asking, every_exit, model, text))
            return answers
        finally:
            self._waiting[client.address] -= 1
            if not self._waiting[client.address]:
                del self._waiting[client.address]

    def _refuse_when_full(self, client: Client) -> None:
        """Raise UserError when too many requests wait, of everybody or of this client."""
        if self._waiting.total() >= limits.MAX_WAITING_TEXTS:
            raise UserError(
                f"text: at most {limits.MAX_WAITING_TEXTS} people can wait for an answer; "
                "try again in a moment."
            )
        if self._waiting[client.address] >= limits.MAX_WAITING_PER_ADDRESS:
            raise UserError(
                f"text: at most {limits.MAX_WAITING_PER_ADDRESS} requests of one address can wait "
                "for an answer; try again in a moment."
            )

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


def _check_length(texts: Sequence[Any]) -> None:
    parts = [part for text in texts for part in (text if isinstance(text, tuple) else (text,))]
    total = sum(len(part) for part in parts if isinstance(part, str))
    if total > limits.MAX_REQUEST_CHARACTERS:
        raise UserError(
            f"text: all lines together must have at most {limits.MAX_REQUEST_CHARACTERS:,} "
            f"characters; got {total:,}."
        )


def _one_core() -> None:
    """Let this thread's arithmetic use one core: the others are for live runs and the page."""
    load_libraries()
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
        "probabilities": [
            [float(f"{share:.7g}") for share in exit] for exit in answer.probabilities
        ],
        "milliseconds": [round(millisecond, 3) for millisecond in answer.milliseconds],
        "macs": [round(count) for count in answer.macs],
        "tokens": answer.tokens,
        "truncated": answer.truncated,
        "unknown": answer.unknown,
    }
