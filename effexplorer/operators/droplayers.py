"""Drop layers: whole layers go, chosen by a search or by their place, and the rest is trained."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.operators.base import Context, Operator, Outline, register
from effexplorer.operators.knobs import epochs_knob, knob
from effexplorer.operators.layer_rules import (
    POSITIONS,
    SHORT,
    exhaustive,
    greedy,
    half,
    in_words,
    part_epochs,
    remaining,
    short_trainings,
    whole_trainings,
)
from effexplorer.training.schedule import planned_sentences
from effexplorer.units import percent

if TYPE_CHECKING:
    from effexplorer.models.slimbert import SlimBertForSequenceClassification
    from effexplorer.operators.layer_search import Candidates


@register
@dataclass(frozen=True)
class DropLayers(Operator):
    """Whole layers go, the ones that the task misses least, and the rest is fine-tuned.

    **What it does.** ``greedy`` takes n of L layers one after the other. At each removal every
    layer left is a candidate: the model without it, and without those removed before, is
    fine-tuned and scored; the best candidate's layer goes, of equals the highest. Scores are the
    task's own, of the last exit, on rows held out of training; validation is never looked at.

    ``search=full`` fine-tunes every candidate wholly, each from the same start without its layers:
    the model so far, or with ``start=pretrained`` the pre-trained weights. The final model is the
    best candidate of the last removal: training it again would repeat it.

    ``search=short`` starts from the model so far, which has learned the task, so that a little
    training tells which loss it recovers from: a 30th of a fine-tuning for each candidate, then a
    15th for the better half. Later removals go on from the best candidate of the one before. A
    whole fine-tuning ends it, of that candidate, or with ``start=pretrained`` of the pre-trained
    weights without the same layers.

    ``exhaustive`` fine-tunes every combination of n layers wholly. The other rules look at places
    alone: ``top`` drops the last layers, ``bottom`` the first, ``alternate`` every second one from
    the last down, ``symmetric`` those in the middle.

    **Source.** Greedy layer pruning (Peer et al. 2022, arXiv 2105.14839), as published with
    ``search=full, start=pretrained``. The rules by place: Sajjad et al. 2020, arXiv 2004.03844.
    The short search is ours, after successive halving (Jamieson and Talwalkar 2016, 1502.07943).

    **What it costs**, in whole fine-tunings, each shorter than the dense model's by its layers:
    ``full`` nL - n(n-1)/2, so 15 for 3 of 6; ``exhaustive`` L over n; ``short`` 1 and, for each
    removal from l layers, l/30 + ceil(l/2)/15, together 2.0 for 3 of 6: at most a quarter of
    ``full`` from 6 layers on. The other rules cost 1.

    **When it helps.** Size, arithmetic and time of the encoder fall in the same measure, on any
    machine. Which layers go matters more the more of them go; often those at the top can.
    """

    name: ClassVar[str] = "drop"
    letter: ClassVar[str] = "L"
    summary: ClassVar[str] = "Whole layers go, those that the task misses least."
    source: ClassVar[str] = "Peer et al. 2022, arXiv 2105.14839; Sajjad et al. 2020"

    layers: int = knob(2, low=1, high=23, help="How many layers go.")
    rule: str = knob(
        "greedy",
        choices=("greedy", "exhaustive", *POSITIONS),
        help="greedy, exhaustive: what a search finds. The others: by place, without a search.",
    )
    search: str = knob(
        "short",
        choices=("short", "full"),
        help="How greedy scores a candidate: after little training, or after a whole fine-tuning "
        "as published.",
    )
    start: str = knob(
        "current",
        choices=("current", "pretrained"),
        help="What is fine-tuned without the layers: the model so far, or the pre-trained weights "
        "as published (as the first step only).",
    )
    epochs: float = epochs_knob()

    @property
    def _keeps_a_candidate(self) -> bool:
        """Tell whether the final model is a candidate that was fine-tuned wholly."""
        return self.rule == "exhaustive" or (self.rule == "greedy" and self.search == "full")

    @property
    def works_untrained(self) -> bool:
        """Tell that layers named by their place can go without training."""
        return self.rule in POSITIONS

    def problem(self, before: Outline) -> str | None:
        """Return why these layers cannot go, or cannot be searched for, or None."""
        if self.layers >= before.layers:
            return (
                f"drop: layers must be less than the {before.layers} layers of the model before "
                f"it; got {self.layers}."
            )
        if self.rule == "alternate" and self.layers > half(before.layers):
            return (
                f"drop: layers must be at most {half(before.layers)} with rule=alternate, every "
                f"second of {before.layers}; got {self.layers}."
            )
        trainings = whole_trainings(self.rule, before.layers, self.layers)
        if self.rule == "exhaustive" and trainings > limits.MAX_COMBINATIONS:
            return (
                f"drop: rule=exhaustive must have at most {limits.MAX_COMBINATIONS} combinations, "
                f"since each is fine-tuned; got {trainings}. Use rule=greedy or drop fewer layers."
            )
        if self.start == "pretrained" and not before.dense:
            return (
                "drop: start=pretrained must be the first step, since it begins anew from the "
                "pre-trained weights and loses what earlier steps made smaller; got drop after "
                "another step."
            )
        return super().problem(before)

    def caution(self, before: Outline) -> str | None:
        """Return how much the search trains, or None where there is none."""
        if self.rule in POSITIONS:
            return None
        short = short_trainings(before.layers, self.layers)
        length = f"together as long as {sum(1 / part for part in short):.1f} whole ones"
        if self._keeps_a_candidate:
            whole = whole_trainings(self.rule, before.layers, self.layers)
            return (
                f"drop: the search fine-tunes {whole} candidates wholly; rule=greedy with "
                f"search=short makes {len(short)} short fine-tunings, {length}, and a final one."
            )
        return f"drop: the search makes {len(short)} short fine-tunings, {length}."

    def data_problem(self, held_out: int) -> str | None:
        """Return why there is nothing to decide on, or None."""
        if self.rule in POSITIONS or held_out:
            return None
        return (
            f"drop: rule={self.rule} must have rows held out of the training split to decide "
            "on, which takes 10 rows or more; got none. Use more rows, or rule=top."
        )

    def after(self, before: Outline) -> Outline:
        """Return the outline with fewer layers; a single one has no exit before it."""
        left = before.layers - self.layers
        return before.with_layers(left)

    def sentences(self, examples: int, epochs: float, before: Outline) -> int:
        """Return the training rows of the search and of the final fine-tuning."""
        parts = self._parts(before.layers) + [1] * (not self._keeps_a_candidate)
        return self._planned(parts, examples, epochs)

    def _parts(self, layers: int) -> list[int]:
        """Return the part of a fine-tuning that each training of the search takes."""
        if self.rule in POSITIONS:
            return []
        if self._keeps_a_candidate:
            return [1] * whole_trainings(self.rule, layers, self.layers)
        return short_trainings(layers, self.layers)

    def _planned(self, parts: list[int], examples: int, epochs: float) -> int:
        whole = self.epochs or epochs
        return sum(
            planned_sentences(examples, part_epochs(examples, whole, part)) for part in parts
        )

    def apply(
        self, model: SlimBertForSequenceClassification, context: Context
    ) -> SlimBertForSequenceClassification:
        """Return the model with fewer layers, and tell which went; ``model`` stays as it is.

        Raises UserError when a search has no rows to decide on.
        """
        from effexplorer.models.convert import keep_layers
        from effexplorer.operators.finetune import fine_tune

        problem = self.data_problem(len(context.task.held_out))
        if problem:
            raise UserError(problem)
        start = context.pretrained() if self.start == "pretrained" else model
        if self.rule in POSITIONS:
            removed = POSITIONS[self.rule](len(model.layers), self.layers)
            _tell(context, removed)
        else:
            search = self._searched(start if self._keeps_a_candidate else model, context)
            removed, best = search.best.removed, search.best.model
            context = context.part(search.sentences, search.total, "final fine-tuning")
            if self._keeps_a_candidate:
                return best
            if self.start == "current":
                return fine_tune(best, context, epochs=self.epochs)
        shorter = keep_layers(start, remaining(len(start.layers), removed))
        return fine_tune(shorter, context, epochs=self.epochs)

    def _searched(self, start: SlimBertForSequenceClassification, context: Context) -> Candidates:
        """Return the candidates after the search, and tell which is the best."""
        from effexplorer.operators.layer_search import Candidates

        layers, examples = len(start.layers), len(context.task.train)
        candidates = Candidates(
            start,
            context,
            epochs=self.epochs or context.epochs,
            parts=self._parts(layers),
            total=self.sentences(examples, context.epochs, Outline(layers)),
            carry=not self._keeps_a_candidate,
        )
        if self.rule == "exhaustive":
            exhaustive(layers, self.layers, partial(candidates.score, 1))
        else:
            rungs = (1,) if self._keeps_a_candidate else SHORT
            greedy(layers, self.layers, *(partial(candidates.score, part) for part in rungs))
        best, order = candidates.best, ", in this order" * (self.rule == "greedy")
        metric = context.task.spec.metrics[0].replace("_", " ")
        when = "" if self._keeps_a_candidate else " before the final fine-tuning"
        _tell(context, best.removed, f"{order} (held-out {metric} {percent(best.score)}{when})")
        return candidates


def _tell(context: Context, removed: tuple[int, ...], how: str = "") -> None:
    context.report({"kind": "note", "text": f"drop: {in_words(removed)} dropped{how}."})
