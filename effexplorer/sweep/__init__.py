"""Sweeps: many pipelines from one grid, their common beginnings trained once, on many workers."""

from effexplorer.sweep.grid import Grid, read_grid
from effexplorer.sweep.scheduler import Outcome, sweep
from effexplorer.sweep.tree import Node, plan

__all__ = ["Grid", "Node", "Outcome", "plan", "read_grid", "sweep"]
