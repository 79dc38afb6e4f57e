"""The operator base class: what every operator declares and promises, and the table of operators.

A module here imports torch inside ``apply`` only, because the app lists and checks operators
without loading torch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, cast

from effexplorer.errors import UserError, shown
from effexplorer.operators.knobs import Knob
from effexplorer.records.events import Report, RunEvent
from effexplorer.training.schedule import planned_sentences

if TYPE_CHECKING:
    from effexplorer.models.slimbert import SlimBertForSequenceClassification
    from effexplorer.tasks.encoded import EncodedTask


@dataclass(frozen=True)
class Outline:
    """What can be known of a model without loading it: enough to judge whether a step is legal.

    ``exits`` tells whether layers before the last have classifiers, ``early`` whether there is one
    before any layer too, ``rank`` is that of the word embedding (0 for a plain one), and ``dense``
    tells that no step compressed it. ``trained`` are the passes over the training data of each step
    so far that trained, 0 for those of the dense model; ``pipeline.outlines`` sets both. ``epochs``
    are those of the dense model: 0 where it is taken as it is, None for the task's own number.
    """

    layers: int
    sparsity: float = 0.0
    bits: int = 32
    trainable: bool = True
    exits: bool = False
    early: bool = False
    rank: int = 0
    dense: bool = True
    trained: tuple[float, ...] = ()
    epochs: float | None = None

    def with_layers(self, layers: int) -> Outline:
        """Return the outline with ``layers`` of these; exits before the last stay, if any."""
        exits = self.exits and layers > (0 if self.early else 1)
        sparsity = self.sparsity if layers else 0.0
        return dataclasses.replace(
            self, layers=layers, exits=exits, early=self.early and exits, sparsity=sparsity
        )


def _not_given(*_: Any) -> NoReturn:
    raise LookupError("this context was made without what the step asks it for")


@dataclass(frozen=True)
class Context:
    """What an operator works with: the data, a seed of its own, and the way to tell and to stop.

    ``epochs`` are those of the dense model, which a step without epochs of its own takes too, and
    ``trained`` those of the steps before, as in ``Outline``.
    ``tokenizer`` is the one that made ``task``, ``encode`` makes the same task with another, and
    ``pretrained`` loads the model as it was before any training, with a new classifier.
    """

    task: EncodedTask
    seed: int
    epochs: float
    learning_rate: float
    report: Report = lambda event: None
    cancelled: Callable[[], bool] = lambda: False
    tokenizer: Any = None
    encode: Callable[[Any], EncodedTask] = _not_given
    pretrained: Callable[[], SlimBertForSequenceClassification] = _not_given
    trained: tuple[float, ...] = ()

    def part(self, before: int, total: int, detail: str = "") -> Context:
        """Return the context of one training of several in a step.

        Its progress counts on from ``before`` of the step's ``total`` sentences; ``detail`` says
        in words what is trained.
        """

        def report(event: RunEvent) -> None:
            if event["kind"] == "progress":
                event = {**event, "done": before + event["done"], "total": total, "detail": detail}
            self.report(event)

        return dataclasses.replace(self, report=report)


@dataclass(frozen=True)
class Operator:
    """One compression step, described by a frozen dataclass of knobs.

    Every operator promises (``tests/operators/test_conformance.py`` holds it to this):

    - constructing one loads nothing, and raises UserError for a knob out of bounds;
    - ``problem`` and ``after`` need only an outline, and agree with what ``apply`` does;
    - ``apply`` leaves no mask or skipped part behind: what is removed is gone from the file;
    - the same model, data and seed give the same result on a CPU;
    - an operator that trains reports progress, and stops between two steps when asked to;
    - the result saves, reopens and answers the same.
    """

    name: ClassVar[str]
    letter: ClassVar[str]
    summary: ClassVar[str]
    source: ClassVar[str]
    compresses: ClassVar[bool] = True  # False for a control: the model after it counts as dense
    epochs = 0.0  # of an operator that has no knob for it: those of the dense model

    def __post_init__(self) -> None:
        for knob in self.knobs():
            checked = knob.checked(self.name, getattr(self, knob.name))
            object.__setattr__(self, knob.name, checked)

    @classmethod
    def knobs(cls) -> tuple[Knob, ...]:
        """Return the knobs in the order in which a form shows them."""
        return tuple(
            Knob(name=field.name, default=cast(Any, field.default), **field.metadata)
            for field in dataclasses.fields(cls)
        )

    @property
    def trains(self) -> bool:
        """Tell whether this step runs the training loop."""
        return True

    @property
    def works_untrained(self) -> bool:
        """Tell whether a step that trains makes sense without its training, too."""
        return False

    def problem(self, before: Outline) -> str | None:
        """Return why this step cannot follow a model like ``before``, in one sentence, or None."""
        if self.trains and not before.trainable:
            return (
                f"{self.name}: a step that trains must stand before quantize(mode=dynamic), whose "
                f"integer weights cannot be trained; got {self.name} after it. "
                "Move it, or use quantize(mode=aware)."
            )
        if self.trains and before.epochs == self.epochs == 0 and not self.works_untrained:
            return (
                f"{self.name}: epochs must be above 0 after a dense model that is taken as it is, "
                "which has no number of epochs to go by; got 0."
            )
        return None

    def caution(self, before: Outline) -> str | None:
        """Return what a person should know before taking this legal step, or None."""

    def data_problem(self, held_out: int) -> str | None:
        """Return why this step cannot work on this data, before anything is trained, or None.

        ``held_out`` are the rows held out of training.
        """
        return None

    def tokenizer_problem(self, kind: str) -> str | None:
        """Return why this step cannot work with a tokenizer of this kind, or None.

        ``kind`` is what the tokenizers library calls it: WordPiece, BPE, Unigram or WordLevel.
        """
        return None

    def after(self, before: Outline) -> Outline:
        """Return the outline of the model that this step leaves.

        ``dense`` and ``trained`` are left as they were: ``pipeline.outlines`` sets them.
        """
        raise NotImplementedError

    def sentences(self, examples: int, epochs: float, before: Outline) -> int:
        """Return the training rows that this step goes through.

        ``examples`` are those of the training data, ``epochs`` those of the dense model.
        """
        if not self.trains:
            return 0
        return planned_sentences(examples, self.epochs or epochs)

    @classmethod
    def page(cls) -> str:
        """Return where the repository explains this operator: equation, cost, when it helps."""
        return f"docs/operators/{cls.name}.md"

    @property
    def models_needed(self) -> tuple[str, ...]:
        """Return the names of models, besides the run's own, whose weights this step starts from.

        The last of them is what later steps work on.
        """
        return ()

    @property
    def retokenizes(self) -> bool:
        """Tell whether the model that this step leaves reads another tokenizer's word pieces."""
        return False

    def new_tokenizer(self, context: Context) -> Any:
        """Return the tokenizer of the model that this step leaves."""
        return context.tokenizer

    def apply(
        self, model: SlimBertForSequenceClassification, context: Context
    ) -> SlimBertForSequenceClassification:
        """Return the compressed model; ``model`` itself may be changed or consumed.

        Raises Cancelled when ``context.cancelled()`` turned true.
        """
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"operator": name, knob: value, ...}``."""
        return {"operator": self.name, **dataclasses.asdict(self)}

    def key_parts(self) -> dict[str, Any]:
        """Return what of ``to_dict`` names this step: without young knobs at their defaults."""
        plain = self.to_dict()
        for knob in self.knobs():
            if knob.young and plain[knob.name] == knob.default:
                del plain[knob.name]
        return plain

    def __str__(self) -> str:
        changed = [
            f"{knob.name}={getattr(self, knob.name)}"
            for knob in self.knobs()
            if getattr(self, knob.name) != knob.default
        ]
        return f"{self.name}({', '.join(changed)})" if changed else self.name


OPERATORS: dict[str, type[Operator]] = {}


def register(cls: type[Operator]) -> type[Operator]:
    """Add an operator to the table; its name and letter must be new."""
    for other in OPERATORS.values():
        if other.name == cls.name or other.letter == cls.letter:
            raise ValueError(f"{cls.__name__}: the name or letter of {other.__name__} is taken")
    OPERATORS[cls.name] = cls
    return cls


def make_operator(name: str, knobs: dict[str, Any]) -> Operator:
    """Return the operator ``name`` (or its letter) with ``knobs`` set.

    Raises UserError for an unknown operator or knob, or a value out of bounds.
    """
    for cls in OPERATORS.values():
        if name in (cls.name, cls.letter):
            break
    else:
        raise UserError(f"steps: an operator must be one of {_names()}; got {shown(name)}.")
    known = [knob.name for knob in cls.knobs()]
    for key in knobs:
        if key not in known:
            allowed = ", ".join(known)
            raise UserError(f"{cls.name}: a knob must be one of {allowed}; got {shown(key)}.")
    return cls(**knobs)


def _names() -> str:
    return ", ".join(OPERATORS)
