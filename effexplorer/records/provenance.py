"""Provenance: the machine, the versions and the commit that a record was measured with."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = (
    "effexplorer",
    "torch",
    "transformers",
    "datasets",
    "evaluate",
    "optimum-quanto",
    "numpy",
)


def machine(
    threads: int, gpu: str = "", *, instructions: str = "", bf16: bool | None = None
) -> dict[str, Any]:
    """Return processor, cores, memory, training threads, and what decides how sums come out.

    That is the GPU that models were trained on, left out where training was on the CPU; the
    instruction set that torch uses; and whether training multiplied in bf16. Nothing names a host.
    """
    arithmetic = {"gpu": gpu, "instruction_set": instructions, "bf16": bf16}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _of_processor("model name") or platform.processor(),
        "processor_family": _family(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 1024**3),
        "system": platform.system(),
        "threads": threads,
    } | {name: value for name, value in arithmetic.items() if value not in ("", None)}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that make the numbers."""
    known = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            known[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return known


def commit() -> str:
    """Return the commit of the checkout that this code stands in, or ``""`` outside of one."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603 - a fixed command
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _family() -> str:
    """Return maker, family and model, ``"AuthenticAMD 25 17"``; empty where Linux tells none."""
    parts = (_of_processor(name) for name in ("vendor_id", "cpu family", "model"))
    return " ".join(filter(None, parts))


def _of_processor(name: str) -> str:
    """Return what Linux tells under ``name`` of the first core, or an empty text."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return ""
    fields = (line.partition(":") for line in lines)
    return next((value.strip() for field, _, value in fields if field.strip() == name), "")
