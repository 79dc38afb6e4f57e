import json

import pytest

from effexplorer.web.vendor.update import FOLDER, PACKAGES, listing

LISTED = json.loads((FOLDER / "files.json").read_text("utf-8"))


def test_vendored_files_are_those_that_were_fetched():
    assert listing(FOLDER) == LISTED


def test_every_vendored_file_is_listed():
    ours = {"__init__.py", "update.py", "files.json", "LICENSE.onnxruntime-web"}
    there = {path.name for path in FOLDER.iterdir() if path.is_file()}
    assert there - ours == set(LISTED)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_every_package_stands_beside_its_licence(package):
    name = package.name.rpartition("/")[2]
    text = (FOLDER / f"LICENSE.{name}").read_text("utf-8")
    assert {"MIT": "MIT License", "Apache-2.0": "Apache License"}[package.licence] in text
