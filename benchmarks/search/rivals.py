"""The rivals: random choice, Optuna's NSGA-II and TPE, and successive halving over stages."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.search.replay import Replay, Seen, Typed
from effexplorer.analysis.pareto import front

_ASKED = 2_000  # proposals after which a sampler that only repeats itself is stopped
_FEW = 8  # what NSGA-II has as a population, TPE as random trials first: few, as budgets are small


def random_search(replay: Replay) -> None:
    """Measure whole pipelines, each as likely as any other, none twice."""
    for at in replay.random.permutation(len(replay.space)):
        replay.measure(replay.space[at])


def nsga2(replay: Replay) -> None:
    """Let Optuna's NSGA-II choose, for least bytes and the best score."""
    from optuna.samplers import NSGAIISampler

    _optuna(replay, NSGAIISampler(population_size=_FEW, seed=_seed(replay)))


def tpe(replay: Replay) -> None:
    """Let Optuna's multi-objective TPE choose."""
    from optuna.samplers import TPESampler

    _optuna(replay, TPESampler(n_startup_trials=_FEW, seed=_seed(replay)))


def successive_halving(replay: Replay) -> None:
    """Measure the first step of 16 random pipelines, go on with the better half of them, and again.

    The resource that grows is the number of stages. Better is an earlier front: those on the front
    of what is left first, then those on the front without them.
    """
    while True:
        long = [steps for steps in replay.space if len(steps) == max(map(len, replay.space))]
        alive = [long[at] for at in replay.random.choice(len(long), min(16, len(long)), False)]
        for length in range(1, len(long[0]) + 1):
            for steps in alive:
                replay.measure(steps[:length])
            ranked = _by_front([replay.seen[steps[:length]] for steps in alive])
            alive = [alive[at] for at in ranked[: max(1, len(alive) // 2)]]
        if len(replay.seen) == len(replay.space):
            return


def _optuna(replay: Replay, sampler: object) -> None:
    """Ask ``sampler`` for which operators a pipeline has, and for the place of each."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(directions=["minimize", "maximize"], sampler=sampler)
    operators = [steps[0] for steps in replay.space if len(steps) == 1]
    for _ in range(_ASKED):
        trial = study.ask()
        taken = [
            operator
            for operator in operators
            if trial.suggest_categorical(f"has {operator}", [True, False])
        ]
        places = {
            operator: trial.suggest_float(f"place of {operator}", 0, 1) for operator in operators
        }
        steps: Typed = tuple(sorted(taken, key=places.__getitem__))
        study.tell(trial, replay.measure(steps).point)


def _by_front(seen: Sequence[Seen]) -> list[int]:
    left, ranked = list(range(len(seen))), []
    while left:
        best = [left[at] for at in front([seen[candidate].point for candidate in left])]
        ranked += best
        left = [candidate for candidate in left if candidate not in best]
    return ranked


def _seed(replay: Replay) -> int:
    return int(replay.random.integers(2**31))
