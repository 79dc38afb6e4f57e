import pytest

from effexplorer import cli, home
from effexplorer.records.files import write_record
from tests.builders import a_record


@pytest.fixture(autouse=True)
def data_folder(own_home, tmp_path, monkeypatch):
    """Give the test's own data folder, without any shipped results."""
    monkeypatch.setattr(home, "precomputed_folder", lambda: tmp_path / "precomputed")
    return own_home


@pytest.fixture
def command(capsys):
    """Give a function that does a command: it returns exit code, stdout and stderr."""

    def do(*arguments):
        code = cli.main(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return do


@pytest.fixture
def three_runs(data_folder):
    """Give three records of two tasks, of which one shipped: dense, pruned worse, quantized."""
    dense = a_record()
    worse = a_record("prune", bytes=99_000_000)
    other = a_record("quantize", task="reviews")
    write_record(dense, home.precomputed_folder() / "runs")
    write_record(worse, home.runs_folder())
    write_record(other, home.runs_folder())
    return dense, worse, other
