import json

import pytest

from effexplorer.find.state import State
from tests.find.builders import RulePool, a_driver

LIMITS = ("--max-size", "30MB", "--budget", "20min", "--operators", "D,P,Q")


@pytest.fixture
def asked(monkeypatch):
    """Replace the search by one whose pipelines come out by a rule; return what was asked for."""
    requests = []

    def find(request, **ways):
        requests.append(request)
        yield from a_driver(request, RulePool(), State()).events()

    monkeypatch.setattr("effexplorer.find.search.find", find)
    return requests


def test_find_tells_its_plan_first_then_findings_and_prints_the_answer(command, asked):
    code, out, err = command("find", *LIMITS)
    lines = err.splitlines()
    assert code == 0
    assert any(line.startswith("Wanted: the best score, at most 30.0 MB.") for line in lines)
    assert any(line.endswith("(explored).") for line in lines)
    assert sum("(confirmed, seed" in line for line in lines) >= 3
    assert out.startswith("Found: ") and "95 % interval" in out
    assert "effexplorer run --model minilm --task reviews --steps" in out


def test_find_as_json_is_the_answer_alone(command, asked):
    code, out, _ = command("find", "--json", *LIMITS)
    assert code == 0 and json.loads(out)["best"]["costs"]["bytes"] <= 30e6


def test_limits_are_read_with_their_units(command, asked):
    command("find", "--max-size", "30MB", "--max-latency", "9ms", "--max-macs", "1G", *LIMITS[2:])
    goal = asked[0].goal
    assert (goal.max_size, goal.max_latency, goal.max_macs) == (30e6, 9.0, 1e9)
    assert asked[0].budget == 1200.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "find: must have a limit"),
        (("--max-size", "big"), "max-size: must be a number with one of b, kb, mb, gb; got big."),
        (("--max-size", "1MB", "--workers", "0"), "find: workers must be a whole number"),
        (("--max-size", "1MB", "--operators", "X"), "operators: each must be one of"),
        (("--max-size", "1MB", "--goal", "fun"), "find: goal must be one of"),
    ],
)
def test_what_cannot_be_asked_for_is_told(command, asked, arguments, said):
    code, _, err = command("find", *arguments)
    assert code == 2 and said in err
    assert not asked


def test_a_search_is_stored_for_optuna_when_asked_for(command, asked, tmp_path):
    code, _, _ = command("find", *LIMITS, "--optuna", str(tmp_path / "trials.db"))
    assert code == 0 and (tmp_path / "trials.db").stat().st_size > 0
