"""The study page's figures: plain SVG, made from numbers, the same on every machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

INK, QUIET, LINE, ACCENT, OTHER = "#1b1f27", "#5b6472", "#d5dae3", "#2f4fd0", "#b4540a"
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 760, 190, 26, 40, 22
_FONT = 'font-family="system-ui, sans-serif" font-size="12"'


def strip(
    title: str,
    rows: Sequence[tuple[str, Sequence[float]]],
    *,
    reference: float | None = None,
    unit: str = "%",
) -> str:
    """Return a row per name with a dot per value and a bar at their mean, on one axis.

    ``reference`` is drawn as a dashed line: the dense model's.
    """
    values = [value for _, row in rows for value in row] + ([reference] if reference else [])
    scale = _Scale(values)
    height = _TOP + _ROW * len(rows) + 40
    parts = [_axis(scale, _TOP + _ROW * len(rows), unit)]
    if reference is not None:
        x = scale(reference)
        parts.append(_line(x, _TOP - 8, x, _TOP + _ROW * len(rows), QUIET, dashed=True))
        parts.append(_text(x, _TOP - 12, "dense", QUIET, "middle"))
    for place, (name, row) in enumerate(rows):
        y = _TOP + _ROW * (place + 0.5)
        mean = scale(sum(row) / len(row))
        parts.append(_text(_LEFT - 10, y + 4, name, INK, "end"))
        parts.append(_line(scale(min(row)), y, scale(max(row)), y, LINE, width=2))
        parts += [_dot(scale(value), y, ACCENT) for value in row]
        parts.append(_line(mean, y - 7, mean, y + 7, INK, width=2))
    return _svg(title, height, parts)


def intervals(title: str, rows: Sequence[tuple[str, float, float, float]], *, at: float) -> str:
    """Return a row per name with a dot and its interval, and a line at ``at``."""
    finite = [v for _, *row in rows for v in row if math.isfinite(v)]
    scale = _Scale([*finite, at])
    bottom = _TOP + _ROW * len(rows)
    parts = [_axis(scale, bottom, ""), _line(scale(at), _TOP - 8, scale(at), bottom, QUIET, True)]
    for place, (name, value, low, high) in enumerate(rows):
        y = _TOP + _ROW * (place + 0.5)
        parts.append(_text(_LEFT - 10, y + 4, name, INK, "end"))
        low, high = (scale.held(end) for end in (low, high))
        parts += [_line(low, y, high, y, ACCENT, width=2), _dot(scale(value), y, ACCENT)]
    return _svg(title, bottom + 40, parts)


def scatter(
    title: str, points: Sequence[tuple[float, float, bool]], *, across: str, up: str
) -> str:
    """Return points ``(x, y, marked)`` on one scale for both axes, with the line where they agree.

    Marked ones are squares of another colour.
    """
    side, left, top = 420, 70, 36
    values = [value for x, y, _ in points for value in (x, y)]
    scale = _Scale(values, low=left, high=left + side)
    down = _Scale(values, low=top + side, high=top)
    parts = [_line(left, top + side, left + side, top, QUIET, dashed=True)]
    for tick in scale.ticks:
        x, y = scale(tick), down(tick)
        parts += [
            _line(left, y, left + side, y, LINE),
            _text(x, top + side + 18, f"{tick:g}", QUIET, "middle"),
            _text(left - 8, y + 4, f"{tick:g}", QUIET, "end"),
        ]
    for x, y, marked in points:
        draw = _square if marked else _dot
        parts.append(draw(scale(x), down(y), OTHER if marked else ACCENT))
    parts.append(_text(left + side / 2, top + side + 38, across, INK, "middle"))
    parts.append(
        f'<text transform="translate(20 {top + side / 2}) rotate(-90)" fill="{INK}" '
        f'text-anchor="middle">{escape(up)}</text>'
    )
    return _svg(title, top + side + 54, parts, width=left + side + 30)


class _Scale:
    """Values to pixels, over round ticks."""

    def __init__(self, values: Sequence[float], low: float = _LEFT, high: float = _WIDTH - _RIGHT):
        smallest, largest = min(values), max(values)
        span = (largest - smallest) or 1.0
        power = 10.0 ** math.floor(math.log10(span / 5))
        step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= 7)
        first, last = math.floor(smallest / step), math.ceil(largest / step)
        self.ticks = [round(step * count, 10) for count in range(first, last + 1)]
        self._from, self._to = step * first, step * max(last, first + 1)
        self._low, self._high = low, high

    def __call__(self, value: float) -> float:
        share = (value - self._from) / (self._to - self._from)
        return round(self._low + share * (self._high - self._low), 1)

    def held(self, value: float) -> float:
        """Return the pixel of ``value``, at most that of an end of the axis."""
        return self(min(max(value, self._from), self._to))


def _axis(scale: _Scale, y: float, unit: str) -> str:
    parts = []
    for tick in scale.ticks:
        x = scale(tick)
        parts.append(_line(x, _TOP - 4, x, y, LINE))
        parts.append(_text(x, y + 18, f"{tick:g}{' ' + unit if unit else ''}", QUIET, "middle"))
    return "".join(parts)


def _svg(title: str, height: float, parts: Sequence[str], width: float = _WIDTH) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" role="img" {_FONT}><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="12" y="18" fill="{INK}" font-weight="600">{escape(title)}</text>'
        + "\n".join(parts)
        + "</svg>\n"
    )


def _text(x: float, y: float, text: str, color: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{color}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(
    x1: float, y1: float, x2: float, y2: float, color: str, dashed: bool = False, width: float = 1
) -> str:
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    place = f'x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"'
    return f'<line {place} stroke="{color}" stroke-width="{width:g}"{dash}/>'


def _dot(x: float, y: float, color: str) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="3.5" fill="{color}" fill-opacity="0.75"/>'


def _square(x: float, y: float, color: str) -> str:
    return (
        f'<rect x="{x - 3:g}" y="{y - 3:g}" width="6" height="6" fill="{color}" '
        'fill-opacity="0.75"/>'
    )
