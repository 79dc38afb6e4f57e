import json

import pytest

from effexplorer import doctor
from effexplorer.doctor import Finding


@pytest.fixture
def findings(monkeypatch):
    """Give the list of what the doctor finds, to be filled."""
    found = []
    monkeypatch.setattr(doctor, "report", lambda: found)
    return found


def test_what_is_missing_makes_the_exit_code_one(command, findings):
    findings.extend([Finding("models", True, "All."), Finding("home", False, "Read-only.")])
    code, out, _ = command("doctor")
    assert code == 1
    assert out == "ok       models: All.\nmissing  home: Read-only.\n"


def test_what_is_no_fault_does_not(command, findings):
    findings.append(Finding("hub", None, "Not reached."))
    assert command("doctor")[:2] == (0, "note     hub: Not reached.\n")


def test_the_findings_as_json(command, findings):
    findings.append(Finding("hub", None, "Not reached."))
    assert json.loads(command("doctor", "--json")[1]) == [
        {"name": "hub", "ok": None, "text": "Not reached."}
    ]
