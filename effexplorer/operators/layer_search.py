"""The candidates of a search for layers: each is made, fine-tuned and scored; the best is kept."""

from __future__ import annotations

from dataclasses import dataclass

from effexplorer.errors import Cancelled
from effexplorer.measure import main_score, predict, predictions
from effexplorer.models.convert import keep_layers
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.operators.base import Context
from effexplorer.operators.finetune import fine_tune
from effexplorer.operators.layer_rules import in_words, part_epochs, remaining
from effexplorer.tasks.encoded import EncodedTask
from effexplorer.training.device import on_device
from effexplorer.training.schedule import planned_sentences


@dataclass(frozen=True)
class Candidate:
    """A model without the layers ``removed``, after one ``part`` of a fine-tuning, and its score.

    The score is the task's, in percent on the rows held out.
    """

    model: SlimBertForSequenceClassification
    removed: tuple[int, ...] = ()
    part: int = 1
    score: float = 0.0


class Candidates:
    """A search's candidates, which leave layers out of ``start``, layers counted from 0.

    ``parts`` are the parts of a fine-tuning that the search's trainings will take, in their order,
    ``epochs`` those of a whole one, and ``total`` the sentences that progress counts to. With
    ``carry`` the candidates of a later removal start from the best one of the removal before it,
    otherwise all start from ``start``.

    ``best`` is the candidate that ``greedy`` or ``exhaustive`` choose, of the scores so far: both
    ask from low layers to high ones, and of equals take the later.
    """

    def __init__(
        self,
        start: SlimBertForSequenceClassification,
        context: Context,
        *,
        epochs: float,
        parts: list[int],
        total: int,
        carry: bool,
    ) -> None:
        self.best = self.base = Candidate(start)
        self.layers = len(start.layers)
        self.context = context
        self.epochs = epochs
        self.parts = parts
        self.total = total
        self.carry = carry
        self.tried = self.sentences = 0

    def score(self, part: int, removed: tuple[int, ...]) -> float:
        """Return the score without the layers ``removed`` after one ``part`` of a fine-tuning.

        Raises Cancelled when the run was asked to stop.
        """
        if self.carry and len(removed) > len(self.best.removed):
            self.base = self.best
        model = self.trained(part, removed)
        score = held_out_score(model, self.context.task)
        old = self.best
        if (len(removed), -part, score) >= (len(old.removed), -old.part, old.score):
            self.best = Candidate(model, removed, part, score)
        return score

    def trained(self, part: int, removed: tuple[int, ...]) -> SlimBertForSequenceClassification:
        """Return the candidate itself; raises Cancelled when the run was asked to stop."""
        if self.context.cancelled():
            raise Cancelled
        here = remaining(self.layers, self.base.removed)
        kept = [index for index, layer in enumerate(here) if layer not in removed]
        model = keep_layers(self.base.model, kept)
        self.tried += 1
        detail = f"candidate {self.tried} of {len(self.parts)}: without {in_words(removed)}"
        context = self.context.part(self.sentences, self.total, detail)
        examples = len(context.task.train)
        epochs = part_epochs(examples, self.epochs, part)
        self.sentences += planned_sentences(examples, epochs)
        return fine_tune(model, context, epochs=epochs) if epochs else model


def held_out_score(model: SlimBertForSequenceClassification, task: EncodedTask) -> float:
    """Return the task's score in percent of the last exit on the rows held out of training."""
    with on_device(model):
        answers = predictions(predict(model, task.held_out)[:, -1])
    return main_score(task.spec, answers, task.held_out.labels)
