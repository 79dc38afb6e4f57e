import json

from effexplorer import home
from effexplorer.records.schema import EXIT_TABLE_SUFFIX


def files():
    return {path.name for path in home.runs_folder().iterdir()}


def test_delete_removes_the_record_and_its_exit_table(command, three_runs):
    _, worse, other = three_runs
    (home.runs_folder() / f"{worse.id}{EXIT_TABLE_SUFFIX}").write_bytes(b"made up")
    assert command("delete", worse.id) == (0, f"Deleted {worse.id}.\n", "")
    assert files() == {f"{other.id}.json"}


def test_delete_as_json_names_the_run(command, three_runs):
    code, out, _ = command("delete", three_runs[1].id, "--json")
    assert (code, json.loads(out)) == (0, {"deleted": three_runs[1].id})


def test_a_shipped_run_stays(command, three_runs):
    code, out, err = command("delete", three_runs[0].id)
    assert (code, out) == (2, "")
    assert err.startswith("delete: must name a run measured here; got ")
    assert (home.precomputed_folder() / "runs" / f"{three_runs[0].id}.json").exists()


def test_an_unknown_run_is_told_in_a_sentence(command, three_runs):
    before = files()
    code, _, err = command("delete", "../../etc/passwd")
    assert (code, err) == (2, "delete: must name a finished run; got ../../etc/passwd.\n")
    assert files() == before
