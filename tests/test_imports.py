"""The data flow, held by reading every import: a module imports only from what stands before it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "effexplorer"

# models + tasks -> operators -> pipeline -> record -> store -> runner, jobs -> analysis -> figures
# -> ui. A record is a plain description, and a runner writes one: so it stands before the runner.
FLOW = (
    ("errors", "limits", "units", "memory", "provenance", "home", "batches", "quiet"),
    ("parcel", "device", "array_file"),
    ("bugs", "hub"),
    ("models", "tasks"),
    ("exits", "record"),
    ("record_file", "answers"),
    ("training", "costs"),
    ("measure",),
    ("operators",),
    ("pipeline",),
    ("presets", "control", "results", "stages", "store"),
    ("estimate", "listing"),
    ("workbench", "inference"),
    ("runner", "doctor", "web"),
    ("progress",),
    ("jobs",),
    ("worker", "sweep"),
    ("published",),
    ("analysis",),
    ("figures",),
    ("ui", "cli"),
    ("__main__",),
)
PLACE = {name: index for index, names in enumerate(FLOW) for name in names}
MODULES = sorted(PACKAGE.rglob("*.py"))

# Within a step of the flow, which may look at which: tasks know nothing of models, nor back.
APART = {("models", "tasks"), ("tasks", "models"), ("ui", "cli"), ("cli", "ui")}

LIGHT = (
    "analysis.budget",
    "analysis.commutativity",
    "analysis.cumulativeness",
    "analysis.exit_area",
    "analysis.groups",
    "analysis.layers",
    "analysis.multiplicativity",
    "analysis.pareto",
    "analysis.training_alone",
    "answers",
    "batches",
    "cli",
    "control",
    "device",
    "errors",
    "estimate",
    "exits.policies",
    "figures",
    "home",
    "hub",
    "inference.answer",
    "inference.shelf",
    "inference.texts",
    "jobs",
    "limits",
    "listing",
    "models.catalog",
    "models.source",
    "operators",
    "pipeline",
    "presets",
    "progress",
    "published",
    "record",
    "record_file",
    "runner",
    "store",
    "sweep",
    "sweep.cluster",
    "sweep.cost",
    "sweep.pool",
    "tasks.data",
    "tasks.spec",
    "units",
    "web.model_files",
    "worker",
)


def part(module: str) -> str:
    """Return the part of the package that a dotted name belongs to: ``models``, ``jobs``."""
    return module.split(".")[1] if module.count(".") else ""


def dotted(path: Path) -> str:
    """Return the name under which a file is imported."""
    name = ".".join(("effexplorer", *path.relative_to(PACKAGE).with_suffix("").parts))
    return name.removesuffix(".__init__")


NAMES = {dotted(path) for path in MODULES}


def imported(path: Path) -> set[str]:
    """Return the dotted names of our own modules that a file imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            inner = {f"{base}.{one.name}" for one in node.names}
            found |= {name if name in NAMES else base for name in inner}
    return {name for name in found if name.split(".")[0] == "effexplorer"}


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def test_every_module_has_its_place_in_the_flow():
    parts = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES}
    assert parts - {"__init__"} <= set(PLACE)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_what_stands_before_it(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own == "__init__":
        pytest.skip("the public names load on first use")
    for name in imported(path):
        other = part(name)
        if other in ("", "__version__", own):
            continue
        assert PLACE[other] <= PLACE[own], f"{own} imports {name}"
        assert (own, other) not in APART, f"{own} imports {name}"


def test_no_two_modules_import_each_other():
    graph = {dotted(path): imported(path) for path in MODULES}

    def reached(start: str) -> set[str]:
        seen, waiting = set(), list(graph.get(start, ()))
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += graph.get(name, ())
        return seen

    assert not {name for name in graph if name in reached(name)}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_are_absolute(path):
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    assert not any(isinstance(node, ast.ImportFrom) and node.level for node in nodes)


def loaded(*modules: str) -> set[str]:
    """Return the heavy packages that importing our ``modules`` loads, in a fresh process."""
    names = ", ".join(f"effexplorer.{one}" for one in modules)
    code = f"import sys, {names}; sys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    heavy = {"torch", "transformers", "gradio", "datasets", "evaluate", "optimum", "sklearn"}
    return heavy & set(done.stdout.split())


def test_what_describes_and_shows_loads_neither_torch_nor_gradio():
    assert loaded(*LIGHT) == set()


def test_the_app_loads_no_torch():
    pages = [dotted(path) for path in sorted((PACKAGE / "ui").glob("*.py"))]
    assert loaded(*(page.removeprefix("effexplorer.") for page in pages)) <= {"gradio"}
