"""Numbers as people read them: with a unit and the digits that mean something."""


def percent(value: float) -> str:
    """Return ``"91.3 %"``; ``value`` is in percent."""
    return f"{value:.1f} %"


def points(difference: float) -> str:
    """Return a difference of two percentages with its sign, ``"-1.2 points"``."""
    return f"{difference:+.1f} points"


def many(count: float, name: str) -> str:
    """Return ``"1 seed"``, ``"3 seeds"`` or ``"1.5 points"``."""
    return f"{count:g} {name}{'s' * (count != 1)}"


def times(ratio: float) -> str:
    """Return a ratio, ``"0.26 x"``."""
    return f"{_digits(ratio, 2 if ratio < 10 else 3)} x"


def change(ratio: float, less: str, more: str) -> str:
    """Return a ratio of costs as a change: ``"7.7 x smaller"``, ``"1.3 x larger"``.

    ``less`` and ``more`` are the words for a ratio below and above 1.
    """
    if ratio <= 0:
        return f"nothing left, {less}"
    larger = max(ratio, 1 / ratio)
    if larger < 1.005:
        return "unchanged"
    return f"{times(larger)} {less if ratio < 1 else more}"


def megabytes(size: float) -> str:
    """Return a size in bytes as decimal megabytes, ``"17.4 MB"``."""
    return f"{_digits(size / 1e6)} MB"


def milliseconds(value: float) -> str:
    """Return a time in milliseconds, ``"12 ms"``, or ``"3.4 ms"`` below ten."""
    return f"{_digits(value, 2)} ms"


def count(number: float) -> str:
    """Return a large count with its letter: ``"842"``, ``"1.55 k"``, ``"22.7 M"``, ``"4.25 G"``."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= 0.9995 * size:
            return f"{_digits(number / size)} {letter}"
    return f"{number:.0f}"


def duration(seconds: float) -> str:
    """Return ``"45 s"``, ``"2 min 10 s"`` or ``"1 h 05 min"``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(whole / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def cost(axis: str, value: float) -> str:
    """Return ``value`` on a cost axis of ``record.COSTS`` with that axis's unit."""
    shapes = {"bytes": megabytes, "parameters": count, "macs": count, "latency": milliseconds}
    return shapes[axis](value)


def _digits(number: float, significant: int = 3) -> str:
    """Return ``number`` with this many digits, but never fewer than stand before the point."""
    exponent = int(f"{number:.{significant - 1}e}".partition("e")[2])
    return f"{number:.{min(max(significant - 1 - exponent, 0), 6)}f}"
