"""A pipeline: a model, a task and operators in an order, described without loading anything."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError, shown
from effexplorer.models.catalog import catalog_name, find_model
from effexplorer.models.labels import as_it_is_problem
from effexplorer.operators import Operator, Outline, make_operator
from effexplorer.operators.knobs import Knob
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.spec import TASKS, TaskSpec

_STEP = re.compile(r"\s*([A-Za-z_]+)\s*(?:\(([^()]*)\))?\s*")
_EPOCHS = Knob("epochs", "float", 3.0, "Passes of the dense model.", 0.0, limits.MAX_EPOCHS)
_SEED = Knob("seed", "int", 0, "Repeats a run exactly.", 0, limits.MAX_SEED)
_EXAMPLES = Knob(
    "train_examples", "int", 1_000, "Training rows.", limits.MIN_TRAIN_EXAMPLES, 10_000_000
)
_LENGTH = Knob(
    "max_length",
    "int",
    128,
    "Word pieces at which a text is cut.",
    limits.MIN_TASK_LENGTH,
    limits.MAX_TASK_LENGTH,
)


@dataclass(frozen=True)
class Pipeline:
    """What a run does: fine-tune ``model`` on ``task``, then apply ``steps`` in their order.

    ``train_examples`` of None takes the whole training split. ``epochs`` are those of the dense
    model, stage 0; None takes the task's own number, and 0 the checkpoint as it is, with its own
    classifier and no training. ``max_length`` is the number of word pieces at which texts are cut;
    None takes the task's own, and so does naming that. Raises UserError for a seed, a number of
    examples, of epochs or of word pieces out of bounds; all else is told by ``problems``.
    """

    model: str
    task: str
    steps: tuple[Operator, ...] = ()
    seed: int = 0
    train_examples: int | None = None
    epochs: float | None = None
    max_length: int | None = None

    def __post_init__(self) -> None:
        for knob in (_SEED, _EXAMPLES, _EPOCHS, _LENGTH):
            value = getattr(self, knob.name)
            if value is not None:
                object.__setattr__(self, knob.name, knob.checked("run", value))
        object.__setattr__(self, "steps", tuple(self.steps))
        object.__setattr__(self, "model", catalog_name(self.model))
        if self.max_length is not None:
            with suppress(UserError):  # an unknown task, which ``problems`` tells
                if self.max_length == find_task(self.task).max_length:
                    object.__setattr__(self, "max_length", None)

    def problems(self) -> list[str]:
        """Return every reason why this pipeline cannot run, a sentence each; empty if it can."""
        refused = []
        for find, name in ((find_model, self.model), (find_task, self.task)):
            try:
                find(name)
            except UserError as error:
                refused.append(str(error))
        if len(self.steps) > limits.MAX_STEPS:
            refused.append(
                f"steps: must be at most {limits.MAX_STEPS}; got {len(self.steps)} operators."
            )
        if not refused and self.train_examples and (rows := self.spec.train_rows):
            refused += filter(None, [self.spec.rows_problem(self.train_examples, rows)])
        if not refused and self.epochs == 0:
            refused += filter(None, [self._as_it_is_problem()])
        if refused:
            return refused
        return [problem for problem in step_problems(self.steps, self.outline) if problem]

    def cautions(self) -> list[str]:
        """Return what a person should know before this pipeline runs, a sentence each.

        Raises UserError for an unknown model.
        """
        return [caution for caution in step_cautions(self.steps, self.outline) if caution]

    @property
    def spec(self) -> TaskSpec:
        """Return the task as this pipeline reads it; raises UserError for an unknown one."""
        spec = find_task(self.task)
        length = self.max_length or spec.max_length
        return dataclasses.replace(spec, max_length=length)

    @property
    def models(self) -> tuple[str, ...]:
        """Return the models whose weights a run starts from; the last is in use at its end.

        The run's own comes first; a student that is another model follows it.
        """
        return (self.model, *(name for step in self.steps for name in step.models_needed))

    @property
    def outline(self) -> Outline:
        """Return the outline of the dense model; raises UserError for an unknown one."""
        return Outline(layers=find_model(self.model).layers, epochs=self.epochs)

    @property
    def trained(self) -> tuple[float, ...]:
        """Return the epochs of each step that trains; 0 stands for those of the dense model."""
        return tuple(step.epochs for step in self.steps if step.trains)

    def prefix(self, steps: int) -> Pipeline:
        """Return the pipeline of the first ``steps`` steps."""
        return dataclasses.replace(self, steps=self.steps[:steps])

    @property
    def key(self) -> str:
        """Return 12 hexadecimal digits that name this pipeline; equal pipelines have equal keys."""
        steps = [step.key_parts() for step in self.steps]
        plain = self.to_dict() | {"steps": steps} | self.decided
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def letters(self) -> str:
        """Return the operators' letters in order, ``"D>P>Q"``, or ``"dense"``."""
        return ">".join(step.letter for step in self.steps) or "dense"

    def to_dict(self) -> dict[str, Any]:
        """Return this pipeline as plain JSON values."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        if self.max_length is None:  # as in records from before it could be chosen
            del plain["max_length"]
        return plain | {"steps": [step.to_dict() for step in self.steps]}

    @classmethod
    def from_dict(cls, data: Any) -> Pipeline:
        """Return the pipeline that ``to_dict`` described; raises UserError for anything else."""
        if not isinstance(data, dict) or not set(data) <= {*_PLAIN, "steps"}:
            raise UserError(f"pipeline: must be a pipeline's description; got {shown(data)}.")
        plain = {name: data[name] for name in _PLAIN if name in data}
        for name in ("model", "task"):
            if not isinstance(plain.get(name), str):
                raise UserError(f"{name}: must be a name; got {shown(plain.get(name))}.")
        return cls(**plain, steps=read_steps(data.get("steps", [])))

    def _as_it_is_problem(self) -> str | None:
        model, task = find_model(self.model), find_task(self.task)
        if model.several_labels:
            return (
                "epochs: 0 takes a model as it is, which must give every text one label; "
                f"got {self.model}, which may give several."
            )
        return as_it_is_problem(self.model, model.labels, task.labels)

    @property
    def decided(self) -> dict[str, Any]:
        """Return what the task decides for this pipeline, as far as it once decided otherwise."""
        spec = TASKS.get(self.task)
        return spec.decided(self.train_examples, self.epochs) if spec else {}

    def __str__(self) -> str:
        return " > ".join(str(step) for step in self.steps)


_PLAIN = ("model", "task", "seed", "train_examples", "epochs", "max_length")


def outlines(
    steps: tuple[Operator, ...], outline: Outline
) -> Iterator[tuple[Operator, Outline, Outline]]:
    """Yield each step with the outlines of the model before it and after it.

    ``outline`` is that of the model before the first step. What follows a step that cannot stand
    where it does is outlined as if that step had worked. A step that compresses ends what is dense.
    """
    for step in steps:
        epochs = (step.epochs,) if step.trains else ()
        after = dataclasses.replace(
            step.after(outline),
            dense=outline.dense and not step.compresses,
            trained=outline.trained + epochs,
        )
        yield step, outline, after
        outline = after


def step_problems(steps: tuple[Operator, ...], outline: Outline) -> list[str | None]:
    """Return for each step why it cannot stand where it does, or None; see ``outlines``."""
    return [step.problem(before) for step, before, _ in outlines(steps, outline)]


def step_cautions(steps: tuple[Operator, ...], outline: Outline) -> list[str | None]:
    """Return for each step what a person should know before taking it, or None."""
    return [
        None if step.problem(before) else step.caution(before)
        for step, before, _ in outlines(steps, outline)
    ]


def read_steps(data: Any) -> tuple[Operator, ...]:
    """Return the operators that a list of their ``to_dict`` describes; raises UserError."""
    if not isinstance(data, list):
        raise UserError(f"steps: must be a list of operators; got {shown(data)}.")
    if len(data) > limits.MAX_STEPS:
        raise UserError(f"steps: must be at most {limits.MAX_STEPS}; got {len(data)} operators.")
    steps = []
    for entry in data:
        if not isinstance(entry, dict) or not isinstance(entry.get("operator"), str):
            raise UserError(f"steps: each must name its operator; got {shown(entry)}.")
        knobs = {str(name): value for name, value in entry.items() if name != "operator"}
        steps.append(make_operator(entry["operator"], knobs))
    return tuple(steps)


def parse_steps(text: str) -> tuple[Operator, ...]:
    """Return the operators of ``"distill(layers=3) > prune(sparsity=0.6) > quantize"``.

    Letters stand for names, and a comma for ``>`` outside parentheses is not accepted. Empty text
    is the dense model. Raises UserError naming the part that cannot be read.
    """
    if len(text) > limits.MAX_PIPELINE_TEXT:
        raise UserError(
            f"steps: must be at most {limits.MAX_PIPELINE_TEXT} characters; got {len(text)}."
        )
    if not text.strip():
        return ()
    steps = []
    for part in text.split(">"):
        match = _STEP.fullmatch(part)
        if not match:
            raise UserError(
                f"steps: must read like prune(sparsity=0.6) > quantize; got {shown(part)}."
            )
        knobs = {}
        for item in filter(None, (item.strip() for item in (match[2] or "").split(","))):
            name, equals, value = (piece.strip() for piece in item.partition("="))
            if not equals or not name or not value:
                raise UserError(f"{match[1]}: a knob must read like name=value; got {shown(item)}.")
            if name in knobs:
                raise UserError(f"{match[1]}: a knob must be set once; got {name} twice.")
            knobs[name] = value
        steps.append(make_operator(match[1], knobs))
    if len(steps) > limits.MAX_STEPS:
        raise UserError(f"steps: must be at most {limits.MAX_STEPS}; got {len(steps)} operators.")
    return tuple(steps)
