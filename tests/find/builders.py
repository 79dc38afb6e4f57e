"""Made-up searches for tests: a request, and a pool whose pipelines score by a simple rule."""

from effexplorer.find.goal import Goal
from effexplorer.find.prices import Prices
from effexplorer.find.request import Request
from effexplorer.find.state import Point, State
from effexplorer.pipeline import Pipeline
from effexplorer.sweep.scheduler import DONE, FAILED, PROGRESS, Event

DENSE = 90.0
LOSSES = {"distill": 2.0, "prune": 1.0, "quantize": 0.2}  # points
SHARES = {"distill": 0.75, "prune": 0.7, "quantize": 0.26}  # of the size
SECONDS = 10.0  # of every stage's training


def a_request(operators="D,P,Q", *, budget=3600.0, task="reviews", examples=None, **goal):
    pipeline = Pipeline("minilm", task, (), 0, examples)
    goal = goal or {"max_size": 50e6}
    return Request(pipeline, Goal(**goal), budget, operators)


def a_stage_event(pipeline: Pipeline, *, reused=False, shift=0.0) -> dict:
    """Return the fields of the last stage of ``pipeline``: effects that add up."""
    score = DENSE + shift - sum(LOSSES[step.name] for step in pipeline.steps)
    size = 90e6
    for step in pipeline.steps:
        size *= SHARES[step.name]
    return {
        "score": score,
        "score_low": score - 2.0,
        "score_high": score + 2.0,
        "bytes": size,
        "parameters": 22_700_000,
        "macs": 200_000_000,
        "latency_ms": 8.0,
        "seconds": SECONDS,
        "reused": reused,
    }


def a_point(pipeline: Pipeline, **changes) -> Point:
    return Point.of(a_stage_event(pipeline, **changes))


class RulePool:
    """A pool of ``workers`` whose stages come out by the rule, on a clock of its own.

    ``failing`` are steps whose runs fail. ``begun`` lists what was begun, as it is typed, with
    whether it was explored.
    """

    def __init__(self, workers=1, failing=()):
        self.workers, self.failing = workers, failing
        self.running, self.begun, self.now = [], [], 0.0
        self.made: set[tuple[Pipeline, bool]] = set()

    def clock(self) -> float:
        return self.now

    def cached(self, pipeline: Pipeline) -> bool:
        return any((pipeline, explored) in self.made for explored in (True, False))

    @property
    def free(self):
        return self.workers - len(self.running)

    def begin(self, index, node):
        self.begun.append((str(node.pipeline) or "dense", node.explored))
        self.running.append((index, node))

    def events(self, seconds):
        if not self.running:
            return []
        index, node = self.running.pop(0)
        if str(node.pipeline) in self.failing:
            return [Event("one", index, FAILED, sentence="Why.")]
        found = [Event("one", index, PROGRESS, {"kind": "plan", "stages": []})]
        for length in range(len(node.pipeline.steps) + 1):
            stage = node.pipeline.prefix(length)
            reused = self.cached(stage)
            self.now += 0.0 if reused else SECONDS + 1.0
            self.made.add((stage, node.explored))
            told = {"kind": "measured", "index": length}
            told["stage"] = a_stage_event(stage, reused=reused)
            found.append(Event("one", index, PROGRESS, told))
        return [*found, Event("one", index, DONE)]


def a_driver(request, pool, state=None, rows=958, **changes):
    from effexplorer.find.driver import Driver

    prices = Prices(request.pipeline, [], rows)
    state = State() if state is None else state
    ways = {"cached": pool.cached, "clock": pool.clock, "workers": pool.workers}
    return Driver(request, state, pool, prices=prices, rows=rows, **ways | changes)
