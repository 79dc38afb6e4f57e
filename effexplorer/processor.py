"""What the processor can do, as Linux lists it: known without loading torch."""

from __future__ import annotations

import functools
import os
from pathlib import Path


def has_vnni() -> bool:
    """Tell whether PyTorch has instructions for int8 products here: AVX512-VNNI.

    False where the system does not list them, as on ARM64, or where PyTorch is held to less.
    """
    held = os.environ.get("ATEN_CPU_CAPABILITY", "avx512")
    return held == "avx512" and "avx512_vnni" in instruction_sets()


@functools.cache
def instruction_sets(listing: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """Return the names under ``flags`` of the first core; none where there is no such list."""
    try:
        lines = listing.read_text("utf-8").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())
