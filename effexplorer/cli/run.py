"""``effexplorer run``: fine-tune a model, apply the steps, measure after each, write the record."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from effexplorer import home, units
from effexplorer.cli.bar import open_bar
from effexplorer.cli.folders import make_writable
from effexplorer.cli.output import print_json, print_table, tell
from effexplorer.errors import UserError
from effexplorer.operators import Operator
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.presets import find_preset
from effexplorer.records.files import read_record
from effexplorer.records.schema import Record
from effexplorer.records.store import HERE, open_store
from effexplorer.runner.estimate import estimate
from effexplorer.runner.identity import run_here

HELP = "Run a pipeline: fine-tune the model, apply the steps, measure after each one."
EXAMPLE = (
    'run --model minilm --task sst2 --steps "distill(layers=3) > prune(sparsity=0.6) > quantize"'
)
_HEADING = ("stage", "score", "change", "size", "parameters", "MACs", "latency", "took")


def add_options(parser: ArgumentParser) -> None:
    """Add what describes a pipeline, and where its record goes."""
    parser.add_argument("--model", default="minilm", help="model or folder (default: minilm)")
    parser.add_argument("--task", default="reviews", help="task (default: reviews)")
    parser.add_argument("--steps", default="", help="operators in their order (default: none)")
    parser.add_argument("--preset", metavar="NAME", help="a named pipeline, in place of --steps")
    parser.add_argument("--seed", default="0", metavar="N", help="repeats a run (default: 0)")
    parser.add_argument("--train-examples", metavar="N", help="training rows (default: all)")
    parser.add_argument(
        "--epochs", metavar="N", help="passes of the dense model (default: task's; 0: as it is)"
    )
    parser.add_argument(
        "--max-length", metavar="N", help="word pieces at which a text is cut (default: task's)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="the record's folder")


def act(options: Namespace) -> int:
    """Run the pipeline, unless its record is there, and show what was measured."""
    pipeline = Pipeline(
        options.model,
        options.task,
        _steps(options),
        options.seed,
        options.train_examples,
        options.epochs,
        options.max_length,
    )
    folder = options.out or home.runs_folder()
    answer = run_here(pipeline, folder)
    tell(filter(None, [answer.note]))
    path = folder / f"{answer.id}.json"
    if path.exists():
        tell([f"Already measured: {path}"])
        record = read_record(path)
    else:
        record = _measure(pipeline, folder)
        tell([f"Written: {path}"])
    if options.json:
        print_json(record.row(HERE))
    else:
        print_table(_HEADING, _stages(record))
    return 0


def _steps(options: Namespace) -> tuple[Operator, ...]:
    """Return the operators that are typed, or those of the preset that is named."""
    if options.preset is None:
        return parse_steps(options.steps)
    if options.steps:
        raise UserError("preset: must stand without --steps; got both.")
    return find_preset(options.preset).steps


def _measure(pipeline: Pipeline, folder: Path) -> Record:
    _refuse(pipeline.problems())
    from effexplorer import runner  # loads torch, which a pipeline with a problem need not wait for

    _refuse(runner.check(pipeline))
    make_writable(folder)
    cost = estimate(pipeline, open_store().runs())
    tell([*pipeline.cautions(), *([f"{cost}."] if cost else [])])
    with open_bar() as report:
        return runner.run(pipeline, runs_folder=folder, report=report)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise UserError("\n".join(problems))


def _stages(record: Record) -> list[tuple[str, ...]]:
    dense = record.stages[0].score
    return [
        (
            stage.step,
            units.percent(stage.score),
            units.points(stage.score - dense),
            units.megabytes(stage.bytes),
            units.count(stage.parameters),
            units.count(stage.macs),
            units.milliseconds(stage.latency_ms),
            units.duration(stage.seconds),
        )
        for stage in record.stages
    ]
