"""Named builders of made-up values for tests; nothing here was measured."""

import numpy as np

from effexplorer.models.catalog import CATALOG
from effexplorer.operators import OPERATORS
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.answers import Answers, from_logits
from effexplorer.records.schema import SCHEMA, Exit, Record, Stage

_SHRINK = {"distill": (3, 0.53), "prune": (None, 0.62), "quantize": (None, 0.26)}


def a_stage(step: str = "dense", **changes) -> Stage:
    """Return a stage of round numbers; ``changes`` replace fields."""
    operator = "" if step == "dense" else step.partition("(")[0]
    fields = {
        "step": step,
        "operator": operator,
        "letter": OPERATORS[operator].letter if operator else "",
        "score": 90.0,
        "score_low": 88.0,
        "score_high": 92.0,
        "metrics": {"accuracy": 90.0},
        "layers": 6,
        "parameters": 22_700_000,
        "nonzero": 22_700_000,
        "bytes": 90_900_000,
        "ideal_bytes": 90_800_000,
        "macs": 210_000_000,
        "latency_ms": 8.0,
        "latency_p95_ms": 9.5,
        "threads": 1,
        "seconds": 42.0,
        "reused": False,
    }
    return Stage(**fields | changes)


def some_answers(stages: int = 1, *, seed: int = 0) -> tuple[Answers, ...]:
    """Return what that many stages answered to eight rows of two classes."""
    random = np.random.default_rng(seed)
    labels = random.integers(2, size=8)
    return tuple(from_logits(random.normal(size=(8, 2)), labels) for _ in range(stages))


def some_exits(layers: int = 6) -> dict:
    """Return the fields of a stage with an exit after each of ``layers`` layers."""
    exits = tuple(
        Exit(
            layer=layer,
            score=90.0 - 4.0 * (layers - layer),
            macs=35_000_000 * layer,
            temperature=1.0 + 0.1 * layer,
            share=100 / layers,
        )
        for layer in range(1, layers + 1)
    )
    operating = {"score": 89.4, "macs": 122_500_000.0, "layers": 3.5, "threshold": 0.83}
    return {"exits": exits, "operating": operating}


def a_record(
    steps: str = "",
    *,
    model: str = "minilm",
    task: str = "sst2",
    seed: int = 0,
    rows: int = 20_000,
    **last,
) -> Record:
    """Return the record of ``steps`` as they are typed; ``last`` changes its last stage."""
    pipeline = Pipeline(model, task, parse_steps(steps), seed=seed, train_examples=rows)
    stages = [a_stage()]
    for step in pipeline.steps:
        before = stages[-1]
        layers, ratio = _SHRINK.get(step.name, (None, 1.0))
        lost = {"distill": 1.4, "prune": 0.9, "quantize": 0.3}.get(step.name, 0.5)
        score = round(before.score - lost, 2)
        stages.append(
            a_stage(
                str(step),
                score=score,
                score_low=score - 2.0,
                score_high=score + 2.0,
                layers=layers or before.layers,
                parameters=round(before.parameters * (0.77 if layers else 1)),
                nonzero=round(before.nonzero * (0.77 if layers else 0.8)),
                bytes=round(before.bytes * ratio),
                ideal_bytes=round(before.ideal_bytes * ratio),
                macs=round(before.macs * (0.5 if layers else 1)),
                latency_ms=round(before.latency_ms * (0.5 if step.name != "prune" else 1), 2),
                latency_p95_ms=round(before.latency_p95_ms * 0.5, 2),
            )
        )
    if last:
        stages[-1] = Stage(**{**stages[-1].__dict__, **last})
    return Record(
        schema=SCHEMA,
        id=pipeline.key,
        created="2026-01-02T03:04:05+00:00",
        pipeline=pipeline.to_dict(),
        stages=tuple(stages),
        score_name="accuracy",
        data={
            "source": "a made-up table",
            "fingerprint": "0123456789abcdef",
            "train_examples": rows,
            "validation_examples": 872,
        },
        weights={"source": "made up", "sha256": CATALOG["minilm"].sha256},
        machine={"processor": "made up", "cores": 2, "threads": 1},
        versions={"python": "3.11", "torch": "2.13.0"},
        commit="0123456789ab",
    )
