"""Slenderize: the least important heads and neurons go, and the word embedding is factorised."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from effexplorer.errors import UserError
from effexplorer.operators.base import Context, Operator, Outline, register
from effexplorer.operators.knobs import epochs_knob, knob
from effexplorer.training.schedule import planned_sentences

if TYPE_CHECKING:
    from torch import Tensor

    from effexplorer.models.slimbert import SlimBertForSequenceClassification
    from effexplorer.tasks.encoded import Batch

LAST = 0.6  # share of the recovery training that the final width gets
SCORED_SOFT = 0.9  # weight of the teacher's soft labels in the loss that scores; the rest the label


@register
@dataclass(frozen=True)
class Slenderize(Operator):
    """Narrower layers and a factorised word embedding, recovered by the wider model's teaching.

    **What it does.** In ``steps`` equal steps the width falls from the present one to the shares
    ``heads`` and ``ffn``. Each step scores the weights of the model as it then is, without dropout,
    over random training batches b::

        I(w)      = |w| sum_b |dL_b/dw|
        I(head)   = sum of I over the head's input columns of the attention output matrix
        I(neuron) = sum of I over its row of the matrix before the activation
                    and its column of the one after it

    keeps the best of every layer, and trains what is left. With exits e and layers n, z and h being
    logits and hidden states of the student, and t and g those of the teacher, the model as it was
    before::

        L   = mean_e L_e + m mean_n MSE(h_n, g_n)
        L_e = s KL(softmax(t_e) || softmax(z_e)) + (1 - s) CE(z_e, y)

    For recovery s is ``soft`` and m is ``hidden``; KL has the gradient of the published cross
    entropy with soft labels, and for regression both are squared errors. For scores s is 0.9 and m
    is 1, so a head that any exit needs scores high. While the student equals its teacher, as in the
    first step without ``rank``, the teacher's terms have no gradient and the label alone decides.

    With ``rank`` k the word embedding E becomes ``(U_k S_k) V_k``, its truncated singular value
    decomposition, before the first step, so that all recovery makes up for it.

    **Source.** COST-EFF (Shen et al. 2022, arXiv 2210.15523) and its code: scores, factorisation,
    both losses, and training between the cuts. Ours: means instead of sums over exits and layers,
    so that ``hidden`` means the same for every depth, and the phases' shares of the epochs.

    **What it costs.** The epochs, with a forward pass of the teacher besides, and at every step one
    pass over 512 rows for the scores.

    **When it helps.** Where speed is wanted too, which pruned zeros do not give, and with exits,
    since all layers stay. The word embedding is half of a small model: set ``rank`` there.
    """

    name: ClassVar[str] = "slenderize"
    letter: ClassVar[str] = "S"
    summary: ClassVar[str] = "Layers keep their most important heads and neurons, step by step."
    source: ClassVar[str] = "Shen et al. 2022, arXiv 2210.15523"

    heads: float = knob(
        0.5, low=0.05, high=1.0, help="Share of each layer's attention heads that stay."
    )
    ffn: float = knob(
        0.5, low=0.01, high=1.0, help="Share of each layer's feed-forward neurons that stay."
    )
    rank: int = knob(
        0,
        low=0,
        high=1000,
        help="Inner width of the word embedding, less than the model's width; 0 leaves it.",
    )
    steps: int = knob(
        4, low=1, high=10, help="Steps in which the model shrinks, with training after each."
    )
    soft: float = knob(
        1.0,
        low=0.0,
        high=1.0,
        help="Weight of the soft labels of the model before; the rest is the label's.",
    )
    hidden: float = knob(
        1.0, low=0.0, high=100.0, help="Weight of the squared difference of hidden states."
    )
    epochs: float = epochs_knob(" in all steps together")

    def problem(self, before: Outline) -> str | None:
        """Return why nothing would get narrower, or None."""
        if not before.layers:
            return "slenderize: layers must be at least 1, to make smaller; got 0."
        if self.heads == self.ffn == 1 and not self.rank:
            return (
                "slenderize: heads or ffn must be below 1, or rank above 0; "
                "got heads=1, ffn=1, rank=0."
            )
        if before.rank and self.rank >= before.rank:
            return (
                f"slenderize: rank must be below the {before.rank} of the model before it, or 0; "
                f"got {self.rank}."
            )
        return super().problem(before)

    def after(self, before: Outline) -> Outline:
        """Return the outline with this rank; zeros of what stays, stay zero."""
        return dataclasses.replace(before, rank=self.rank or before.rank)

    def sentences(self, examples: int, epochs: float, before: Outline) -> int:
        """Return the sentences of all phases of the recovery training."""
        return sum(planned_sentences(examples, phase) for phase in self._phases(epochs))

    def apply(
        self, model: SlimBertForSequenceClassification, context: Context
    ) -> SlimBertForSequenceClassification:
        """Return the narrower model; ``model``, the teacher, stays as it is."""
        from effexplorer.models.shrink import factorise
        from effexplorer.operators.finetune import fine_tune

        model.eval()
        student = teacher = model
        if self.rank:
            self._check_rank(teacher)
            student = factorise(teacher, self.rank)
        examples, phases = len(context.task.train), self._phases(context.epochs)
        planned = [planned_sentences(examples, epochs) for epochs in phases]
        for step, epochs in enumerate(phases):
            part = context.part(
                sum(planned[:step]), sum(planned), f"step {step + 1} of {len(phases)}"
            )
            part = dataclasses.replace(part, seed=context.seed + step)  # other batches each time
            student = self._narrowed(student, teacher, (step + 1) / len(phases), part)

            def loss(batch: Batch, student: SlimBertForSequenceClassification = student) -> Tensor:
                return taught_loss(student, teacher, batch, soft=self.soft, hidden=self.hidden)

            student = fine_tune(student, part, epochs=epochs, loss=loss, teachers=[teacher])
        return student

    def _phases(self, epochs: float) -> list[float]:
        """Return the epochs of each phase: the last has most, the others share the rest."""
        epochs, early = self.epochs or epochs, self.steps - 1
        if not early or self.heads == self.ffn == 1:
            return [epochs]
        return [(1 - LAST) * epochs / early] * early + [LAST * epochs]

    def _narrowed(
        self,
        student: SlimBertForSequenceClassification,
        teacher: SlimBertForSequenceClassification,
        done: float,
        context: Context,
    ) -> SlimBertForSequenceClassification:
        """Return ``student`` with the width of ``done`` (0 to 1) of the way from the teacher's."""
        from effexplorer.models.shrink import keep_width
        from effexplorer.operators.importance import most_important, scored_batches, taylor_scores
        from effexplorer.training.device import on_device
        from effexplorer.training.loop import precision

        if self.heads == self.ffn == 1:
            return student

        def loss(batch: Batch) -> Tensor:
            with precision(device):
                return taught_loss(student, teacher, batch.to(device), soft=SCORED_SOFT, hidden=1.0)

        with on_device(student, teacher) as device:
            scores = taylor_scores(student, scored_batches(context), loss)
        asked = ((teacher.config.heads, self.heads), (teacher.config.ffn, self.ffn))
        kept = [
            [
                most_important(of_layer, width_at(done, width, share))
                for of_layer, width in zip(of_kind, widths, strict=True)
            ]
            for of_kind, (widths, share) in zip(scores, asked, strict=True)
        ]
        return keep_width(student, *kept)

    def _check_rank(self, model: SlimBertForSequenceClassification) -> None:
        words, width = model.config.vocab_size, model.config.embedding_width
        largest = -(-words * width // (words + width)) - 1  # more weights than the table above it
        if self.rank > largest:
            raise UserError(
                f"slenderize: rank must be at most {largest} for {words} words of width {width}, "
                f"to make the table smaller; got {self.rank}."
            )


def width_at(done: float, width: int, share: float) -> int:
    """Return the width at ``done`` (0 to 1) of the way from ``width`` to its ``share``."""
    return max(1, round(width * (1 - done * (1 - share))))


def taught_loss(
    student: SlimBertForSequenceClassification,
    teacher: SlimBertForSequenceClassification,
    batch: Batch,
    *,
    soft: float,
    hidden: float,
) -> Tensor:
    """Return the mean over exits of soft and hard label loss, and that over layers of hidden MSE.

    Every exit learns from the same exit of the teacher, every layer from the same layer.
    """
    import torch
    from torch.nn import functional as F

    from effexplorer.models.slimbert import task_loss
    from effexplorer.operators.distill import soft_label_loss
    from effexplorer.operators.finetune import total

    with torch.no_grad():
        taught = teacher.hidden_states(batch.ids, batch.mask, batch.token_types)
        answers = teacher.exit_logits(taught, batch.mask)
    states = student.hidden_states(batch.ids, batch.mask, batch.token_types)
    logits = student.exit_logits(states, batch.mask)
    labels = total(
        soft * soft_label_loss(mine.float(), other.float(), 1.0)
        + (1 - soft) * task_loss(mine, batch.labels)
        for mine, other in zip(logits, answers, strict=True)
    )
    real = batch.mask.bool()
    apart = total(
        F.mse_loss(mine[real].float(), other[real].float())
        for mine, other in zip(states[1:], taught[1:], strict=True)
    )
    return labels / len(logits) + hidden * apart / len(student.layers)
