"""The data flow, held by reading every import: a module imports only from what stands before it."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "effexplorer"

# models + tasks -> operators -> pipeline -> records -> runner, jobs -> analysis -> figures -> ui.
# A folder has one place, or each of its modules has its own: a record is a plain description, so
# its schema stands before the runner that writes it.
FLOW = (
    ("errors", "limits", "units", "plain_text", "home", "atomic", "bounded_file", "libraries"),
    ("records", "training"),
    ("training.allocator", "training.schedule", "runner.latency_lock", "records.provenance"),
    ("runner.file_bundle", "training.device", "records.array_file", "processor"),
    ("error_report", "hub"),
    ("models", "tasks"),
    ("exits", "records.schema"),
    ("records.checks", "records.index", "records.files", "records.reproduce", "records.answers"),
    ("training.used_words", "costs"),
    ("training.loop",),
    ("measure",),
    ("operators",),
    ("pipeline",),
    ("presets", "control", "runner.results", "runner.stage_cache", "records.store"),
    ("runner.estimate", "runner.identity", "runner.tokenizers", "records.export"),
    ("inference",),
    ("runner.measured_stage",),
    ("runner.stage_loop",),
    ("runner", "doctor", "web", "exports"),
    ("runner.progress",),
    ("jobs",),
    ("jobs.worker", "sweep"),
    ("published",),
    ("analysis",),
    ("find",),
    ("figures",),
    ("ui.shared",),
    ("ui.build", "ui.exits", "ui.explore", "ui.orders", "ui.runs"),
    ("ui.find",),
    ("ui",),
    ("site",),
    ("cli",),
    ("__main__",),
)
PLACE = {name: index for index, names in enumerate(FLOW) for name in names}
MODULES = sorted(PACKAGE.rglob("*.py"))

# Within a step of the flow, which may look at which: tasks know nothing of models, nor back.
APART = {("models", "tasks"), ("tasks", "models"), ("cli", "ui")}

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
    "cli",
    "control",
    "errors",
    "exits.policies",
    "figures",
    "home",
    "hub",
    "inference.answer",
    "inference.saved_models",
    "inference.service",
    "inference.texts",
    "jobs",
    "jobs.worker",
    "limits",
    "models.catalog",
    "models.source",
    "operators",
    "pipeline",
    "presets",
    "processor",
    "published",
    "records.answers",
    "records.export",
    "records.files",
    "records.provenance",
    "records.schema",
    "records.store",
    "runner",
    "runner.estimate",
    "runner.progress",
    "sweep",
    "sweep.estimate",
    "sweep.process_pool",
    "sweep.ray_pool",
    "tasks.data",
    "tasks.own",
    "tasks.prepare",
    "tasks.registry",
    "tasks.spec",
    "training.device",
    "training.schedule",
    "units",
    "web.model_files",
)


def dotted(path: Path) -> str:
    """Return the name under which a file is imported."""
    name = ".".join(("effexplorer", *path.relative_to(PACKAGE).with_suffix("").parts))
    return name.removesuffix(".__init__")


NAMES = {dotted(path) for path in MODULES}


def part(module: str) -> str:
    """Return the entry of the flow that a module belongs to; "" for the package itself."""
    name = module.partition(".")[2]
    while name and name not in PLACE:
        name = name.rpartition(".")[0]
    return name


def imported(path: Path) -> set[str]:
    """Return the dotted names of our own modules that a file imports, wherever it does."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            inner = {f"{base}.{alias.name}" for alias in node.names}
            modules |= {name if name in NAMES else base for name in inner}
    return {name for name in modules if name.split(".")[0] == "effexplorer"}


def test_every_module_has_its_place_in_the_flow():
    assert [name for name in sorted(NAMES) if not part(name)] == ["effexplorer"]


def test_a_module_imports_only_from_what_stands_before_it():
    pairs = [(dotted(path), name) for path in MODULES for name in imported(path)]
    assert not [
        f"{own} imports {name}"
        for own, name in pairs
        if part(own) and part(name) and part(own) != part(name)
        if PLACE[part(name)] > PLACE[part(own)] or (part(own), part(name)) in APART
    ]


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


def test_imports_are_absolute():
    assert not [
        f"{dotted(path)}, line {node.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]


def loaded(*modules: str) -> set[str]:
    """Return the heavy packages that importing our ``modules`` loads, in a fresh process."""
    names = ", ".join(f"effexplorer.{module}" for module in modules)
    code = f"import sys, {names}; sys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    heavy = {"torch", "transformers", "gradio", "datasets", "evaluate", "optimum", "sklearn"}
    return heavy & set(done.stdout.split())


def test_what_describes_and_shows_loads_neither_torch_nor_gradio():
    assert loaded(*LIGHT) == set()


def test_the_app_loads_no_torch():
    pages = [dotted(path) for path in sorted((PACKAGE / "ui").rglob("*.py"))]
    assert loaded(*(page.removeprefix("effexplorer.") for page in pages)) <= {"gradio"}
