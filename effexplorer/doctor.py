"""What this machine can do and what it lacks, in sentences."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from effexplorer import home, hub
from effexplorer.errors import UserError
from effexplorer.models.catalog import CATALOG, local_models
from effexplorer.models.source import available
from effexplorer.records.schema import ENGINES
from effexplorer.records.store import SHIPPED, open_store
from effexplorer.tasks.data import task_available
from effexplorer.tasks.registry import all_tasks


@dataclass(frozen=True)
class Finding:
    """One thing looked at: ``ok`` is None where neither answer is a fault."""

    name: str
    ok: bool | None
    text: str


def report() -> list[Finding]:
    """Return what was found, in the order in which a person needs it; raises nothing."""
    return [
        _models(),
        _tasks(),
        _hub(),
        _home(),
        _records(),
        _cores(),
        _memory(),
        _training(),
        _int8(),
        _packages(),
    ]


def _models() -> Finding:
    try:
        specs = {spec.name: spec for spec in (*CATALOG.values(), *local_models())}
    except OSError as error:
        text = f"The folder EFFEXPLORER_MODEL_DIR cannot be read: {error.strerror}."
        return Finding("models", False, text)
    return _reach("models", "loaded", specs, lambda name: available(specs[name]))


def _tasks() -> Finding:
    return _reach("tasks", "read", all_tasks(), task_available)


def _reach(
    subject: str, verb: str, names: Iterable[str], problem: Callable[[str], str | None]
) -> Finding:
    """Return which of ``names`` can be had; the reasons follow for those that cannot."""
    problems = {name: problem(name) for name in names}
    there = [name for name in problems if problems[name] is None]
    text = f"{len(there)} of {len(problems)} {subject} can be {verb}: {', '.join(there) or 'none'}."
    reasons = [reason for reason in problems.values() if reason]
    if reasons:
        text += f" Not here: {', '.join(name for name in problems if problems[name])}. {reasons[0]}"
    return Finding(subject, bool(there), text)


def _hub() -> Finding:
    if hub.reachable():
        return Finding("hub", True, "The Hugging Face hub answers.")
    text = f"The Hugging Face hub cannot be used: {hub.refusal()}."
    return Finding("hub", None, text + " Models and tasks on this machine work without it.")


def _home() -> Finding:
    folder = home.home().absolute()
    standing = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    writable = os.path.isdir(standing) and os.access(standing, os.W_OK | os.X_OK)
    advice = "" if writable else " Name another with EFFEXPLORER_HOME."
    verb = "can" if writable else "cannot"
    return Finding("home", writable, f"Runs {verb} be kept in {folder}.{advice}")


def _records() -> Finding:
    store = open_store()
    runs, problems = store.runs(), store.problems()
    shipped = sum(run.source == SHIPPED for run in runs)
    text = f"{shipped} shipped runs and {len(runs) - shipped} measured here can be read."
    return Finding("records", bool(shipped) and not problems, " ".join([text, *problems]))


def _cores() -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        import torch
    except (ImportError, OSError) as error:
        text = f"torch cannot be imported ({error}), so nothing can be run here."
        return Finding("threads", False, text)
    text = f"{cores} CPU cores can be used; torch computes with {torch.get_num_threads()} threads."
    return Finding("threads", True, text)


def _memory() -> Finding:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return Finding("memory", None, "How much memory there is could not be found out.")
    try:
        size = min(size, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):  # no control group, or one without a limit ("max")
        pass
    return Finding("memory", None, f"{size / 1e9:.1f} GB of memory can be used.")


def _training() -> Finding:
    try:
        from effexplorer.training.device import gpu_name, training_device
        from effexplorer.training.loop import has_bf16

        place, there = gpu_name() or "the CPU", has_bf16(training_device())
    except UserError as error:
        return Finding("training", False, str(error))
    except (ImportError, OSError, AttributeError, RuntimeError):
        place, there = "the CPU", False
    if there:
        return Finding("training", True, f"Models train on {place}, in bf16.")
    text = f"Models train on {place}, in fp32, which is slower: it has no bf16."
    return Finding("training", None, text)


def _int8() -> Finding:
    try:
        from effexplorer.inference.int8_check import check_int8

        checks = {ENGINES[engine]: check_int8(engine) for engine in ("onnx", "torch")}
    except UserError as error:
        return Finding("int8", False, str(error))
    except (ImportError, OSError, AttributeError, RuntimeError) as error:
        reason = f"8 bits cannot be computed here ({error}): quantized models cannot run."
        return Finding("int8", False, reason)
    text = " ".join(f"8 bits in {engine}: {check.text}." for engine, check in checks.items())
    if not all(check.exact for check in checks.values()):
        return Finding("int8", False, text)
    return Finding(
        "int8", None if any(check.ratio > 1 for check in checks.values()) else True, text
    )


def _packages() -> Finding:
    pins = _pins()
    if not pins:
        return Finding("packages", None, "The list of pinned packages is not installed here.")
    odd = []
    for pin in pins:
        try:
            installed = importlib.metadata.version(pin.name)
        except importlib.metadata.PackageNotFoundError:
            odd.append(f"{pin.name} is missing (wanted {pin.specifier})")
            continue
        if not pin.specifier.contains(installed, prereleases=True):
            odd.append(f"{pin.name} is {installed} (wanted {pin.specifier})")
    if not odd:
        return Finding("packages", True, f"All {len(pins)} pinned packages have their version.")
    missing = any("is missing" in problem for problem in odd)
    return Finding("packages", False if missing else None, f"Not as pinned: {'; '.join(odd)}.")


def _pins() -> list[Requirement]:
    """Return the requirements of a checkout's requirements.txt, else of the installed package."""
    try:
        lines = (Path(__file__).parents[1] / "requirements.txt").read_text("utf-8").splitlines()
    except OSError:
        try:
            lines = importlib.metadata.requires("effexplorer") or []
        except importlib.metadata.PackageNotFoundError:
            lines = []
    pins = []
    for line in lines:
        try:
            pin = Requirement(line.partition("#")[0].strip())
        except InvalidRequirement:  # an empty line, a comment, or an option such as --index-url
            continue
        if pin.marker is None or pin.marker.evaluate({"extra": ""}):
            pins.append(pin)
    return pins
