"""The pipeline builder's panel: what it starts with, and the judgement of what a person builds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from effexplorer import limits
from effexplorer.errors import UserError, shown
from effexplorer.models import source
from effexplorer.models.catalog import CATALOG, local_models
from effexplorer.models.spec import ModelSpec
from effexplorer.operators import OPERATORS, Operator
from effexplorer.operators.knobs import Knob
from effexplorer.pipeline import Pipeline, read_steps, step_cautions, step_problems
from effexplorer.presets import GROUPS, Group
from effexplorer.records.store import Run
from effexplorer.runner.estimate import estimate
from effexplorer.runner.identity import Answer, look_up
from effexplorer.tasks import data
from effexplorer.tasks.known_data import known_cautions
from effexplorer.ui.build.messages import BuilderState, Judgement
from effexplorer.ui.shared.operator_pages import page_address
from effexplorer.ui.shared.panel import Panel
from effexplorer.ui.shared.prediction import prediction
from effexplorer.ui.shared.visibility import check_task, visible_tasks


class BuilderPanel(Panel):
    """The builder. Its script calls ``judge(description)`` and tells ``start_run``."""

    script = "build/builder"
    parts = (
        "shared/form",
        "shared/terms",
        "build/own_data",
        "build/setup",
        "build/presets",
        "build/cards",
        "build/drag",
        "build/verdict",
    )


def builder_state() -> BuilderState:
    """Return what the builder shows: choices, knobs, presets, and the pipeline to begin with."""
    return {
        "models": [[model.name, model.title] for model in offered_models()],
        "tasks": [[task.name, task.title] for task in visible_tasks().values()],
        "operators": [
            {
                "name": cls.name,
                "letter": cls.letter,
                "summary": cls.summary,
                "source": cls.source,
                "page": page_address(cls),
                "knobs": [_knob(knob) for knob in cls.knobs()],
            }
            for cls in OPERATORS.values()
        ],
        "presets": [_presets(group) for group in GROUPS],
        "max_steps": limits.MAX_STEPS,
        "pipeline": _first_pipeline().to_dict(),
    }


def reach(_: Any = None) -> dict[str, dict[str, str | None]]:
    """Return for each model and each task why it cannot be had on this machine, or None.

    Asks the hub once if need be, so it may take some seconds.
    """
    return {
        "models": {model.name: source.available(model) for model in offered_models()},
        "tasks": {name: data.task_available(name) for name in visible_tasks()},
    }


def judgement(description: Any, runs: Sequence[Run]) -> Judgement:
    """Return what is to be said of the pipeline that a browser describes, beside finished ``runs``.

    ``cards`` holds for each step why it cannot stand there, or None, and ``cautions`` what should
    be known before it; ``problems`` whatever else is wrong; ``text`` the steps as they are typed;
    ``key`` the run's id; ``exists`` whether it is there to load; ``note`` why a run of the same
    pipeline does not count as it; ``cost`` and ``basis`` what it
    would take; ``prediction`` what single operators predict of it, or None. Knob values are
    checked one operator at a time, so that each card tells its own.
    """
    steps = description.get("steps") if isinstance(description, dict) else None
    if not isinstance(steps, list) or len(steps) > limits.MAX_STEPS:
        return _refusal(f"steps: must be at most {limits.MAX_STEPS} operators; got {shown(steps)}.")
    cards = [_problem_of(step) for step in steps]
    if any(cards):
        return _refusal(cards=cards)
    try:
        pipeline = read_pipeline(description)
        cards = step_problems(pipeline.steps, pipeline.outline)
        problems = [problem for problem in pipeline.problems() if problem not in cards]
    except UserError as error:
        return _refusal(str(error), cards=cards)
    legal = not problems and not any(cards)
    cost = estimate(pipeline, runs) if legal else None
    records = {run.record.id: run.record for run in runs}
    answer = look_up(pipeline, records.get) if legal else Answer(pipeline.key, None)
    return {
        "cards": cards,
        "cautions": step_cautions(pipeline.steps, pipeline.outline),
        "problems": problems,
        "text": str(pipeline),
        "letters": pipeline.letters,
        "key": answer.id,
        "exists": answer.record is not None,
        "note": answer.note,
        "cost": cost.text if cost else "",
        "basis": cost.basis if cost else "",
        "prediction": prediction(pipeline, runs) if legal else None,
    }


def data_cautions(description: Any) -> list[str]:
    """Return what is odd about the rows of the task of a pipeline that a browser describes.

    Empty where the task's data are not on this machine; raises UserError for no pipeline.
    """
    pipeline = read_pipeline(description)
    if not data.task_files(pipeline.task):
        return []
    return known_cautions(pipeline.task)


def read_pipeline(description: Any) -> Pipeline:
    """Return the pipeline that a browser describes.

    Raises UserError for anything else, for a task that another browser brought, and for a model
    that is not on the list: a path that is fine on the command line would let a visitor look around
    on the server.
    """
    model = description.get("model") if isinstance(description, dict) else None
    names = [model.name for model in offered_models()]
    if model not in names:
        raise UserError(f"model: must be one of {', '.join(names)}; got {shown(model)}.")
    check_task(description.get("task"))
    pipeline = Pipeline.from_dict(description)
    check_students(pipeline.steps)
    return pipeline


def check_students(steps: Sequence[Operator]) -> None:
    """Raise UserError for a student that is not on the list of models: it may be a path."""
    names = [model.name for model in offered_models()]
    for student in (name for step in steps for name in step.models_needed):
        if student not in names:
            raise UserError(
                f"distill: student must be self or one of {', '.join(names)}; got {shown(student)}."
            )


def offered_models() -> list[ModelSpec]:
    """Return the models that a person can pick: the catalog's, and local ones."""
    return [*CATALOG.values(), *local_models()]


def _knob(knob: Knob) -> dict[str, Any]:
    """Return a knob's field; one for a model offers all that a person can pick."""
    if knob.kind != "model":
        return knob.to_dict()
    names = (model.name for model in offered_models())
    return knob.to_dict() | {"choices": list(dict.fromkeys([*knob.choices, *names]))}


def _presets(group: Group) -> dict[str, Any]:
    """Return a work's presets, each with the text that the server writes for its steps."""
    listed = []
    for preset in group.presets:
        steps = preset.steps
        listed.append(
            {
                "name": preset.name,
                "label": preset.label,
                "text": " > ".join(map(str, steps)),
                "steps": [step.to_dict() for step in steps],
            }
        )
    return {
        "title": group.title,
        "source": group.source,
        "about": group.about,
        "presets": listed,
    }


def _refusal(*problems: str, cards: Sequence[str | None] = ()) -> Judgement:
    return {
        "cards": list(cards),
        "cautions": [],
        "problems": list(problems),
        "text": "",
        "letters": "",
        "key": "",
        "exists": False,
        "note": "",
        "cost": "",
        "basis": "",
        "prediction": None,
    }


def _problem_of(step: Any) -> str | None:
    try:
        read_steps([step])
    except UserError as error:
        return str(error)
    return None


def _first_pipeline() -> Pipeline:
    """Return the pipeline that a visitor finds: on the task that is at hand and trained soonest."""
    steps = tuple(OPERATORS[name]() for name in ("distill", "prune", "quantize"))
    return Pipeline("minilm", "reviews", steps)
