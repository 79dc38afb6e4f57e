"""Loading torch and transformers in a process of several threads."""

import subprocess
import sys

import pytest

THREADS = """
import threading, time
failed = []
def engine():
    from effexplorer.inference.service import _one_core
    _one_core()
    from effexplorer.inference.model import load_exits
def files():
    time.sleep(WAIT)
    from effexplorer.libraries import load_libraries
    load_libraries()
    from effexplorer.costs import macs
    from effexplorer.inference.model import ExitModel
def kept(work):
    try:
        work()
    except BaseException as error:
        failed.append(repr(error))
threads = [threading.Thread(target=kept, args=(work,)) for work in (engine, files)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert not failed, failed
"""


@pytest.mark.parametrize("wait", ["0", "0.5"])
def test_two_threads_that_load_them_at_once_get_them_whole(wait):
    """Early exit's first text opens the engine while its files for the browser are made."""
    code = THREADS.replace("WAIT", wait)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stderr[-2000:]
