"""What README and CONTRIBUTING list is what the code has, and their examples work."""

import argparse
import ast
import importlib.metadata
import importlib.util
import inspect
import re
import shlex
from pathlib import Path

import pytest

import effexplorer
from effexplorer.cli.parser import COMMANDS, read_arguments
from effexplorer.exits.policies import make_policy
from effexplorer.exports.export import FORMATS
from effexplorer.inference.model import ExitModel
from effexplorer.models.catalog import CATALOG
from effexplorer.models.spec import ModelSpec
from effexplorer.operators import OPERATORS, Outline
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.presets import find_preset
from effexplorer.sweep.grid import KEYS, KINDS, read_grid
from effexplorer.tasks.scores import SCORES
from effexplorer.tasks.spec import TASKS, TaskSpec
from tests.own_data import own_task

ROOT = Path(__file__).parents[1]
README_PATH, CONTRIBUTING_PATH = ROOT / "README.md", ROOT / "CONTRIBUTING.md"
CHANGELOG_PATH = ROOT / "CHANGELOG.md"
README = README_PATH.read_text("utf-8")
DOCS = ROOT / "docs"
OPERATOR_LIST = (DOCS / "operators" / "index.md").read_text("utf-8")
MODELS_AND_TASKS = (DOCS / "models_and_tasks.md").read_text("utf-8")
MEASUREMENT = (DOCS / "measurement.md").read_text("utf-8")
COMMAND_LINE = (DOCS / "command_line.md").read_text("utf-8")
PYTHON_API = (DOCS / "python_api.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PAGES = "".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))
BOTH = README + CONTRIBUTING
CODE = "".join(path.read_text("utf-8") for path in (ROOT / "effexplorer").rglob("*.py"))


def section(text: str, title: str) -> str:
    """Return what stands under the heading ``title``."""
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]


def tables(text: str) -> list[list[list[str]]]:
    """Return the tables in ``text`` as rows of cells, without their headings."""
    found = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
        for table in found
    ]


def names(text: str) -> list[str]:
    """Return the words in backticks."""
    return re.findall(r"`([^`]+)`", text)


