"""What a search is asked for: model, task and seed, the goal, the operators and the budget."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError, shown
from effexplorer.find.goal import Goal
from effexplorer.find.space import LETTERS, Steps, read_letters, space
from effexplorer.operators import OPERATORS
from effexplorer.pipeline import Pipeline

CONFIRM_SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Request:
    """A search: ``pipeline`` has the model, task, seed and data, and no steps.

    ``operators`` are letters, ``"D,P,Q"``; ``budget`` is in seconds. Raises UserError for a budget
    out of bounds, a goal without limits, an unknown operator, and a model or task that is not
    there.
    """

    pipeline: Pipeline
    goal: Goal
    budget: float
    operators: str = ",".join(LETTERS)

    def __post_init__(self) -> None:
        most = limits.MAX_FIND_SECONDS
        if not 0 < self.budget <= most:
            raise UserError(
                f"find: budget must be more than 0 and at most {most / 3600:g} hours; "
                f"got {shown(self.budget)} seconds."
            )
        if not self.goal.limited:
            raise UserError("find: must have a limit for a cost or for the score; got none.")
        problems = self.pipeline.problems()
        if problems:
            raise UserError(" ".join(problems))
        letters = ",".join(OPERATORS[name].letter for name in read_letters(self.operators))
        object.__setattr__(self, "operators", letters)

    @property
    def space(self) -> tuple[Steps, ...]:
        """Return the steps that the search chooses from, see ``space``."""
        return space(self.pipeline, read_letters(self.operators))

    @property
    def key(self) -> str:
        """Return 12 hexadecimal digits that name this search, whatever its budget."""
        plain = {name: value for name, value in self.to_dict().items() if name != "budget"}
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(f"find {text}".encode()).hexdigest()[:12]

    def to_dict(self) -> dict[str, Any]:
        """Return this request as plain JSON values."""
        return {
            "pipeline": self.pipeline.to_dict(),
            "goal": self.goal.to_dict(),
            "budget": self.budget,
            "operators": self.operators,
        }

    @classmethod
    def from_dict(cls, data: Any) -> Request:
        """Return the request that ``to_dict`` described; raises UserError for anything else."""
        try:
            return cls(
                Pipeline.from_dict(data["pipeline"]),
                Goal(**data["goal"]),
                float(data["budget"]),
                str(data["operators"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"find: must be a search's request; got {shown(data)}.") from error
