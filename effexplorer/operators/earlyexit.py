"""Early exit: a classifier after every layer, so that an easy sentence need not go through all."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from effexplorer.operators.base import Context, Operator, Outline, register
from effexplorer.operators.knobs import epochs_knob, knob
from effexplorer.training.schedule import planned_sentences

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from effexplorer.models.slimbert import SlimBertForSequenceClassification
    from effexplorer.tasks.encoded import Batch


@register
@dataclass(frozen=True)
class EarlyExit(Operator):
    """A classifier after every layer, trained with the layers or after them.

    **What it does.** Every layer but the last gets an exit, ``linear(tanh(pooled))``; each starts
    from the weights of the last classifier. With ``first`` of 0 there is one before any layer too,
    over the mean of the word vectors: it tells for which sentences no transformer is needed. Loss,
    with y the label and z the logits of exits 1..L::

        sum_i w_i l_i / sum_i w_i,   l_L = CE(z_L, y)
        l_i = (1 - soft) CE(z_i, y) + soft KL(softmax(z_T) || softmax(z_i))    for i < L

    T, the teacher, is the last exit itself (self-distillation: Zhang et al. 2019, arXiv 1905.08094;
    Liu et al. 2020, FastBERT, arXiv 2004.02178), or the model as it was before this step, which
    then teaches the last exit too (COST-EFF, Shen et al. 2022, arXiv 2210.15523, section 3.3, with
    ``soft`` of 0.5). ``w_i`` is 1, or i for ``weights=depth``.

    ``joint`` trains all at once. ``alternating`` takes the last exit's loss in every other step and
    all exits' in the rest (BERxiT, Xin et al. 2021, section 3.2). ``two-stage`` leaves layers and
    last classifier as they are and trains the new exits alone (DeeBERT, Xin et al. 2020,
    arXiv 2004.12993, section 3.1): full depth keeps its answers, early exits are weaker.

    With ``catch_up`` the epochs of all earlier steps are added to this step's own, so that exits
    are trained for as long when they come last as when they come first and all later steps train
    them too. In all, a pipeline with exits last is then trained for longer.

    After this and every later step, each exit is calibrated by a temperature (Guo et al. 2017,
    arXiv 1706.04599) on rows held out of training, and a threshold is chosen there.

    **What it costs.** A fine-tuning (``two-stage``: its forward passes), and one linear map an
    exit: (layers - 1) x hidden x labels weights. Nothing gets smaller; sentences leave earlier.

    **When it helps.** Where many inputs are easy, and where one model must serve several budgets.
    """

    name: ClassVar[str] = "exit"
    letter: ClassVar[str] = "E"
    summary: ClassVar[str] = "A classifier after every layer; easy sentences leave early."
    source: ClassVar[str] = "Xin et al. 2022, arXiv 2208.00483; DeeBERT, BERxiT, COST-EFF"

    training: str = knob(
        "joint",
        choices=("joint", "alternating", "two-stage"),
        help="joint: all exits and layers. alternating: every other step the last exit alone. "
        "two-stage: the new exits alone.",
    )
    soft: float = knob(
        0.5, low=0.0, high=1.0, help="Weight of the teacher's soft labels; the rest is the label's."
    )
    teacher: str = knob(
        "last",
        choices=("last", "before"),
        help="Who teaches the exits: the last exit as it learns, or the model before this step.",
    )
    weights: str = knob(
        "equal",
        choices=("equal", "depth"),
        help="How much each exit counts: all the same, or more the deeper it is.",
    )
    catch_up: str = knob(
        "no",
        choices=("no", "yes"),
        young=True,
        help="yes: train also for as long as all steps before, as exits that came first would be.",
    )
    first: int = knob(
        1,
        low=0,
        high=1,
        young=True,
        help="The first layer with an exit; 0 is before any layer, over the mean word vector.",
    )
    epochs: float = epochs_knob()

    def sentences(self, examples: int, epochs: float, before: Outline) -> int:
        """Return the rows that this step goes through, with what it catches up on."""
        return planned_sentences(examples, self.passes(epochs, before.trained))

    def passes(self, epochs: float, trained: tuple[float, ...]) -> float:
        """Return the passes over the training data of this step.

        ``epochs`` are those of the dense model; ``trained`` those of the steps before, 0 standing
        for as many.
        """
        before = trained if self.catch_up == "yes" else ()
        return sum(step or epochs for step in (*before, self.epochs))

    def problem(self, before: Outline) -> str | None:
        """Return why the model cannot get exits, or None."""
        if before.exits:
            return "exit: a model gets its exits once; got a second exit."
        if before.layers < self.first + 1:
            return (
                f"exit: layers must be at least {self.first + 1}, to leave early; "
                f"got {before.layers}."
            )
        return super().problem(before)

    def after(self, before: Outline) -> Outline:
        """Return the outline with exits."""
        return dataclasses.replace(before, exits=True, early=self.first == 0)

    def apply(
        self, model: SlimBertForSequenceClassification, context: Context
    ) -> SlimBertForSequenceClassification:
        """Return a copy of ``model`` with trained exits."""
        from effexplorer.models.convert import add_exits
        from effexplorer.operators.finetune import fine_tune

        teacher = copy.deepcopy(model).eval() if self.teacher == "before" else None
        model = add_exits(model, first=self.first)
        frozen = []
        if self.training == "two-stage":
            heads = {weight for head in model.exits for weight in head.parameters()}
            frozen = [
                parameter
                for parameter in model.parameters()
                if parameter.requires_grad and parameter not in heads
            ]
        for parameter in frozen:
            parameter.requires_grad_(False)
        try:
            loss, teachers = self._loss(model, teacher), [teacher] if teacher else []
            epochs = self.passes(context.epochs, context.trained)
            return fine_tune(model, context, epochs=epochs, loss=loss, teachers=teachers)
        finally:
            for parameter in frozen:
                parameter.requires_grad_(True)

    def _loss(
        self,
        model: SlimBertForSequenceClassification,
        teacher: SlimBertForSequenceClassification | None,
    ) -> Callable[[Batch], Tensor]:
        import torch

        from effexplorer.models.slimbert import task_loss
        from effexplorer.operators.distill import soft_label_loss
        from effexplorer.operators.finetune import total

        exits, step = len(model.config.exit_layers), 0
        weights = [1.0 if self.weights == "equal" else i + 1.0 for i in range(exits)]

        def one_loss(logits: Tensor, batch: Batch, taught: Tensor | None) -> Tensor:
            hard_loss = task_loss(logits, batch.labels)
            if taught is None:
                return hard_loss
            learned = soft_label_loss(logits.float(), taught, 1.0)
            return (1 - self.soft) * hard_loss + self.soft * learned

        def loss(batch: Batch) -> Tensor:
            nonlocal step
            step += 1
            states = model.hidden_states(batch.ids, batch.mask, batch.token_types)
            from_teacher = None
            if teacher is not None:
                with torch.no_grad():
                    from_teacher = teacher(batch.ids, batch.mask, batch.token_types).logits.float()
            if self.training == "alternating" and step % 2:
                return one_loss(model.classify(states[-1], batch.mask), batch, from_teacher)
            logits = model.exit_logits(states, batch.mask)
            taught = logits[-1].detach().float() if teacher is None else from_teacher
            losses = [one_loss(logit, batch, taught) for logit in logits[:-1]]
            losses.append(one_loss(logits[-1], batch, from_teacher))
            weighted = (
                weight * exit_loss for weight, exit_loss in zip(weights, losses, strict=True)
            )
            return total(weighted) / sum(weights)

        return loss
