import pytest

from effexplorer.sweep.grid import expand


@pytest.fixture
def tiny_grid(local_tiny_model):
    """Give a function that makes a grid of the tiny model; its arguments are the grid's keys."""

    def make(pipelines, **changes):
        quick = {"models": ["tiny"], "train_examples": 40, "epochs": 0.5}
        return expand(quick | {"pipelines": pipelines} | changes)

    return make
