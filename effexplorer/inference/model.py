"""A multi-exit model that takes text: found by name, opened, and asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import overload

import numpy as np
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from effexplorer.costs import macs
from effexplorer.errors import UserError
from effexplorer.exits.policies import FULL, Policy, make_policy, policies
from effexplorer.exits.table import softmax
from effexplorer.inference.answer import Answer
from effexplorer.inference.engine import Engine, Passage, TorchEngine, pass_through
from effexplorer.inference.onnx import OnnxEngine
from effexplorer.inference.saved_models import SavedModel, find_exits
from effexplorer.inference.texts import Encoded, Text, as_list, check_text, encode, padded
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.convert import finished
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.spec import TaskSpec

BATCH = 64
OWN = "own"
ENGINES: dict[str, Callable[[SlimBertForSequenceClassification], Engine]] = {
    "onnx": OnnxEngine,  # 0.3 to 0.5 of torch's time for one text, the same for 64 (measured)
    "torch": TorchEngine,
}


class ExitModel:
    """A multi-exit model with its tokenizer and task; several threads may ask it at once.

    ``labels`` are the classes' names (none for regression), ``layers`` those that exits follow,
    ``policies`` the ways to leave that fit the task, and ``threshold`` the model's own, for the
    first of these (None: full depth). ``max_length`` is counted in word pieces.
    """

    def __init__(
        self,
        model: SlimBertForSequenceClassification,
        tokenizer: PreTrainedTokenizerBase,
        spec: TaskSpec,
        *,
        engine: str = "onnx",
    ) -> None:
        if engine not in ENGINES:
            raise UserError(f"engine: must be one of {', '.join(ENGINES)}; got {str(engine)[:40]}.")
        config = model.config
        if not config.exits:
            raise UserError("model: must have exits before its last layer; got none.")
        if config.num_labels != (len(spec.labels) or 1):
            raise UserError(
                f"model: must have {len(spec.labels) or 1} outputs for {spec.name}; "
                f"got {config.num_labels}."
            )
        self.spec = spec
        self.labels = spec.labels
        self.layers = tuple(config.exit_layers)
        self.policies = (*policies(regression=spec.regression), FULL)
        self.threshold = config.threshold
        self.calibrated = bool(config.temperatures)
        self.max_length = longest(spec, tokenizer, config)
        self._temperatures = np.array(config.temperatures or [1.0] * len(self.layers))
        self._engine = ENGINES[engine](finished(model))
        self._tokenizer = tokenizer
        self._lock = threading.Lock()  # a tokenizer's settings are not for two threads

    @overload
    def __call__(
        self,
        texts: Text,
        *,
        policy: str | None = None,
        threshold: float | Sequence[float] | str | None = OWN,
        all_exits: bool = False,
    ) -> Answer: ...

    @overload
    def __call__(
        self,
        texts: list[Text],
        *,
        policy: str | None = None,
        threshold: float | Sequence[float] | str | None = OWN,
        all_exits: bool = False,
    ) -> list[Answer]: ...

    def __call__(
        self,
        texts: Text | list[Text],
        *,
        policy: str | None = None,
        threshold: float | Sequence[float] | str | None = OWN,
        all_exits: bool = False,
    ) -> Answer | list[Answer]:
        """Return the answer to a text, or those to a list of texts, in their order.

        A text is a string, or a tuple of two for a task on pairs. ``policy`` is the model's own
        unless named; ``threshold`` is one number, or one for each exit, or None for full depth, and
        need not be given for the model's own policy. With ``all_exits`` the texts go on to the last
        exit after the one that they would take, and the answer has what every exit says.
        Raises UserError for what cannot be answered.
        """
        given, several = as_list(texts)
        rule = self._policy(policy, threshold)
        checked = [check_text(text, self.spec.text) for text in given]
        coded = self._encode(checked) if checked else []
        answers: dict[int, Answer] = {}
        order = sorted(range(len(coded)), key=lambda index: -len(coded[index].ids))
        for start in range(0, len(order), BATCH):
            indices = order[start : start + BATCH]
            batch = [coded[index] for index in indices]
            answers |= zip(indices, self._answers(batch, rule, all_exits=all_exits), strict=True)
        return [answers[index] for index in range(len(coded))] if several else answers[0]

    def _policy(self, name: str | None, threshold: float | Sequence[float] | str | None) -> Policy:
        own = self.policies[0]
        name = own if name is None else name
        if isinstance(threshold, str) and threshold == OWN:
            if name not in (own, FULL) and name in self.policies:
                raise UserError(f"threshold: must be given for the policy {name}; got none.")
            threshold = self.threshold
        return make_policy(name, threshold, exits=len(self.layers), regression=self.spec.regression)

    def _encode(self, texts: list[Text]) -> list[Encoded]:
        with self._lock:
            return encode(texts, self.spec.text, self._tokenizer, self.max_length)

    def _answers(self, batch: list[Encoded], rule: Policy, *, all_exits: bool) -> list[Answer]:
        arrays = padded(batch, self._tokenizer.pad_token_id)
        passage = pass_through(self._engine, *arrays, rule, self._temperatures, all_exits=all_exits)
        readiness = rule.readiness(passage.logits, self._temperatures)
        return [
            self._answer(row, encoded, passage, readiness, len(self.layers) if all_exits else None)
            for row, encoded in enumerate(batch)
        ]

    def _answer(
        self,
        row: int,
        coded: Encoded,
        passage: Passage,
        readiness: np.ndarray,
        computed: int | None,
    ) -> Answer:
        exit = int(passage.exits[row])
        known = slice(computed or exit + 1)
        logits = passage.logits[row, known]  # (exits computed, outputs)
        if self.spec.regression:
            probabilities, labels = ((),) * len(logits), tuple(logits[:, 0].tolist())
        else:
            likely = softmax(logits / self._temperatures[known, None])
            probabilities = tuple(map(tuple, likely.tolist()))
            labels = tuple(self.labels[best] for best in likely.argmax(1))
        config = self._engine.config
        return Answer(
            text=coded.text,
            label=labels[exit],
            exit=exit,
            layers=self.layers,
            labels=labels,
            probabilities=probabilities,
            readiness=tuple(readiness[row, known].tolist()),
            milliseconds=tuple((1000 * passage.seconds[known]).tolist()),
            macs=tuple(macs(config, config.num_labels, len(coded.ids)).tolist()),
            tokens=len(coded.ids),
            truncated=coded.truncated,
            unknown=coded.unknown,
            calibrated=self.calibrated,
        )


def load_exits(name: str | Path, *, engine: str = "onnx") -> ExitModel:
    """Return the multi-exit model ``name``: a shipped checkpoint, a run's id, or a folder.

    ``engine`` computes the layers: ``onnx`` (ONNX Runtime) or ``torch``. Raises UserError when
    there is no such model, or its files are damaged.
    """
    saved = find_exits(name)
    model, tokenizer = open_saved(saved)
    return ExitModel(model, tokenizer, find_task(saved.task), engine=engine)


def open_saved(
    saved: SavedModel,
) -> tuple[SlimBertForSequenceClassification, PreTrainedTokenizerBase]:
    """Return a saved model and its tokenizer; raises UserError when its files are damaged."""
    try:
        model = SlimBertForSequenceClassification.from_pretrained(saved.folder)
        return model, AutoTokenizer.from_pretrained(saved.folder)
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise UserError(f"{saved.name}: must be a whole model; {reason}.") from error


def longest(spec: TaskSpec, tokenizer: PreTrainedTokenizerBase, config: SlimBertConfig) -> int:
    """Return how many word pieces of a text a model reads for a task."""
    places = config.max_position_embeddings - config.position_offset
    return int(min(config.text_length or spec.max_length, tokenizer.model_max_length, places))
