import random
import subprocess
import sys
import time

import pytest


@pytest.fixture
def kill_while_it_writes():
    """Give a function that runs a module again and again and kills it (-9) at random moments.

    It returns all lines that the module printed before it was killed: what it holds to be written.
    """

    def run(module, *arguments, rounds):
        moments = random.Random(0)  # noqa: S311 - where to kill is no secret
        printed = []
        for attempt in range(rounds):
            command = [sys.executable, "-u", "-m", module, *map(str, arguments), str(attempt)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:  # noqa: S603
                printed.append(writer.stdout.readline().strip())
                time.sleep(moments.uniform(0, 0.03))
                writer.kill()
                printed.extend(writer.stdout.read().split("\n")[:-1])
        return printed

    return run
