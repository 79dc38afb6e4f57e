"""How a run is repeated: as a command line and as Python."""

from __future__ import annotations

import shlex

from effexplorer.records.schema import Record


def command(record: Record) -> str:
    """Return the command line that repeats the run: exactly so on the same kind of machine.

    The number of threads is part of it, because it decides in which order sums are taken.
    """
    plan = record.pipeline
    parts = ["--model", record.model, "--task", record.task, "--steps", record.steps]
    parts += ["--seed", str(record.seed)]
    for option in ("train_examples", "epochs", "max_length"):
        if plan.get(option) is not None:
            parts += [f"--{option.replace('_', '-')}", f"{plan[option]:g}"]
    return f"OMP_NUM_THREADS={_threads(record)} python -m effexplorer run {shlex.join(parts)}"


_OPTIONS = ("seed", "train_examples", "epochs", "max_length")


def python(record: Record) -> str:
    """Return the Python that repeats the run."""
    plan = record.pipeline
    options = {name: plan.get(name) for name in _OPTIONS}
    given = {name: value for name, value in options.items() if value is not None}
    lines = [repr(record.model), repr(record.task), f"parse_steps({record.steps!r})"]
    lines += [f"{name}={value!r}" for name, value in given.items()]
    arguments = "".join(f"    {line},\n" for line in lines)
    return (
        "import torch\n\n"
        "from effexplorer import Pipeline, parse_steps, run\n\n"
        f"torch.set_num_threads({_threads(record)})\n"
        f"pipeline = Pipeline(\n{arguments})\n"
        "record = run(pipeline)"
    )


def _threads(record: Record) -> int:
    threads: int = record.machine.get("threads", 1)
    return threads
