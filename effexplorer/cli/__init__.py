"""The command line: one file per command, and here what they share: errors, exit codes, Ctrl-C."""

import os
import sys
import traceback
from collections.abc import Sequence

from effexplorer import error_report
from effexplorer.atomic import disk_full
from effexplorer.cli.parser import read_arguments
from effexplorer.errors import UserError

OK, FAILED, BAD_INPUT, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141  # as a shell counts signals


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what ``arguments`` (the command line's, by default) ask for; return the exit code.

    Bad input is told in one sentence, and an error of the program in one with its id.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _act(given)
        sys.stdout.flush()
        return code
    except UserError as error:
        return _tell(str(error), BAD_INPUT)
    except KeyboardInterrupt:
        return _tell("effexplorer: stopped by Ctrl-C.", INTERRUPTED)
    except BrokenPipeError:
        _discard_output()
        return PIPE_CLOSED
    except Exception as error:
        if "--debug" in given:
            traceback.print_exc()
        if disk_full(error):
            return _tell(error_report.FULL_DISK, FAILED)
        if isinstance(error, OSError) and error.strerror:
            place = f" ({error.filename})" if error.filename else ""
            sentence = f"The system refused: {error.strerror}{place}."
            return _tell(sentence, FAILED)
        return _tell(f"{error_report.bug_sentence(error)} Use --debug to see them here.", FAILED)


def entry() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(main())


def _act(arguments: Sequence[str]) -> int:
    try:
        options = read_arguments(arguments)
    except SystemExit as leaving:  # argparse has printed the help or the version
        return int(leaving.code or OK)
    code: int = options.act(options)
    return code


def _tell(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def _discard_output() -> None:
    """Let what is still buffered go nowhere, or Python would complain about it on its way out."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
