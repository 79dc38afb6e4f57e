import json
import re
import socket
import subprocess
from importlib import metadata
from pathlib import Path

from effexplorer.records import provenance


def test_the_machine_is_described_in_plain_values():
    found = provenance.machine(2)
    assert json.loads(json.dumps(found)) == found
    assert found["threads"] == 2 and found["cores"] >= 1 and found["memory_gib"] >= 1
    assert found["processor"]


def test_the_machine_tells_what_decides_how_sums_come_out():
    found = provenance.machine(1, instructions="AVX512 VNNI", bf16=False)
    assert found["instruction_set"] == "AVX512 VNNI" and found["bf16"] is False
    assert not {"instruction_set", "bf16", "gpu"} & set(provenance.machine(1))
    assert isinstance(found["processor_family"], str)


def test_the_description_names_neither_host_nor_user_nor_folder():
    text = json.dumps([provenance.machine(1), provenance.versions(), provenance.commit()])
    assert socket.gethostname() not in text and str(Path.home()) not in text


def test_versions_are_those_installed():
    found = provenance.versions()
    assert found["torch"] == metadata.version("torch")
    assert found["python"].count(".") == 2


def test_a_package_that_is_not_installed_is_left_out(monkeypatch):
    monkeypatch.setattr(provenance, "PACKAGES", ("torch", "no-such-package-here"))
    assert set(provenance.versions()) == {"python", "torch"}


def test_the_commit_is_that_of_the_checkout():
    assert re.fullmatch(
        r"|[0-9a-f]{12,40}(-dirty)?|.+-\d+-g[0-9a-f]{12}(-dirty)?", provenance.commit()
    )


def test_without_git_there_is_no_commit(monkeypatch):
    def missing(*args, **kwargs):
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", missing)
    assert provenance.commit() == ""


def test_outside_a_checkout_there_is_no_commit(monkeypatch, tmp_path):
    monkeypatch.setattr(
        provenance, "__file__", str(tmp_path / "package" / "records" / "provenance.py")
    )
    assert provenance.commit() == ""
