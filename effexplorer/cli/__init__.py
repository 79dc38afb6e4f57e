"""The command line: one file per command, and here what they share: errors, exit codes, Ctrl-C."""

import contextlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from typing import NoReturn

from effexplorer import error_report
from effexplorer.atomic import disk_full
from effexplorer.cli.parser import read_arguments
from effexplorer.errors import UserError

OK, FAILED, BAD_INPUT = 0, 1, 2
INTERRUPTED, PIPE_CLOSED, TERMINATED = 130, 141, 143  # as a shell counts signals


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what ``arguments`` (the command line's, by default) ask for; return the exit code.

    Bad input is told in one sentence, and an error of the program in one with its id.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    _show_what_can_be()
    try:
        with _stopped_by_term():
            code = _act(given)
        sys.stdout.flush()
        return code
    except UserError as error:
        return _tell(str(error), BAD_INPUT)
    except Terminated:
        return _tell("effexplorer: stopped by TERM.", TERMINATED)
    except KeyboardInterrupt:
        return _tell("effexplorer: stopped by Ctrl-C.", INTERRUPTED)
    except BrokenPipeError:
        _discard_output()
        return PIPE_CLOSED
    except Exception as error:
        if "--debug" in given:
            traceback.print_exc()
        return _tell(_sentence(error), FAILED)


def _sentence(error: Exception) -> str:
    """Return what is said of an error that is not the user's."""
    if disk_full(error):
        return error_report.FULL_DISK
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return f"The system refused: {error.strerror}{place}."
    return f"{error_report.bug_sentence(error)} Use --debug to see them here."


def _show_what_can_be() -> None:
    """Let an ASCII terminal get codes in place of what it cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class Terminated(KeyboardInterrupt):
    """TERM came: what Ctrl-C ends in order ends in the same order."""


@contextlib.contextmanager
def _stopped_by_term() -> Iterator[None]:
    """Raise Terminated when TERM comes, and put back what was done before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: object) -> NoReturn:
    raise Terminated


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
