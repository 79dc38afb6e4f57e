"""A search as an Optuna study in a file, so that optuna-dashboard opens it (extra "optuna")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.find.request import Request
from effexplorer.find.space import Steps
from effexplorer.find.state import Event, Point
from effexplorer.pipeline import Pipeline
from effexplorer.records.schema import CONFIRMED, EXPLORED

NOTHING = "none"  # the step of a pipeline that has fewer


def stored(events: Iterable[Event], request: Request, path: Path) -> Iterator[Event]:
    """Yield ``events``; what is measured becomes trials of a study in the SQLite file ``path`` too.

    The study is named by the search, its objectives are the goal's cost and the score. Each trial
    names its steps, whether it was explored or confirmed, its seed and its training rows; a trial
    that is there is not added again. Raises UserError when Optuna is not installed.
    """
    study = open_study(request, path)
    present = {tuple(trial.user_attrs.get(name) for name in _NAMES) for trial in study.trials}
    space = request.space
    for event in events:
        if event["kind"] == "measured":
            trial = _trial(event, request, space)
            if tuple(trial.user_attrs[name] for name in _NAMES) not in present:
                study.add_trial(trial)
        yield event


def open_study(request: Request, path: Path) -> Any:
    """Return the study of ``request`` in the file ``path``, a new one if there is none."""
    try:
        import optuna
    except ImportError as error:
        raise UserError(
            "optuna: must be installed, by pip install effexplorer[optuna]; got none."
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path.parent.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        storage=f"sqlite:///{path.absolute()}",
        study_name=f"find {request.key}",
        directions=["minimize", "maximize"],
        load_if_exists=True,
    )
    study.set_user_attr("objectives", [request.goal.axis, "score"])
    return study


_NAMES = ("steps", "phase", "seed", "train_examples")


def _trial(event: Event, request: Request, space: tuple[Steps, ...]) -> Any:
    from optuna.distributions import CategoricalDistribution
    from optuna.trial import create_trial

    pipeline = Pipeline.from_dict(event["pipeline"])
    point = Point.of(event["stage"])
    settings = sorted({str(step) for steps in space for step in steps})
    longest = min(limits.MAX_FIND_STEPS, max(map(len, space)))
    steps = [str(step) for step in pipeline.steps] + [NOTHING] * longest
    return create_trial(
        params={f"step {at + 1}": steps[at] for at in range(longest)},
        distributions={
            f"step {at + 1}": CategoricalDistribution([NOTHING, *settings]) for at in range(longest)
        },
        values=[point.costs[request.goal.axis], point.score],
        user_attrs={
            "steps": str(pipeline),
            "phase": EXPLORED if event["explored"] else CONFIRMED,
            "seed": pipeline.seed,
            "train_examples": pipeline.train_examples,
            **point.costs,
        },
    )
