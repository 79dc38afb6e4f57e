"""The tokenizers of a run's models, and which steps cannot work with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from effexplorer.errors import UserError
from effexplorer.models.catalog import find_model
from effexplorer.models.source import locate, tokenizer_kind
from effexplorer.pipeline import Pipeline


@dataclass(frozen=True)
class Reading:
    """How a model reads texts: its tokenizer, and its positions, None where that is not told."""

    tokenizer: Any
    places: int | None


def open_readings(pipeline: Pipeline, texts: int) -> list[Reading]:
    """Return how each of the pipeline's models reads, the run's own first.

    ``texts`` is how many texts a row has. Raises UserError for a tokenizer that cannot be opened,
    or does not fit its model.
    """
    from effexplorer.models.tokenizer import check_tokenizer, open_tokenizer

    readings = []
    for name in pipeline.models:
        folder = locate(find_model(name)).folder
        try:
            tokenizer = open_tokenizer(folder)
            places = check_tokenizer(folder, tokenizer, texts)
        except UserError as error:
            raise UserError(told_of(name, pipeline, str(error))) from error
        readings.append(Reading(tokenizer, places))
    return readings


def told_of(name: str, pipeline: Pipeline, sentence: str) -> str:
    """Return ``sentence``, which may speak of a model, as one of the student ``name``."""
    if name == pipeline.model or not sentence.startswith("model: "):
        return sentence
    return f"distill: student={name}: {sentence.removeprefix('model: ')}"


def kinds_here(pipeline: Pipeline) -> list[str]:
    """Return the kinds of the models' tokenizers as far as files tell; none is opened."""
    return [tokenizer_kind(find_model(name)) for name in pipeline.models]


def kinds_of(readings: Sequence[Reading]) -> list[str]:
    """Return the kinds of opened tokenizers, as the tokenizers library calls them."""
    return [type(reading.tokenizer.backend_tokenizer.model).__name__ for reading in readings]


def tokenizer_problems(pipeline: Pipeline, kinds: Sequence[str]) -> list[str]:
    """Return why steps cannot work with tokenizers of these ``kinds``, a sentence each.

    There is one for each of the pipeline's models, "" where it is not known.
    """
    problems, student = [], 0
    for step in pipeline.steps:
        student += len(step.models_needed)
        if kinds[student]:
            problems.append(step.tokenizer_problem(kinds[student]))
    return [problem for problem in problems if problem]
