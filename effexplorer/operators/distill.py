"""Distill: the current model teaches a student, of fewer layers or another model altogether."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from effexplorer.errors import UserError
from effexplorer.models.catalog import CATALOG, catalog_name, find_model
from effexplorer.operators.base import Context, Operator, Outline, register
from effexplorer.operators.knobs import epochs_knob, knob
from effexplorer.operators.matching import evenly_spaced, matched_exits, same_depth

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from effexplorer.models.slimbert import SlimBertForSequenceClassification
    from effexplorer.operators.teacher import Teacher
    from effexplorer.tasks.encoded import Batch

SELF = "self"


@register
@dataclass(frozen=True)
class Distill(Operator):
    """Knowledge distillation into fewer layers, or into another pre-trained model.

    **What it does.** The model so far is the teacher. The student ``self`` has some of its layers,
    evenly spaced (DistilBERT, Sanh et al. 2019, arXiv 1910.01108); any other student is a model of
    the catalog, of the hub or in a folder, as it was pre-trained, with its own tokenizer and
    learning rate (Movva et al. 2022).
    With y the label, z and t the logits of student and teacher, and h and g their hidden states::

        L = 1/E sum_e [alpha T^2 KL(softmax(t_e/T) || softmax(z_e/T)) + (1 - alpha) CE(z_e, y)]
            + hidden sum_l mean (h_l - g_m(l))^2

    (Hinton et al. 2015, arXiv 1503.02531; the hidden term as in TinyBERT, Jiao et al. 2020, arXiv
    1909.10351). e runs over the student's exits: each learns from the teacher's exit at the layer
    that its own layer was made from (another model: at the same share of the depth), the last from
    the last. m(l) is that layer. The hidden term is left out where the widths differ, or where
    teacher and student cut a text into different tokens.

    **What it costs.** A fine-tuning of the student, with a forward pass of the teacher beside it.
    Another model starts anew: zeros, narrower layers and a smaller vocabulary of earlier steps are
    lost; int8-aware training and exits carry over.

    **When it helps.** Fewer layers take time, size and arithmetic down alike, which pruning and
    quantization do not. Another student reaches sizes that layers alone cannot.
    """

    name: ClassVar[str] = "distill"
    letter: ClassVar[str] = "D"
    summary: ClassVar[str] = "A smaller student learns from the model so far."
    source: ClassVar[str] = "Movva et al. 2022, arXiv 2208.09684; Hinton et al. 2015"

    layers: int = knob(
        3,
        low=0,
        high=24,
        help="Layers of the student; 0 leaves a classifier of the mean word vector. Another model "
        "has its own number.",
    )
    student: str = knob(
        SELF,
        choices=(SELF, *CATALOG),
        models=True,
        help="self: layers of the model so far. Else another pre-trained model; layers is ignored.",
    )
    alpha: float = knob(
        0.7, low=0.0, high=1.0, help="Weight of the teacher's soft labels; the rest is the label's."
    )
    temperature: float = knob(
        2.0,
        low=0.5,
        high=20.0,
        help="Softens both distributions; higher shows more of the teacher.",
    )
    hidden: float = knob(
        1.0, low=0.0, high=100.0, help="Weight of the squared difference of hidden states."
    )
    epochs: float = epochs_knob()

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "student", catalog_name(self.student))

    @property
    def models_needed(self) -> tuple[str, ...]:
        """Return the student's name if it is another model."""
        return () if self.student == SELF else (self.student,)

    @property
    def retokenizes(self) -> bool:
        """Tell whether the student reads with a tokenizer of its own."""
        return self.student != SELF

    def problem(self, before: Outline) -> str | None:
        """Return why no such student can be made, or None."""
        if self.student == SELF and self.layers >= before.layers:
            return (
                f"distill: layers must be less than the {before.layers} layers of the model "
                f"before it; got {self.layers}."
            )
        return self._student_problem() or super().problem(before)

    def _student_problem(self) -> str | None:
        """Return why there is no such other model, as far as its config tells, or None."""
        try:
            if self.student != SELF:
                find_model(self.student)
        except UserError as error:
            return f"distill: student={self.student}: {str(error).removeprefix('model: ')}"
        return None

    def caution(self, before: Outline) -> str | None:
        """Return what another student leaves behind, or None."""
        if self.student == SELF or before.dense:
            return None
        return (
            f"distill: {self.student} starts from its own weights, so what earlier steps made "
            "smaller (pruned weights, narrower or fewer layers, trimmed vocabulary) is lost; "
            "put distill first to keep it."
        )

    def after(self, before: Outline) -> Outline:
        """Return the outline of the student: zeros and exits of the teacher's layers stay.

        Another model has neither zeros nor a factorised embedding, but as many bits and exits.
        """
        if self.student == SELF:
            return before.with_layers(self.layers)
        layers = before.layers if self._student_problem() else find_model(self.student).layers
        return dataclasses.replace(before, layers=layers, sparsity=0.0, rank=0)

    def new_tokenizer(self, context: Context) -> Any:
        """Return the student's tokenizer."""
        from transformers import AutoTokenizer

        from effexplorer.models.source import locate

        if self.student == SELF:
            return context.tokenizer
        return AutoTokenizer.from_pretrained(locate(find_model(self.student)).folder)

    def apply(
        self, model: SlimBertForSequenceClassification, context: Context
    ) -> SlimBertForSequenceClassification:
        """Return the trained student; ``model``, the teacher, stays as it is."""
        from effexplorer.models.convert import keep_layers
        from effexplorer.operators.finetune import fine_tune
        from effexplorer.operators.teacher import Teacher

        teacher, read = model.eval(), context.task.train
        if self.student == SELF:
            kept = evenly_spaced(len(teacher.layers), self.layers)
            student, matched = keep_layers(teacher, kept), [layer + 1 for layer in kept]
        else:
            context = self._with_own_reading(context)
            student = self._other(teacher, context)
            matched = same_depth(len(teacher.layers), len(student.layers))
        alike = list(map(len, read.ids)) == list(map(len, context.task.train.ids))
        alike = alike and student.config.hidden_size == teacher.config.hidden_size
        hidden = self.hidden if alike and len(student.layers) else 0.0
        layers = matched if hidden else []
        asked = Teacher(teacher, read, layers, keep=(self.epochs or context.epochs) > 1)
        loss = self._loss(teacher, asked, student, matched, hidden)
        return fine_tune(student, context, epochs=self.epochs, loss=loss, teachers=[teacher])

    def _with_own_reading(self, context: Context) -> Context:
        task = context.encode(self.new_tokenizer(context))
        rate = find_model(self.student).learning_rate
        return dataclasses.replace(context, task=task, learning_rate=rate)

    def _other(
        self, teacher: SlimBertForSequenceClassification, context: Context
    ) -> SlimBertForSequenceClassification:
        """Return the other student, untrained, with the teacher's number format and exits."""
        from effexplorer.models.convert import add_exits, to_numeric
        from effexplorer.models.importer import import_model

        names, mean = context.task.spec.labels, context.task.mean
        student = import_model(find_model(self.student), names, seed=context.seed, mean=mean)
        if teacher.config.numeric != student.config.numeric:
            student = to_numeric(student, teacher.config.numeric)
        exits = teacher.config.exits
        return add_exits(student, first=min(1, exits[0])) if exits else student

    def _loss(
        self,
        teacher: SlimBertForSequenceClassification,
        asked: Teacher,
        student: SlimBertForSequenceClassification,
        matched: list[int],
        hidden: float,
    ) -> Callable[[Batch], Tensor]:
        """Return the loss; ``asked`` tells what the teacher says of the training examples.

        ``matched`` gives for each of the student's layers the teacher's, counted from 1.
        """
        from torch.nn import functional as F

        from effexplorer.models.slimbert import task_loss
        from effexplorer.operators.finetune import total

        exits = matched_exits(student.config.exits, matched, teacher.config.exit_layers)

        def loss(batch: Batch) -> Tensor:
            soft, taught = asked.answers(batch)
            states = student.hidden_states(batch.ids, batch.mask, batch.token_types)
            label_losses = []
            for exit, logits in zip(exits, student.exit_logits(states, batch.mask), strict=True):
                learned = soft_label_loss(logits.float(), soft[:, exit], self.temperature)
                hard = task_loss(logits, batch.labels)
                label_losses.append((self.alpha * learned + (1 - self.alpha) * hard) / len(exits))
            if not hidden:
                return total(label_losses)
            real = batch.mask.bool()
            return total(label_losses) + hidden * total(
                F.mse_loss(state[real].float(), taught_state.float())
                for state, taught_state in zip(states[1:], taught, strict=True)
            )

        return loss


def soft_label_loss(logits: Tensor, taught: Tensor, temperature: float) -> Tensor:
    """Return ``T^2 KL(softmax(taught / T) || softmax(logits / T))``, the mean over the batch.

    ``logits`` and ``taught`` are ``(batch, labels)``; with one output, as in regression, it is the
    mean squared difference. Source: Hinton et al. 2015, section 2.
    """
    from torch.nn import functional as F

    if logits.shape[1] == 1:
        return F.mse_loss(logits, taught)
    student = F.log_softmax(logits / temperature, dim=1)
    teacher = F.log_softmax(taught / temperature, dim=1)
    return temperature**2 * F.kl_div(student, teacher, log_target=True, reduction="batchmean")
