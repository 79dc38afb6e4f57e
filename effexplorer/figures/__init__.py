"""Figures: pure functions from records to Plotly figures.

A figure is complete as it stands. Each trace also carries in ``meta`` the role of its colour, so
that the app can repaint it in its own light or dark colours.
"""

from effexplorer.figures.marks import Mark, mark
from effexplorer.figures.plane import plane

__all__ = ["Mark", "mark", "plane"]
