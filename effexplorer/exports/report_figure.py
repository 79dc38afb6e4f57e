"""The figure of a report: each run's path through the plane of score and size, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from effexplorer import units
from effexplorer.records.schema import Record

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _EDGE = 720, 400, 60, 50, 20
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # Okabe and Ito


def plane(records: Sequence[Record]) -> str:
    """Return the SVG; a ring is where a run ends, and its number that of its row in the table."""
    stages = [stage for record in records for stage in record.stages]
    most = 1.05 * max(stage.bytes for stage in stages) or 1.0
    low, high = min(shown.score_low for shown in stages), max(shown.score_high for shown in stages)
    room = max(high - low, 1.0)
    x_of = (_WIDTH - _LEFT - _EDGE) / most
    y_of = (_HEIGHT - _BOTTOM - _EDGE) / room

    def place(size: float, score: float) -> tuple[float, float]:
        return _LEFT + size * x_of, _HEIGHT - _BOTTOM - (score - low) * y_of

    marks = [_axes(most, low, low + room)]
    for number, record in enumerate(records, start=1):
        colour = _COLOURS[(number - 1) % len(_COLOURS)]
        points = [place(stage.bytes, stage.score) for stage in record.stages]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        marks.append(f'<polyline points="{path}" fill="none" stroke="{colour}"/>')
        for (x, y), stage in zip(points, record.stages, strict=True):
            text = f"{stage.step}: {units.percent(stage.score)}, {units.megabytes(stage.bytes)}"
            marks.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}">'
                f"<title>{escape(text)}</title></circle>"
            )
        x, y = points[-1]
        ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="none" stroke="{colour}"/>'
        marks.append(f'{ring}<text x="{x + 11:.1f}" y="{y + 4:.1f}">{number}</text>')
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" fill="currentColor" font-size="13">'
        f"<title>Score against size on disk, after each step</title>{''.join(marks)}</svg>"
    )


def _axes(most: float, low: float, high: float) -> str:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _EDGE
    return (
        f'<path d="M{_LEFT} {_EDGE}V{bottom}H{right}" fill="none" stroke="currentColor"/>'
        f'<text x="{right}" y="{bottom + 18}" text-anchor="end">{units.megabytes(most)}</text>'
        f'<text x="{_LEFT}" y="{bottom + 18}">0</text>'
        f'<text x="{(_LEFT + right) / 2}" y="{bottom + 38}">size on disk</text>'
        f'<text x="{_LEFT - 6}" y="{bottom}" text-anchor="end">{low:.1f} %</text>'
        f'<text x="{_LEFT - 6}" y="{_EDGE + 10}" text-anchor="end">{high:.1f} %</text>'
    )
