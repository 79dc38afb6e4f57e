import tomllib
from pathlib import Path

import pytest

import effexplorer

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize("name", effexplorer.__all__)
def test_every_public_name_is_there(name):
    assert getattr(effexplorer, name)


def test_a_name_that_is_not_there_is_told():
    with pytest.raises(AttributeError, match="has no attribute 'fly'"):
        _ = effexplorer.fly


def test_every_folder_of_the_package_is_installed():
    folders = {path.parent for path in (ROOT / "effexplorer").rglob("*.py")}
    found = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert found | {"effexplorer.precomputed"} == set(SETTINGS["tool"]["setuptools"]["packages"])


def test_every_data_file_of_the_package_is_installed():
    package = ROOT / "effexplorer"
    patterns = SETTINGS["tool"]["setuptools"]["package-data"]["effexplorer"]
    installed = {path for pattern in patterns for path in package.glob(pattern)}
    kinds = {".py", ".pyc", ".pyi"}
    there = {path for path in package.rglob("*") if path.is_file() and path.suffix not in kinds}
    assert there <= installed
