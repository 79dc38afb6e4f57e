"""Worker processes: start one, tell whether it lives, end it.

A worker holds a lock on a file in its job's folder from before its first instruction. The kernel
frees the lock when the process ends, however it ends, so any process can ask whether the worker
lives, and a process id that was given to another program since then cannot be mistaken for it.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from effexplorer import limits
from effexplorer.errors import UserError

ALIVE = "alive"
LOG_FILE = "log.txt"
WORKER = (sys.executable, "-m", "effexplorer.jobs.worker")
SEARCH_WORKER = (sys.executable, "-m", "effexplorer.find.worker")


def start_worker(
    folder: Path, command: Sequence[str], workers: int
) -> subprocess.Popen[bytes] | None:
    """Start ``command`` on the job in ``folder`` in a session of its own, so that it outlives us.

    The machine's cores are shared out among ``workers``. Returns None when a worker already lives.
    """
    with (folder / ALIVE).open("a") as alive, (folder / LOG_FILE).open("ab") as log:
        if not _lock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return None
        process = subprocess.Popen(  # noqa: S603 - this program's own command, without a shell
            [*command, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(folder, workers),
            start_new_session=True,
            pass_fds=[alive.fileno()],
        )
    _step_back(process.pid)
    return process


def lives(folder: Path) -> bool:
    """Tell whether the worker of the job in ``folder`` lives."""
    try:
        with (folder / ALIVE).open() as alive:
            return not _lock(alive, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False


def kill_group(pid: int) -> None:
    """End the worker ``pid`` and all that it started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def exit_sentence(code: int | None) -> str:
    """Return why a worker that left no last word ended; ``code`` is None when nobody saw it end."""
    if code is None:
        reason = "ended unseen, for lack of memory or because the machine was restarted"
    elif code < 0:
        reason = f"was ended by signal {-code}" + (", often for lack of memory" * (code == -9))
    else:
        reason = f"ended with code {code}"
    return f"run: its process must reach the end of its work; it {reason}."


def _step_back(pid: int) -> None:
    """Let the worker ``pid`` have what the app and its answers leave of the cores.

    Where Linux weighs every session as a whole, the worker's own session steps back as well.
    """
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(OSError):  # it has ended already, or this system weighs no sessions
        os.setpriority(os.PRIO_PROCESS, pid, min(ours + limits.WORKER_NICENESS, 19))
        Path(f"/proc/{pid}/autogroup").write_text(str(limits.WORKER_NICENESS))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the jobs ``folder``: one process at a time decides what is started.

    Raises UserError when the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("a")
    except OSError as error:
        raise UserError(
            f"EFFEXPLORER_HOME: must be a folder that can be written; got {folder.parent} "
            f"({error.strerror})."
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _lock(file: TextIO, how: int) -> bool:
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        return False
    return True


def _environment(folder: Path, workers: int) -> dict[str, str]:
    """Return the worker's environment: its share of the cores, this home, and this package."""
    threads = max(1, (os.cpu_count() or 1) // workers)
    variables = os.environ | {
        "EFFEXPLORER_HOME": str(folder.parent.parent),
        "OMP_NUM_THREADS": str(threads),
        "PYTHONUNBUFFERED": "1",
    }
    checkout = Path(__file__).parents[2]
    if (checkout / "pyproject.toml").is_file():
        variables["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(checkout), variables.get("PYTHONPATH")])
        )
    return variables
