"""The command line where the machine is odd: one sentence, never a traceback."""

import os
import signal
import subprocess
import sys

import pytest


def ended(*arguments, **environment):
    command = [sys.executable, "-m", "effexplorer", *arguments]
    done = subprocess.run(  # noqa: S603 - this program
        command, capture_output=True, env=os.environ | environment, check=False
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("variable", ["EFFEXPLORER_HOME", "EFFEXPLORER_MODEL_DIR"])
@pytest.mark.parametrize("value", ["~nobody-at-all/x", "/tmp/\udcff"])  # noqa: S108 - not made
def test_a_folder_that_cannot_be_is_one_sentence(variable, value):
    code, _, said = ended("run", "--model", "odd", **{variable: value})
    assert code == 2 and said.startswith(f"{variable}: must be") and said.count("\n") == 1


def test_a_model_whose_path_is_no_text_is_refused_before_any_work(tmp_path):
    code, _, said = ended("run", "--model", str(tmp_path / "\udcff"))
    assert code == 2 and said.startswith("model: must be a name in UTF-8, in one line; got ")


def test_an_ascii_terminal_gets_what_it_can_show():
    environment = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C.UTF-8"}
    code, _, said = ended("run", "--model", "./größe", **environment)
    assert code == 2 and "gr\\xf6\\xdfe" in said and "Traceback" not in said


def test_term_ends_a_run_as_ctrl_c_does(local_tiny_model):
    command = [sys.executable, "-m", "effexplorer", "run", "--model", "tiny", "--epochs", "20"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:  # noqa: S603
        for line in run.stderr:
            if line.startswith("Stage 1"):
                run.send_signal(signal.SIGTERM)
        assert run.wait() == 143
    assert line == "effexplorer: stopped by TERM.\n"
