"""What a run will cost, told before it starts: planned training rows, and minutes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from effexplorer.errors import UserError
from effexplorer.operators import Operator
from effexplorer.pipeline import Pipeline, outlines
from effexplorer.records.store import HERE, Run
from effexplorer.tasks.registry import find_task
from effexplorer.training.schedule import planned_sentences

# Rows that are trained on where a pipeline takes all: GLUE's and the reviews' training splits
# without the rows held out. Data in a folder of one's own may have others.
TRAIN_EXAMPLES = {
    "sentiment": 110_887,
    "sst2": 61_013,
    "mrpc": 3_302,
    "rte": 2_241,
    "cola": 7_696,
    "stsb": 5_175,
    "qnli": 102_743,
    "qqp": 361_846,
    "mnli": 390_702,
    "reviews": 958,
}


@dataclass(frozen=True)
class Estimate:
    """What a pipeline costs to run: training rows, seconds, and what these are based on.

    ``seconds`` is None where nothing was measured that tells. Stages that an earlier run left in
    the cache are counted all the same.
    """

    sentences: int
    seconds: float | None
    basis: str

    @property
    def text(self) -> str:
        """Return ``"About 24 minutes, 180,000 training rows"``, or the rows alone."""
        digits = min(0, 3 - len(str(self.sentences)))
        sentences = f"{round(self.sentences, digits):,} training rows"
        return sentences if self.seconds is None else f"{_about(self.seconds)}, {sentences}"

    def __str__(self) -> str:
        return f"{self.text} ({self.basis})"


def stage_sentences(pipeline: Pipeline, examples: int, epochs: float) -> list[int]:
    """Return the training rows of the dense model and of each step, which must be legal.

    ``examples`` are those that are trained on, ``epochs`` those of the dense model.
    """
    steps = outlines(pipeline.steps, pipeline.outline)
    later = [step.sentences(examples, epochs, before) for step, before, _ in steps]
    return [planned_sentences(examples, epochs), *later]


def estimate(pipeline: Pipeline, runs: Iterable[Run]) -> Estimate | None:
    """Return what the legal ``pipeline`` costs, judged by finished ``runs``, or None.

    None is told of a task whose number of training rows is not known before they are read.

    Seconds are each stage's sentences times layers, times what the dense model took for so much in
    the newest run of the same model on the same task; runs of this machine go first. Where a run
    has a step's operator, the step counts as many times more as it took there beside that run's
    own dense model: a teacher's forward pass is in it, or rounding to a grid. This is rough.
    """
    stages = work(pipeline)
    if stages is None:
        return None
    sentences = sum(count for _, count, _ in stages)
    if any(step.models_needed for step in pipeline.steps):
        return Estimate(sentences, None, "a student of another model is not timed beforehand")
    like = [
        run
        for run in sorted(runs, key=lambda run: (run.source == HERE, run.record.created))
        if (run.record.model, run.record.task) == (pipeline.model, pipeline.task)
    ]
    pace, factors = None, {"dense": 1.0}
    for run in reversed(like):
        paces = rates(run)
        if not paces:
            continue
        pace = pace or (paces["dense"], _basis(run))
        factors = {name: rate / paces["dense"] for name, rate in paces.items()} | factors
        if factors.keys() >= {operator for operator, _, effort in stages if effort}:
            break
    if pace is None:
        unknown = f"no run of {pipeline.model} on {pipeline.task} is here to tell how long"
        return Estimate(sentences, None, unknown)
    rate, basis = pace
    seconds = sum(rate * effort * factors.get(operator, 1.0) for operator, _, effort in stages)
    return Estimate(sentences, seconds, basis)


def work(pipeline: Pipeline) -> list[tuple[str, int, float]] | None:
    """Return for each stage its operator, its training rows, and these times layers.

    A step trains the layers that it leaves. What it does beyond one whole training is a search,
    whose candidates lie between that depth and one layer less than before.
    """
    spec = find_task(pipeline.task)
    rows = spec.train_rows or TRAIN_EXAMPLES.get(spec.name)
    examples = pipeline.train_examples or rows
    if examples is None:
        return None
    epochs = spec.epochs if pipeline.epochs is None else pipeline.epochs
    dense, *later = stage_sentences(pipeline, examples, epochs)
    stages = [("dense", dense, float(dense * pipeline.outline.layers))]
    steps = outlines(pipeline.steps, pipeline.outline)
    for (step, before, after), sentences in zip(steps, later, strict=True):
        whole = Operator.sentences(step, examples, epochs, before) if sentences else 0
        deeper = max(0, before.layers - 1 - after.layers) / 2
        effort = sentences * after.layers + max(0, sentences - whole) * deeper
        stages.append((step.name, sentences, effort))
    return stages


def rates(run: Run) -> dict[str, float]:
    """Return the seconds per sentence and layer of each operator that trained in ``run``.

    Empty for a run that a GPU elsewhere trained, which tells nothing of this machine.
    """
    record = run.record
    if run.source != HERE and record.machine.get("gpu"):
        return {}
    examples = record.data.get("train_examples", record.pipeline.get("train_examples"))
    try:
        pipeline = Pipeline.from_dict(record.pipeline | {"train_examples": examples})
        odd = pipeline.problems() or any(step.models_needed for step in pipeline.steps)
        stages = [] if odd else work(pipeline) or []
    except UserError:  # an operator that is not here any more
        stages = []
    speeds = {
        operator: stage.seconds / effort
        for stage, (operator, _, effort) in zip(record.stages, stages, strict=False)
        if effort and stage.seconds > 0
    }
    return speeds if "dense" in speeds else {}


def _basis(run: Run) -> str:
    place = "a run here" if run.source == HERE else "a shipped run"
    threads = run.record.machine.get("threads", 1)
    return f"judged by {place} on {threads} thread{'' if threads == 1 else 's'}"


def _about(seconds: float) -> str:
    if seconds < 45:
        return "Less than a minute"
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f"About {minutes} minute{'s' * (minutes > 1)}"
    return f"About {seconds / 3600:.1f} hours"
