"""What a task consists of and how it is scored, and the tasks that come with the program."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TaskSpec:
    """One task: its columns, labels, metrics (the first is the score) and lengths in word pieces.

    ``labels`` is empty for regression. ``validation`` names the split that is measured on, and
    ``epochs`` are the passes over the training data that the dense model takes: more for less data.
    ``on_hub`` tells that GLUE has it on the hub, and ``phrases`` that training rows are cut out of
    other training rows. ``revised`` tells that ``epochs`` are others than at first: they are then
    part of the key of a pipeline that leaves them to the task, so that no earlier record answers
    for it. ``scale`` bounds the labels of a regression, and ``train_rows`` is how many rows there
    are to train on, None where that is known only once they are read.
    """

    name: str
    title: str
    text: tuple[str, ...]
    labels: tuple[str, ...]
    metrics: tuple[str, ...]
    max_length: int = 128
    validation: str = "validation"
    epochs: float = 3.0
    on_hub: bool = True
    phrases: bool = False
    revised: bool = False
    scale: tuple[float, float] = (0.0, 5.0)  # what STS-B's annotators could give
    train_rows: int | None = None

    @property
    def settings(self) -> str:
        """Return 16 hexadecimal digits of what changes a score besides the rows."""
        plain = [self.labels, self.metrics, self.max_length, self.scale, self.epochs]
        return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:16]

    @property
    def regression(self) -> bool:
        """Tell whether the target is a number instead of a class."""
        return not self.labels

    def decided(self, train_examples: int | None, epochs: float | None) -> dict[str, Any]:
        """Return what the task decides for a run that asks for so much, as it once did not.

        It is part of a key, so that no record from before answers for such a run.
        """
        decided: dict[str, Any] = {}
        if self.revised and epochs is None:
            decided["task_epochs"] = self.epochs
        if self.phrases and train_examples is not None:
            decided["subset"] = "sentences first"
        if self.regression and epochs != 0:
            decided["start"] = "mean label"
        return decided

    def rows_problem(self, examples: int, rows: int) -> str | None:
        """Return why so many training rows cannot be taken of ``rows``, or None if they can."""
        if 0 < examples <= rows:
            return None
        return (
            f"{self.name}: train_examples must be between 1 and {rows}, the size of its training "
            f"split without the rows held out; got {examples}."
        )

    @property
    def unit(self) -> str:
        """Return what training rows are called: ``pairs``, ``sentences`` or ``rows``.

        Rows are sentences and phrases of them, or any text of a task of one's own.
        """
        if len(self.text) == 2:
            return "pairs"
        return "sentences" if self.text == ("sentence",) and not self.phrases else "rows"


_ENTAILMENT = ("entailment", "not_entailment")

TASKS: dict[str, TaskSpec] = {
    spec.name: spec
    for spec in (
        TaskSpec(
            "sst2",
            "SST-2: is a film review positive?",
            ("sentence",),
            ("negative", "positive"),
            ("accuracy",),
            epochs=2.0,
            phrases=True,
        ),
        TaskSpec(
            "mrpc",
            "MRPC: do two sentences say the same?",
            ("sentence1", "sentence2"),
            ("not_equivalent", "equivalent"),
            ("f1", "accuracy"),
            epochs=5.0,
        ),
        TaskSpec(
            "rte",
            "RTE: does the first text entail the second?",
            ("sentence1", "sentence2"),
            _ENTAILMENT,
            ("accuracy",),
            epochs=5.0,
        ),
        TaskSpec(
            "cola",
            "CoLA: is it grammatical English?",
            ("sentence",),
            ("unacceptable", "acceptable"),
            ("matthews_correlation",),
            epochs=5.0,
        ),
        TaskSpec(
            "stsb",
            "STS-B: how similar are two sentences (0 to 5)?",
            ("sentence1", "sentence2"),
            (),
            ("spearmanr", "pearson"),
            epochs=5.0,
        ),
        TaskSpec(
            "qnli",
            "QNLI: does the sentence answer the question?",
            ("question", "sentence"),
            _ENTAILMENT,
            ("accuracy",),
            epochs=2.0,
        ),
        TaskSpec(
            "qqp",
            "QQP: do two questions ask the same?",
            ("question1", "question2"),
            ("not_duplicate", "duplicate"),
            ("f1", "accuracy"),
            epochs=1.0,
        ),
        TaskSpec(
            "mnli",
            "MNLI: entailment, neutral or contradiction?",
            ("premise", "hypothesis"),
            ("entailment", "neutral", "contradiction"),
            ("accuracy",),
            validation="validation_matched",
            epochs=1.0,
        ),
        TaskSpec(
            "sentiment",
            "Sentiment: is what somebody says positive?",
            ("sentence",),
            ("negative", "positive"),
            ("accuracy",),
            epochs=2.0,
            on_hub=False,
            phrases=True,
        ),
        TaskSpec(
            "reviews",
            "Bundled reviews: positive or negative?",
            ("sentence",),
            ("negative", "positive"),
            ("accuracy",),
            epochs=8.0,
        ),
    )
}
