"""``effexplorer exits``: ask a multi-exit model, and see where each text leaves."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from effexplorer import units
from effexplorer.cli.output import print_json, print_table, tell
from effexplorer.errors import UserError, shown
from effexplorer.inference.saved_models import saved_models

if TYPE_CHECKING:
    from effexplorer.inference.answer import Answer

HELP = "Ask a multi-exit model, and see where each text leaves and what that saves."
EXAMPLE = 'exits --model sst2 --text "A charming film." --policy confidence --threshold 0.9'
_HEADING = ("layer", "answer", "surest", "readiness", "compute", "took", "word pieces", "text")
_MODELS = ("model", "task", "exits after layers", "from")
_WIDTH = 48  # characters of a text in the table


def add_options(parser: ArgumentParser) -> None:
    """Add the model, the texts, and when they leave."""
    parser.add_argument("--model", help="its name, a run's id or a folder (default: list them)")
    parser.add_argument(
        "--text",
        action="append",
        nargs="+",
        metavar="TEXT",
        help="a text, or two for a task on pairs; may be given again",
    )
    parser.add_argument(
        "--file", metavar="PATH", help="a text on each line, pairs parted by a tab; - is stdin"
    )
    parser.add_argument(
        "--policy", help="confidence, entropy, patience, agreement or full (default: the model's)"
    )
    parser.add_argument(
        "--threshold", metavar="N", help="one number, or one for each exit with commas between"
    )
    parser.add_argument("--all-exits", action="store_true", help="show what every exit says")
    parser.add_argument("--engine", default="onnx", help="onnx or torch (default: onnx)")


def act(options: Namespace) -> int:
    """Print the answers, or without a model those that there are."""
    if options.model is None:
        return _list_models(as_json=options.json)
    texts = _texts(options)
    thresholds = {} if options.threshold is None else {"threshold": _numbers(options.threshold)}
    from effexplorer.inference.model import load_exits  # loads torch

    model = load_exits(options.model, engine=options.engine)
    answers = model(texts, policy=options.policy, all_exits=options.all_exits, **thresholds)
    if options.json:
        print_json([answer.to_dict() for answer in answers])
        return 0
    print_table(_HEADING, [row for answer in answers for row in _rows(answer)])
    tell(_cautions(answers, model.max_length))
    return 0


def _list_models(*, as_json: bool) -> int:
    models = saved_models()
    rows = [
        {"name": model.name, "task": model.task, "layers": model.layers, "source": model.source}
        for model in models
    ]
    if as_json:
        print_json(rows)
    elif rows:
        cells = [
            (model.name, model.task, " ".join(map(str, model.layers)), model.source)
            for model in models
        ]
        print_table(_MODELS, cells)
    else:
        tell(["No models with exits yet. Make one with: effexplorer run --steps exit"])
    return 0


def _texts(options: Namespace) -> list[Any]:
    texts = [parts[0] if len(parts) == 1 else tuple(parts) for parts in options.text or ()]
    if options.file:
        lines = [line for line in _read(options.file).splitlines() if line.strip()]
        texts += [tuple(line.split("\t")) if "\t" in line else line for line in lines]
    if not texts:
        raise UserError("text: must be given, with --text or --file; got none.")
    return texts


def _read(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        raise UserError(
            f"file: must be readable text in UTF-8; got {shown(name)} ({reason})."
        ) from error


def _numbers(text: str) -> float | list[float]:
    try:
        numbers = [float(number) for number in text.split(",")]
    except ValueError as error:
        raise UserError(
            f"threshold: must be numbers with commas between; got {shown(text)}."
        ) from error
    return numbers[0] if len(numbers) == 1 else numbers


def _rows(answer: "Answer") -> list[tuple[str, ...]]:
    """Return one line, or one for each exit if more than the one taken were computed."""
    several = len(answer.readiness) > answer.exit + 1
    first = 0 if several else answer.exit
    return [_row(answer, exit, several) for exit in range(first, len(answer.readiness))]


def _row(answer: "Answer", exit: int, several: bool) -> tuple[str, ...]:
    label, likely = answer.labels[exit], answer.probabilities[exit]
    mark = " *" if several and exit == answer.exit else ""
    text = answer.text if isinstance(answer.text, str) else " | ".join(answer.text)
    return (
        f"{answer.layers[exit]}{mark}",
        label if isinstance(label, str) else f"{label:.2f}",
        units.percent(100 * max(likely)) if likely else "",
        f"{answer.readiness[exit]:.3f}",
        units.percent(100 * answer.macs[exit] / answer.macs_full),
        units.milliseconds(answer.milliseconds[exit]),
        f"{answer.tokens}{' (cut)' if answer.truncated else ''}",
        _one_line(text),
    )


def _one_line(text: str) -> str:
    """Return the beginning of ``text`` without what would move the cursor or turn the line."""
    plain = "".join(
        character if character.isprintable() else " " for character in " ".join(text.split())
    )
    return plain if len(plain) <= _WIDTH else plain[: _WIDTH - 3] + "..."


def _cautions(answers: "list[Answer]", length: int) -> list[str]:
    cautions = []
    cut = sum(answer.truncated for answer in answers)
    if cut:
        cautions.append(
            f"Cut at {length} word pieces, which is all that the model reads: "
            f"{units.many(cut, 'text')}."
        )
    unknown = sum(answer.unknown for answer in answers)
    if unknown:
        cautions.append(
            f"Not in the model's vocabulary, and read as unknown: {units.many(unknown, 'word')}."
        )
    if not answers[0].calibrated:
        cautions.append(
            "The model's exits are not calibrated: a confidence is no chance to be right."
        )
    return cautions
