"""The parser of the command line: the commands, and bad arguments told as everywhere else."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from effexplorer import __version__
from effexplorer.cli import (
    delete,
    doctor,
    exits,
    export,
    find,
    front,
    list_runs,
    operators,
    presets,
    publish,
    report,
    run,
    sweep,
    task,
)
from effexplorer.errors import UserError, shown

COMMANDS = {
    "run": run,
    "sweep": sweep,
    "find": find,
    "list": list_runs,
    "delete": delete,
    "task": task,
    "front": front,
    "exits": exits,
    "export": export,
    "report": report,
    "publish": publish,
    "operators": operators,
    "presets": presets,
    "doctor": doctor,
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{self.prog}: must be called as its --help shows; {message}.")


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options that ``arguments`` set; ``options.act`` does what is asked for.

    Raises UserError for an unknown command or option.
    """
    if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise UserError(f"command: must be one of {known}; got {shown(arguments[0])}.")
    parser = _Parser(
        prog="effexplorer",
        description="See what compressing a text classifier costs and gains.",
        epilog="Each command has its own --help with an example. The app: python app.py",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"effexplorer {__version__}")
    commands = parser.add_subparsers(metavar="command", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            epilog=f"example:\n  effexplorer {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        module.add_options(command)
        command.add_argument("--json", action="store_true", help="print JSON instead of a table")
        command.add_argument("--debug", action="store_true", help="show the traceback of an error")
        command.set_defaults(act=module.act)
    return parser.parse_args(arguments or ["--help"])
