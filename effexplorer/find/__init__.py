"""Find: the best pipeline within limits and a budget, by measuring where it pays most."""

from effexplorer.find.goal import Goal
from effexplorer.find.request import Request
from effexplorer.find.search import find

__all__ = ["Goal", "Request", "find"]
