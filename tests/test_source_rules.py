"""Rules of the house that the source itself can be asked for, where ruff has none."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "effexplorer"
MODULES = sorted(PACKAGE.rglob("*.py"))
CALLS = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
ATTRIBUTES = {"extractall", "unsafe_load"}
OWNED = {("os", "system"), ("os", "popen"), ("torch", "load")}
PACKAGES = {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve", "marshal"}
KEYWORDS = {"trust_remote_code", "allow_pickle"}
MAX_LINES = 270  # the longest today is the stage loop; 200 is a lot
MAX_COLUMNS = 100
TREES = {str(path.relative_to(PACKAGE)): ast.parse(path.read_text("utf-8")) for path in MODULES}


def offenders(breaks: Callable[[ast.AST], bool], *kinds: type) -> list[str]:
    """Return the file and line of every node of these kinds that breaks a rule."""
    return [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, kinds) and breaks(node)
    ]


def texts(*kinds: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every file with one of these suffixes."""
    for path in sorted(path for kind in kinds for path in PACKAGE.rglob(f"*.{kind}")):
        yield str(path.relative_to(PACKAGE)), path.read_text("utf-8")


def runs_text(call: ast.Call) -> bool:
    owner = getattr(getattr(call.func, "value", None), "id", None)
    attribute = getattr(call.func, "attr", None)
    name = getattr(call.func, "id", None)
    return name in CALLS or attribute in ATTRIBUTES or (owner, attribute) in OWNED


def test_no_call_runs_text_as_code_or_unpacks_blindly():
    assert not offenders(runs_text, ast.Call)


def trusts(keyword: ast.keyword) -> bool:
    if keyword.arg == "shell":
        return not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    return keyword.arg in KEYWORDS


def test_no_call_trusts_what_it_reads_or_asks_a_shell():
    assert not offenders(trusts, ast.keyword)


def pickles(node: ast.Import | ast.ImportFrom) -> bool:
    is_import = isinstance(node, ast.Import)
    names = [alias.name for alias in node.names] if is_import else [node.module or ""]
    return bool({name.split(".")[0] for name in names} & PACKAGES)


def test_nothing_that_pickles_is_imported():
    assert not offenders(pickles, ast.Import, ast.ImportFrom)


def test_a_module_says_what_it_is():
    first = {name: (ast.get_docstring(tree) or "").split("\n\n")[0] for name, tree in TREES.items()}
    assert not [name for name, sentence in first.items() if not sentence.endswith(".")]


def test_a_module_can_be_held_in_the_head():
    assert not [name for name, text in texts("py") if len(text.splitlines()) > MAX_LINES]


def test_no_line_of_a_script_or_a_style_sheet_is_too_long():
    """Prettier breaks lines, but neither a comment nor a text in quotes."""
    assert not [
        f"{name}:{number}"
        for name, text in texts("js", "css")
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > MAX_COLUMNS
        if not re.search('["`]', line) or re.search("^ *//|[;,{] // ", line)
    ]


def test_no_path_of_a_machine_is_written_down():
    pattern = re.compile(r"(?<![\w.:/])/(?:home|root|work|tmp|Users|opt|mnt|var)/\w*")
    assert not [name for name, text in texts("py", "js", "css") if pattern.search(text)]


VAGUE = {"one", "found", "told"}  # what a thing is, not that it is there


def vague(node: ast.AST) -> bool:
    names = (getattr(node, "id", None), getattr(node, "arg", None), getattr(node, "name", None))
    return bool(VAGUE & {str(name).strip("_") for name in names})


def test_a_name_says_what_a_thing_is():
    benchmarks = sorted((PACKAGE.parent / "benchmarks").rglob("*.py"))
    trees = TREES | {path.name: ast.parse(path.read_text("utf-8")) for path in benchmarks}
    assert not [
        f"{name}:{node.lineno}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.Name, ast.arg, ast.FunctionDef, ast.AsyncFunctionDef))
        if vague(node)
    ]
