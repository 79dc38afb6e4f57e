"""A grid: the file that says which models, tasks, pipelines and seeds a sweep goes through."""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, permutations, product
from math import comb, perm, prod
from pathlib import Path
from typing import Any

import yaml

from effexplorer import bounded_file, limits
from effexplorer.control import control
from effexplorer.errors import UserError, shown
from effexplorer.operators import Operator, Quantize
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.presets import GROUPS
from effexplorer.tasks.registry import find_task

BY_TASK = ("train_examples", "epochs", "max_length")
KEYS = ("models", "tasks", "seeds", *BY_TASK, "controls", "pipelines")
KINDS = ("steps", "preset", "orders", "subsets", "ordered_subsets")

Steps = tuple[Operator, ...]


@dataclass(frozen=True)
class Grid:
    """What a sweep runs: each pipeline once, and what no model here can do, with the reason.

    ``refused`` holds illegal orders of a set; a pipeline that is written out must be legal.
    """

    pipelines: tuple[Pipeline, ...]
    refused: tuple[tuple[Pipeline, str], ...] = ()


def read_grid(path: Path) -> Grid:
    """Return the grid in the YAML file ``path``; raises UserError for anything that is none."""
    try:
        text = bounded_file.read_text(path, limits.MAX_REQUEST_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        if isinstance(error, UnicodeDecodeError):
            reason = "bytes that are no text"
        raise UserError(f"grid: must be a YAML file; got {path} ({reason}).") from error
    try:
        plain = yaml.safe_load(text)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f", line {place.line + 1}" if place else ""
        raise UserError(f"grid: must be YAML; got something else in {path.name}{where}.") from error
    return expand(plain)


def expand(plain: Any) -> Grid:  # noqa: C901 - one line for each key of a grid
    """Return the grid that plain values describe, seeds outermost; raises UserError.

    ``models``, ``tasks`` and ``seeds`` are lists (or one value), ``train_examples``,
    ``epochs`` and ``max_length`` a number or one for each task. ``controls`` of true adds the
    control of every pipeline: the same training without the compression. ``pipelines`` is a list
    of mappings, each with one of:

    - ``steps``: typed steps; ``{name}`` in them takes each value of the list ``name`` beside it;
    - ``preset``: the name of a preset, or a pattern such as ``s2-*``;
    - ``orders``: every order of these steps;
    - ``subsets``: every subset of these steps, in the order given, the dense model included;
    - ``ordered_subsets``: every order of every subset.

    In the last three, quantize trains (mode=aware) wherever it does not stand last, and there too
    where it is written so: the only way in which all orders share all of their beginnings.
    """
    if not isinstance(plain, dict) or not plain:
        raise UserError(f"grid: must have {', '.join(KEYS)}; got {shown(plain)}.")
    for key in plain:
        if key not in KEYS:
            raise UserError(f"grid: a key must be one of {', '.join(KEYS)}; got {shown(key)}.")
    chosen: list[tuple[Steps, bool]] = []
    for entry in _listed(plain, "pipelines", None):
        chosen += _entry(entry)
        _refuse_large(len(chosen))
    for key in BY_TASK:
        for task in plain[key] if isinstance(plain.get(key), dict) else ():
            find_task(task)
    controls = plain.get("controls", False)
    if not isinstance(controls, bool):
        raise UserError(f"grid: controls must be true or false; got {shown(controls)}.")
    kept: dict[Pipeline, None] = {}
    refused: dict[Pipeline, str] = {}
    models, tasks = _listed(plain, "models", ["minilm"]), _listed(plain, "tasks", ["reviews"])
    for seed, task, model in product(_listed(plain, "seeds", [0]), tasks, models):
        for name, value in (("models", model), ("tasks", task)):
            if not isinstance(value, str):
                raise UserError(f"grid: {name} must be names; got {shown(value)}.")
        by_task = [_for_task(plain, key, task) for key in BY_TASK]
        for steps, written in chosen:
            pipeline = Pipeline(model, task, steps, seed, *by_task)
            problems = pipeline.problems()
            if problems and written:
                raise UserError(f"grid: {str(pipeline) or 'dense'}: {' '.join(problems)}")
            if problems:
                refused[pipeline] = " ".join(problems)
            else:
                kept |= {pipeline: None} | ({control(pipeline): None} if controls else {})
        _refuse_large(len(kept) + len(refused))
    return Grid(tuple(kept), tuple(refused.items()))


def placed(steps: Steps) -> Steps:
    """Return ``steps`` with quantize training wherever it does not stand last.

    Integer weights cannot be trained, so only so can quantize stand anywhere in an order.
    """
    return tuple(
        dataclasses.replace(step, mode="aware")
        if isinstance(step, Quantize) and index < len(steps) - 1
        else step
        for index, step in enumerate(steps)
    )


def _refuse_large(runs: int) -> None:
    """Raise UserError for more ``runs`` than a sweep may have, illegal ones included."""
    if runs > limits.MAX_SWEEP_RUNS:
        raise UserError(
            f"grid: must be at most {limits.MAX_SWEEP_RUNS} runs; got {runs} and maybe more."
        )


def _entry(entry: Any) -> Iterator[tuple[Steps, bool]]:
    """Yield the steps that one entry asks for, and whether they are written out as such."""
    kinds = [kind for kind in KINDS if isinstance(entry, dict) and kind in entry]
    if len(kinds) != 1:
        raise UserError(
            f"grid: each of pipelines must have one of {', '.join(KINDS)}; got {shown(entry)}."
        )
    kind = kinds[0]
    values = {name: value for name, value in entry.items() if name != kind}
    if kind == "steps":
        yield from ((parse_steps(text), True) for text in _filled(entry["steps"], values))
        return
    if values:
        raise UserError(f"grid: {kind} must stand alone in its entry; got {shown(values)} too.")
    if kind == "preset":
        yield from ((steps, True) for steps in _presets(entry["preset"]))
        return
    steps = [_one_step(text) for text in _listed(entry, kind, None)]
    sizes = [len(steps)] if kind == "orders" else range(len(steps) + 1)
    choose, count = (combinations, comb) if kind == "subsets" else (permutations, perm)
    _refuse_large(sum(count(len(steps), size) for size in sizes))
    yield from ((placed(chosen), False) for size in sizes for chosen in choose(steps, size))


def _filled(text: Any, values: dict[str, Any]) -> Iterator[str]:
    """Yield ``text`` with every combination of ``values`` put in for their names."""
    text = "" if text is None else text
    if not isinstance(text, str):
        raise UserError(f"grid: steps must be typed steps; got {shown(text)}.")
    lists = [_listed(values, name, None) for name in values]
    _refuse_large(prod(map(len, lists)))
    for name in values:
        if f"{{{name}}}" not in text:
            raise UserError(f"grid: steps must use {{{name}}}, which has values; got {text}.")
    for chosen in product(*lists):
        filled = text
        for name, value in zip(values, chosen, strict=True):
            filled = filled.replace(f"{{{name}}}", str(value))
        yield filled


def _presets(pattern: Any) -> list[Steps]:
    names = {preset.name: preset for group in GROUPS for preset in group.presets}
    matching = fnmatch.filter(names, str(pattern))
    if not matching:
        raise UserError(
            "grid: preset must be one of those that effexplorer presets lists, or a pattern; "
            f"got {shown(pattern)}."
        )
    return [names[name].steps for name in matching]


def _one_step(text: Any) -> Operator:
    steps = parse_steps(str(text))
    if len(steps) != 1:
        raise UserError(f"grid: each of a set's steps must be one operator; got {shown(text)}.")
    return steps[0]


def _listed(plain: dict[str, Any], key: str, default: list[Any] | None) -> list[Any]:
    """Return the list under ``key``, a single value as a list of one."""
    value = plain.get(key, default)
    values = value if isinstance(value, list) else [value]
    if value is None or not values:
        raise UserError(f"grid: {key} must be a list with something in it; got {shown(value)}.")
    return values


def _for_task(plain: dict[str, Any], key: str, task: str) -> Any:
    """Return the value under ``key``, or the task's own where there is one for each task."""
    value = plain.get(key)
    return value.get(task) if isinstance(value, dict) else value
