"""Rules of the house that the source itself can be asked for, by ``ast`` instead of by text."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "effexplorer"
MODULES = sorted(PACKAGE.rglob("*.py"))
CALLS = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
ATTRIBUTES = {"extractall", "unsafe_load"}
OWNED = {("os", "system"), ("os", "popen"), ("torch", "load")}
PACKAGES = {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve", "marshal"}
KEYWORDS = {"trust_remote_code", "allow_pickle"}
MAX_LINES = 230
MAX_FRONT_LINES = 400  # a script or a style sheet
# The two places that show errors: one for the browser, one for the command line, and the last words
# of workers, which tell these what happened.
SHOW_ERRORS = {"ui/guard.py", "cli/__init__.py", "worker.py", "sweep/pool.py", "bugs.py"}

every_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE))
)


def nodes(path: Path, *kinds: type) -> list:
    tree = ast.walk(ast.parse(path.read_text("utf-8")))
    return [node for node in tree if isinstance(node, kinds)]


@every_module
def test_no_call_runs_text_as_code_or_unpacks_blindly(path):
    for call in nodes(path, ast.Call):
        name = getattr(call.func, "id", None)
        assert name not in CALLS, f"line {call.lineno}: {name}"
        attribute = getattr(call.func, "attr", None)
        assert attribute not in ATTRIBUTES, f"line {call.lineno}: {attribute}"
        owner = getattr(getattr(call.func, "value", None), "id", None)
        assert (owner, attribute) not in OWNED, f"line {call.lineno}: {owner}.{attribute}"


@every_module
def test_no_call_trusts_what_it_reads_or_asks_a_shell(path):
    for call in nodes(path, ast.Call):
        for keyword in call.keywords:
            assert keyword.arg not in KEYWORDS, f"line {call.lineno}: {keyword.arg}"
            if keyword.arg == "shell":
                assert isinstance(keyword.value, ast.Constant) and keyword.value.value is False


@every_module
def test_nothing_that_pickles_is_imported(path):
    for node in nodes(path, ast.Import, ast.ImportFrom):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else [node.module]
        assert not {name.split(".")[0] for name in names} & PACKAGES, f"line {node.lineno}"


@every_module
def test_there_is_no_assert(path):
    assert not [node.lineno for node in nodes(path, ast.Assert)]


@every_module
def test_only_the_command_line_prints(path):
    if path.is_relative_to(PACKAGE / "cli"):
        return
    calls = nodes(path, ast.Call)
    assert not [call.lineno for call in calls if getattr(call.func, "id", None) == "print"]


@every_module
def test_no_handler_catches_everything(path):
    shows = str(path.relative_to(PACKAGE)) in SHOW_ERRORS
    for handler in nodes(path, ast.ExceptHandler):
        assert handler.type is not None, f"line {handler.lineno}: bare except"
        caught = getattr(handler.type, "id", None)
        wide = caught in ("Exception", "BaseException")
        assert shows or not wide, f"line {handler.lineno}: except {caught}"


@every_module
def test_a_module_says_what_it_is(path):
    first = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n\n")[0]
    assert first.endswith("."), "the docstring's first paragraph is a sentence"


@every_module
def test_a_module_can_be_held_in_the_head(path):
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize(
    "path", sorted([*PACKAGE.rglob("*.js"), *PACKAGE.rglob("*.css")]), ids=lambda path: path.name
)
def test_a_script_can_be_held_in_the_head(path):
    assert len(path.read_text("utf-8").splitlines()) <= MAX_FRONT_LINES


@pytest.mark.parametrize(
    "path",
    sorted(path for kind in ("py", "js", "css") for path in PACKAGE.rglob(f"*.{kind}")),
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_no_path_of_a_machine_is_written_down(path):
    text = path.read_text("utf-8")
    found = re.findall(r"(?<![\w.:/])/(?:home|root|work|tmp|Users|opt|mnt|var)/\w*", text)
    assert not found


@every_module
def test_nothing_is_left_to_do(path):
    assert not re.findall(r"\b(?:TODO|FIXME|XXX|HACK)\b", path.read_text("utf-8"))
