"""The run command as it is typed, on a tiny random model."""

import json
import signal
import subprocess
import sys

import pytest

RUN = [sys.executable, "-m", "effexplorer", "run", "--model", "tiny", "--task", "reviews"]


@pytest.fixture(autouse=True)
def its_model(local_tiny_model):
    """Let ``tiny`` be a model's name."""


def test_a_run_is_measured_once_and_then_shown():
    command = [*RUN, "--steps", "quantize", "--train-examples", "16", "--epochs", "1", "--json"]
    first, second = (
        subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        for _ in range(2)
    )
    row = json.loads(first.stdout)
    assert (row["model"], row["steps"], row["source"]) == ("tiny", "quantize", "here")
    assert "Stage 2 of 2: quantize" in first.stderr
    assert second.stdout == first.stdout
    assert second.stderr.startswith("Already measured: ")


def test_ctrl_c_stops_a_run_quietly():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
    command = [*RUN, "--train-examples", "900", "--epochs", "20"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:  # noqa: S603
        assert run.stderr.readline().startswith("18,000 training rows")
        assert run.stderr.readline().startswith("Stage 1 of 1: dense")
        run.send_signal(signal.SIGINT)
        assert run.stderr.read() == "effexplorer: stopped by Ctrl-C.\n"
    assert run.returncode == 130
