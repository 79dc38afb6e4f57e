import os
import re
import subprocess
import sys

import pytest

from effexplorer import __version__, cli
from effexplorer.cli.parser import COMMANDS


def python(*arguments, **options):
    return subprocess.run(  # noqa: S603 - this package's own commands
        [sys.executable, *arguments], capture_output=True, text=True, check=False, **options
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(command, name):
    code, out, _ = command(name, "--help")
    assert code == 0
    assert f"example:\n  effexplorer {name}" in out


def test_without_a_command_the_help_lists_them_all(command):
    code, out, _ = command()
    assert code == 0
    assert all(re.search(rf"^ +{name}\b", out, re.MULTILINE) for name in COMMANDS)


def test_the_version_is_the_packages(command):
    assert command("--version")[:2] == (0, f"effexplorer {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fly"], f"command: must be one of {', '.join(COMMANDS)}; got fly."),
        (["run", "--seed", "x"], "run: seed must be a whole number; got x."),
        (["run", "--seed", "-1"], "run: seed must be between 0 and"),
        (["run", "--seed", "1e99"], "run: seed must be between"),
        (["run", "--train-examples", "3"], "run: train_examples must be between 8 and"),
        (["run", "--epochs", "nan"], "run: epochs must be a number; got nan."),
        (["run", "--steps", "fly"], "steps: an operator must be one of"),
        (
            ["run", "--steps", "prune(sparsity=2)"],
            "prune: sparsity must be between 0 and 0.99; got",
        ),
        (["run", "--preset", "fly"], "preset: must be one of those that effexplorer presets lists"),
        (["run", "--preset", "s2-d", "--steps", "P"], "preset: must stand without --steps"),
        (["run", "--steps", "quantize > prune"], "prune: a step that trains must stand before"),
        (["run", "--model", "fly"], "model: must be one of"),
        (["run", "--model", "no/such/folder"], "model: "),
        (["run", "--task", "fly"], "task: must be one of"),
        (["run", "--out"], "effexplorer run: must be called as its --help shows; "),
        (["run", "--fly"], "effexplorer: must be called as its --help shows; "),
        (
            ["front", "--cost", "fly"],
            "cost: must be one of bytes, parameters, macs, latency; got fly.",
        ),
        (["front", "--task", "fly"], "task: must be one of"),
        (["front", "--model", "fly"], "model: must be one of"),
    ],
)
def test_bad_input_is_told_in_one_sentence(command, arguments, sentence):
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(sentence)
    assert err.count("\n") == 1


@pytest.fixture
def broken(monkeypatch):
    """Let ``list`` stop with an error of the program."""

    def act(options):
        raise ZeroDivisionError("a secret of the program")

    monkeypatch.setattr(COMMANDS["list"], "act", act)


def test_a_bug_is_told_by_its_id_and_logged(command, broken, data_folder):
    code, _, err = command("list")
    log = (data_folder / "errors.log").read_text()
    assert code == 1
    assert err.count("\n") == 1 and "secret" not in err
    assert re.search("error ([0-9a-f]{8})", err)[1] in log
    assert "a secret of the program" in log


def test_a_bug_shows_its_traceback_when_asked_for(command, broken):
    assert "ZeroDivisionError: a secret of the program" in command("list", "--debug")[2]


def test_a_bug_is_told_even_when_no_log_can_be_written(command, broken, data_folder):
    data_folder.write_text("a file in the way")
    code, _, err = command("list")
    assert code == 1 and "ZeroDivisionError" in err and err.count("\n") == 1


def test_what_the_system_refuses_is_told_with_the_place(command, monkeypatch):
    def act(options):
        raise PermissionError(13, "Permission denied", "/some/folder")

    monkeypatch.setattr(COMMANDS["list"], "act", act)
    sentence = "The system refused: Permission denied (/some/folder).\n"
    assert command("list") == (cli.FAILED, "", sentence)


def test_ctrl_c_leaves_with_its_own_code(command, monkeypatch):
    def act(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(COMMANDS["list"], "act", act)
    assert command("list") == (cli.INTERRUPTED, "", "effexplorer: stopped by Ctrl-C.\n")


@pytest.mark.parametrize("arguments", [["operators", "--json"], ["--help"]])
def test_a_reader_that_leaves_early_is_no_error(arguments):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        found = subprocess.run(  # noqa: S603 - this package's own commands
            [sys.executable, "-m", "effexplorer", *arguments],
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert found.stderr == ""
    assert found.returncode in (0, cli.PIPE_CLOSED)  # argparse itself lets a lost help go


@pytest.mark.parametrize(
    "arguments", [["list"], ["front"], ["operators"], ["presets"], ["run", "--help"]]
)
def test_a_look_at_what_is_there_loads_neither_torch_nor_gradio(arguments):
    code = (
        "import sys; from effexplorer import cli; cli.main(sys.argv[1:]); "
        "print({'torch', 'transformers', 'datasets', 'gradio'} & set(sys.modules))"
    )
    assert python("-c", code, *arguments).stdout.splitlines()[-1] == "set()"


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, effexplorer; print({'torch', 'numpy', 'gradio'} & set(sys.modules))"
    assert python("-c", code).stdout == "set()\n"
