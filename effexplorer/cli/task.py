"""``effexplorer task``: tasks of one's own from files of labelled texts."""

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from effexplorer.cli.output import print_json, print_table, tell
from effexplorer.errors import UserError
from effexplorer.tasks.label_values import METRICS
from effexplorer.tasks.own import (
    check_name,
    find_own,
    keep_task,
    list_own,
    own_problems,
    remove_task,
)
from effexplorer.tasks.own_description import OwnTask
from effexplorer.tasks.prepare import Prepared, Wishes, prepare
from effexplorer.tasks.scores import score_words
from effexplorer.tasks.table_file import read_table_file

HELP = "Add a task from files of labelled texts; list, show or remove such tasks."
EXAMPLE = "task add complaints --train-file complaints.csv --metric macro_f1"
_HEADING = ("name", "texts", "labels", "score", "to train on", "to measure on", "source")


def add_options(parser: ArgumentParser) -> None:
    """Add the four actions, each with its options."""
    actions = parser.add_subparsers(metavar="action", required=True)
    add = _action(actions, "add", _add, "make a task of a CSV, TSV, JSON lines or Parquet file")
    add.add_argument("name", help="what the task will be called")
    add.add_argument(
        "--train-file", type=Path, required=True, metavar="F", help="its labelled texts"
    )
    add.add_argument(
        "--validation-file",
        type=Path,
        metavar="F",
        help="to measure on (default: a part kept aside)",
    )
    add.add_argument("--text-column", default="", metavar="C", help="the text (default: guessed)")
    add.add_argument("--pair-column", default="", metavar="C", help="the second text of a pair")
    add.add_argument("--label-column", default="", metavar="C", help="class or number")
    add.add_argument("--metric", default="", help=f"{', '.join(METRICS)} (default: by the labels)")
    add.add_argument("--max-length", default="128", metavar="N", help="word pieces (default: 128)")
    add.add_argument("--skip-bad-rows", action="store_true", help="leave out rows with a problem")
    _action(actions, "list", _list, "list the tasks of one's own")
    show = _action(actions, "show", _show, "show one of them")
    remove = _action(actions, "remove", _remove, "take one of them away; its runs stay")
    for action in (show, remove):
        action.add_argument("name", help="the task's name")


def act(options: Namespace) -> int:
    """Do the action that was chosen."""
    code: int = options.action(options)
    return code


def _action(
    actions: Any, name: str, action: Callable[[Namespace], int], help: str
) -> ArgumentParser:
    parser: ArgumentParser = actions.add_parser(
        name, help=help, description=help, allow_abbrev=False
    )
    for flag, meaning in (("--json", "print JSON"), ("--debug", "show the traceback of an error")):
        parser.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=meaning)
    parser.set_defaults(action=action)
    return parser


def _add(options: Namespace) -> int:
    check_name(options.name)
    try:
        length = int(options.max_length)
    except ValueError as error:
        raise UserError(
            f"max_length: must be a whole number; got {options.max_length[:40]}."
        ) from error
    wishes = Wishes(
        options.text_column,
        options.pair_column,
        options.label_column,
        options.metric,
        length,
        options.skip_bad_rows,
    )
    paths = [path for path in (options.train_file, options.validation_file) if path]
    tables = [read_table_file(path) for path in paths]
    prepared = prepare(options.name, tables[0], tables[1] if len(tables) > 1 else None, wishes)
    own = keep_task(
        prepared.spec, prepared.train, prepared.validation, [table.name for table in tables]
    )
    tell(prepared.notes)
    if options.json:
        print_json(_plain(own))
    else:
        _print_counts(prepared)
        print(f"Added {own.spec.name}. Try: effexplorer run --task {own.spec.name}")
    return 0


def _print_counts(prepared: Prepared) -> None:
    counts = prepared.counts()
    if counts:
        print_table(
            ("label", "to train on", "to measure on"),
            [(name, *map(str, rows)) for name, rows in counts.items()],
        )


def _list(options: Namespace) -> int:
    tasks = list_own()
    tell(own_problems())
    if options.json:
        print_json([_plain(own) for own in tasks])
    elif tasks:
        print_table(_HEADING, map(_cells, tasks))
    else:
        tell(["No tasks of your own yet. Make one with: effexplorer task add"])
    return 0


def _show(options: Namespace) -> int:
    own = find_own(options.name)
    if options.json:
        print_json(_plain(own))
    else:
        for name, value in _plain(own).items():
            text = ", ".join(map(str, value)) if isinstance(value, list) else value
            print(f"{name.replace('_', ' ')}: {text}")
    return 0


def _remove(options: Namespace) -> int:
    remove_task(options.name)
    if options.json:
        print_json({"removed": options.name})
    else:
        print(f"Removed {options.name}. Runs that were measured on it stay.")
    return 0


def _cells(own: OwnTask) -> tuple[str, ...]:
    spec = own.spec
    return (
        spec.name,
        ", ".join(spec.text),
        f"{len(spec.labels)} classes" if spec.labels else "a number",
        score_words(spec.metrics[0]),
        *map(str, own.rows),
        own.source,
    )


def _plain(own: OwnTask) -> dict[str, Any]:
    spec = own.spec
    return {
        "name": spec.name,
        "texts": list(spec.text),
        "labels": list(spec.labels) or "numbers from {:g} to {:g}".format(*spec.scale),
        "metrics": list(spec.metrics),
        "max_length": spec.max_length,
        "epochs": spec.epochs,
        "rows_to_train_on": own.rows[0],
        "rows_to_measure_on": own.rows[1],
        "source": own.source,
        "fingerprint": own.fingerprint,
        "created": own.created,
    }
