"""Made-up pools and pipelines for the tests of sweeps; nothing here trains."""

from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.sweep.scheduler import DONE, FAILED, Event


class MadeUpPool:
    """A pool of ``workers`` that ends one stage at each look, the one begun first.

    ``failing`` are the steps of stages that fail. ``begun`` lists the stages in their order.
    """

    def __init__(self, workers=1, failing=()):
        self.workers, self.failing = workers, failing
        self.begun, self.running, self.most = [], [], 0

    @property
    def free(self):
        return self.workers - len(self.running)

    def begin(self, index, node):
        assert self.free > 0
        self.begun.append(str(node.pipeline) or "dense")
        self.running.append((index, node))
        self.most = max(self.most, len(self.running))

    def events(self, seconds):
        if not self.running:
            return []
        index, node = self.running.pop(0)
        fails = str(node.pipeline) in self.failing
        return [Event("one", index, FAILED if fails else DONE, sentence="Why." if fails else "")]


def pipelines(*steps, task="reviews", **changes):
    return [Pipeline("minilm", task, parse_steps(step), **changes) for step in steps]