def blocks(text: str, language: str) -> list[str]:
    """Return the code blocks in ``language``."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    """Return the arguments of every effexplorer command in a shell block."""
    lines = [
        line
        for block in blocks(BOTH + PAGES, "sh")
        for line in block.replace("\\\n", " ").splitlines()
    ]
    start = "python -m effexplorer "
    return [shlex.split(line.removeprefix(start)) for line in lines if line.startswith(start)]


def test_the_table_of_operators_is_that_of_the_code():
    (table,) = tables(OPERATOR_LIST)
    assert {row[0]: (row[1], names(row[3])) for row in table} == {
        f"[`{name}`]({Path(cls.page()).name})": (cls.letter, [knob.name for knob in cls.knobs()])
        for name, cls in OPERATORS.items()
    }


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_the_page_of_an_operator_is_that_of_the_code(operator):
    text = (ROOT / operator.page()).read_text("utf-8")
    assert text.startswith(f"# {operator.name} ({operator.letter})\n")
    for title in ("What it does", "Source", "What it costs", "When it helps"):
        assert section(text, title).strip()
    (table,) = tables(section(text, "Knobs"))
    assert [names(row[0]) for row in table] == [[knob.name] for knob in operator.knobs()]
    for row, knob in zip(table, operator.knobs(), strict=True):
        bounds = [f"{knob.low:g} to {knob.high:g}"] if knob.low is not None else knob.choices
        assert row[1] == (f"{knob.default:g}" if not knob.choices else str(knob.default))
        assert all(str(bound) in row[2] for bound in bounds if len(bounds) < 8)


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_the_sources_of_an_operator_stand_on_its_page(operator):
    told = section((ROOT / operator.page()).read_text("utf-8"), "Source")
    named = operator.source + (operator.__doc__ or "")
    assert set(re.findall(r"\d{4}\.\d{5}", named)) <= set(re.findall(r"\d{4}\.\d{5}", told))


def test_the_table_of_models_is_the_catalog():
    models, _ = tables(MODELS_AND_TASKS)
    assert [name for row in models for name in names(row[0])] == list(CATALOG)


def test_the_table_of_tasks_has_every_task_with_its_metrics():
    titles = {
        "accuracy": "accuracy",
        "f1": "F1",
        "matthews_correlation": "Matthews",
        "spearmanr": "Spearman",
        "pearson": "Pearson",
    }
    _, table = tables(MODELS_AND_TASKS)
    told = {name: row[1] for row in table for name in names(row[0])}
    assert set(told) == set(TASKS)
    assert set(titles) | {"macro_f1"} == set(SCORES)
    for name, spec in TASKS.items():
        places = [told[name].find(titles[metric]) for metric in spec.metrics]
        assert -1 < places[0] == min(places)


def test_every_command_is_shown():
    assert {arguments[0] for arguments in commands()} == set(COMMANDS)


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_a_command_that_is_shown_can_be_given(arguments, tmp_path):
    options = read_arguments(arguments)
    own_task(tmp_path, "complaints")
    if arguments[0] == "run":
        steps = find_preset(options.preset).steps if options.preset else parse_steps(options.steps)
        assert Pipeline(options.model, options.task, steps).problems() == []


@pytest.mark.parametrize("module", COMMANDS.values(), ids=COMMANDS)
def test_the_example_in_a_help_can_be_given(module):
    assert read_arguments(shlex.split(module.EXAMPLE)).act is module.act


def test_the_python_example_uses_public_names_and_a_legal_pipeline():
    code, *_ = blocks(PYTHON_API, "python")
    tree = ast.parse(code)
    imported = [
        name.name for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names
    ]
    assert set(imported) <= set(effexplorer.__all__)
    model, task, steps = (one.value for one in ast.walk(tree) if isinstance(one, ast.Constant))
    assert Pipeline(model, task, parse_steps(steps)).problems() == []


def test_the_python_example_of_early_exit_can_be_called():
    *_, code = blocks(PYTHON_API, "python")
    load, ask = (one for one in ast.walk(ast.parse(code)) if isinstance(one, ast.Call))
    assert load.func.id == "load_exits" and ask.func.id == "model"
    named = {keyword.arg: keyword.value.value for keyword in ask.keywords}
    ask_options = set(inspect.signature(ExitModel.__call__).parameters)
    assert set(named) <= ask_options
    make_policy(named["policy"], named["threshold"], exits=6, regression=False)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"EFFEXPLORER_[A-Z]+", CODE + BOTH))))
def test_an_environment_variable_is_both_told_and_used(name):
    assert name in README + PAGES and name in CODE


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


MARKDOWN = [README_PATH, CONTRIBUTING_PATH, CHANGELOG_PATH, *sorted(DOCS.rglob("*.md"))]


def test_every_link_leads_to_a_file_and_a_heading_that_are_there():
    broken = []
    for source in MARKDOWN:
        for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", source.read_text("utf-8")):
            path, _, anchor = target.partition("#")
            place = source.parent / path if path else source
            if not place.exists() or (anchor and anchor not in anchors(place.read_text("utf-8"))):
                broken.append(f"{source.relative_to(ROOT)}: {target}")
    assert not broken


def test_the_index_links_every_page():
    index = (DOCS / "index.md").read_text("utf-8")
    pages = {path.name for path in DOCS.glob("*.md")} - {"index.md"}
    assert pages <= set(re.findall(r"\]\(([\w.]+)\)", index))


def options_of(parser: argparse.ArgumentParser, before: str = "") -> list[tuple[str, str]]:
    """Return names and help of a command's options, its sub-commands' with their name before."""
    listed = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                listed += options_of(inner, f"{name} ")
        elif not set(action.option_strings) & {"--help", "--json", "--debug"}:
            name = ", ".join(action.option_strings) or action.dest
            listed.append((before + name, (action.help or "").replace("%%", "%")))
    return listed


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_of_the_command_line_is_that_of_the_parsers(command):
    parser = argparse.ArgumentParser()
    COMMANDS[command].add_options(parser)
    text = section(COMMAND_LINE, command)
    assert COMMANDS[command].HELP in text and COMMANDS[command].EXAMPLE in text
    rows = [tuple(row) for table in tables(text) for row in table]
    assert rows == [(f"`{name}`", help) for name, help in options_of(parser)]


def test_the_page_of_the_python_api_has_every_public_name():
    (table,) = tables(section(PYTHON_API, "Every public name"))
    assert sorted(name for row in table for name in names(row[0])) == sorted(effexplorer.__all__)


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:effexplorer|tests)/[\w/.]+)`", BOTH)))
)
def test_a_file_that_is_named_is_there(path):
    assert (ROOT / path).exists()


def test_the_formats_of_an_export_are_those_of_the_command():
    table, *_ = tables((ROOT / "docs" / "exports.md").read_text("utf-8"))
    assert tuple(name for row in table for name in names(row[0])) == FORMATS
    lines = len((ROOT / "effexplorer/exports/read_exits.py").read_text("utf-8").splitlines())
    assert f"a reader of {lines} lines" in table[-1][1]


def test_the_options_of_a_task_of_ones_own_are_those_of_the_command():
    (table,) = tables((ROOT / "docs" / "tasks.md").read_text("utf-8"))
    shown = [name for row in table for name in names(row[0])]
    options = vars(read_arguments(["task", "add", "x", "--train-file", "x.csv"]))
    known = {f"--{name.replace('_', '-')}" for name in options}
    assert set(shown) == known - {"--name", "--action", "--act", "--json", "--debug"}


GRIDS = blocks((ROOT / "docs" / "sweeps.md").read_text("utf-8"), "yaml")


@pytest.mark.parametrize("text", GRIDS)
def test_a_grid_that_is_shown_can_be_read(text, tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text(text, "utf-8")
    assert read_grid(path).pipelines


def test_a_grid_is_shown_for_every_key_and_every_kind_of_entry():
    (table,) = tables((ROOT / "docs" / "sweeps.md").read_text("utf-8"))
    assert tuple(name for row in table for name in names(row[0])) == KINDS
    for name in (*KEYS, *KINDS):
        assert any(re.search(rf"^(?:  - )?{name}:", text, re.MULTILINE) for text in GRIDS)


def test_every_benchmark_that_is_shown_is_there():
    results = (DOCS / "results.md").read_text("utf-8")
    shown = re.findall(r"python -m benchmarks\.(\w+)", results + MEASUREMENT)
    made = re.findall(r"python -m benchmarks\.(\w+)", (ROOT / "Makefile").read_text("utf-8"))
    assert shown == made
    assert all((ROOT / "benchmarks" / f"{name}.py").is_file() for name in shown)


def test_every_make_command_that_is_shown_is_a_target():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    shown = re.findall(r"(?:^|`)make (\w+)", BOTH + PAGES, re.MULTILINE)
    assert {"app", "test", "bench", "precomputed", "scripts"} == set(shown) <= set(targets)


def test_the_space_starts_this_app_with_the_installed_gradio():
    front = dict(
        line.split(": ", 1) for line in README.split("---\n")[1].splitlines() if ": " in line
    )
    assert (ROOT / front["app_file"]).is_file()
    assert front["sdk_version"] == importlib.metadata.version("gradio")
    assert front["license"] == "apache-2.0"
    assert len(front["short_description"]) <= 60  # what the hub accepts


@pytest.fixture
def example_operator(tmp_path):
    """Register the operator of CONTRIBUTING for one test."""
    path = tmp_path / "example_operator.py"
    path.write_text(blocks(section(CONTRIBUTING, "An operator"), "python")[0])
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    before = dict(OPERATORS)
    spec.loader.exec_module(module)
    yield module
    OPERATORS.clear()
    OPERATORS.update(before)


def test_the_example_operator_can_stand_in_a_pipeline(example_operator):
    pipeline = Pipeline("minilm", "reviews", parse_steps("X(layers=2) > prune > quantize"))
    assert pipeline.problems() == []
    assert pipeline.steps[0].after(Outline(layers=6)).layers == 2


def test_the_example_operator_ends_what_is_dense(example_operator):
    steps = parse_steps("shorten > drop(layers=1, start=pretrained)")
    (problem,) = Pipeline("minilm", "reviews", steps).problems()
    assert problem.startswith("drop: start=pretrained must")


def test_the_example_operator_tells_when_it_has_nothing_to_do(example_operator):
    pipeline = Pipeline("bert-tiny", "reviews", parse_steps("shorten(layers=2)"))
    assert pipeline.problems() == ["shorten: layers must be less than 2; got 2."]


@pytest.mark.parametrize(("title", "kind"), [("A task", TaskSpec), ("A model", ModelSpec)])
def test_the_example_of_a_spec_has_that_specs_fields(title, kind):
    (code,) = blocks(section(CONTRIBUTING, title), "python")
    call = ast.parse(code).body[0].value
    values = [ast.literal_eval(arg) for arg in call.args]
    made = kind(
        *values, **{keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    )
    assert call.func.id == kind.__name__
    assert made.name == values[0]
