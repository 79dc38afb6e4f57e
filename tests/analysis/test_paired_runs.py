import numpy as np
import pytest
from scipy import stats

from effexplorer.analysis.paired import Comparison
from effexplorer.analysis.paired_runs import compare_runs, in_words
from effexplorer.exits.table import write_table
from effexplorer.records.answers import from_logits, write_answers
from effexplorer.records.schema import ANSWERS, EXIT_TABLE_SUFFIX
from tests.builders import a_record, some_exits
from tests.exit_runs import made_table

LABELS = np.arange(100) % 2


def kept(folder, steps, wrong, *, labels=LABELS, task="sst2"):
    """Return a run whose last model is wrong in the first rows, and the folder of its answers."""
    record = a_record(steps, task=task)
    values = np.where(np.arange(len(labels)) < wrong, 1 - labels, labels)
    stage = from_logits(np.eye(2)[values] * 3, labels)
    write_answers([stage] * len(record.stages), folder / f"{record.id}{ANSWERS}")
    return record, folder


def test_two_runs_are_compared_by_their_answers(tmp_path):
    found = compare_runs(kept(tmp_path, "prune", 5), kept(tmp_path, "distill", 20))
    assert (found.only_one, found.only_other) == (15, 0)
    assert found.difference == pytest.approx(15.0)
    assert found.p == pytest.approx(stats.binomtest(0, 15).pvalue)
    assert in_words(found, accuracy=True).startswith(
        "the first scores 15 points higher, about 15 of 100 sentences (95 % interval +"
    )
    assert "It alone is right in 15, the second alone in 0, more than chance makes" in (
        in_words(found, accuracy=True)
    )


def test_a_run_with_exits_has_its_answers_in_its_table(tmp_path):
    table, record = made_table(examples=60), a_record("exit", **some_exits(4))
    write_table(table, tmp_path / f"{record.id}{EXIT_TABLE_SUFFIX}")
    other = kept(tmp_path, "prune", 7, labels=table.labels)
    assert compare_runs((record, tmp_path), other).examples == 60


@pytest.mark.parametrize("other", ["no answers", "other rows", "other task"])
def test_what_cannot_be_compared_is_not(tmp_path, other):
    one = kept(tmp_path, "prune", 5)
    two = {
        "no answers": (a_record("quantize"), tmp_path),
        "other rows": kept(tmp_path, "distill", 5, labels=LABELS[::-1]),
        "other task": kept(tmp_path, "distill", 5, task="rte"),
    }[other]
    assert compare_runs(one, two) is None


def test_a_difference_within_chance_says_so():
    seen = Comparison(872, -0.3, -1.8, 1.1, only_one=20, only_other=23, p=0.76)
    assert in_words(seen, accuracy=False) == (
        "the first scores 0.3 points lower (95 % interval -1.8 to +1.1). It alone is right in 20, "
        "the second alone in 23, no more than chance makes (McNemar's exact test, p = 0.76)."
    )
    numbers = Comparison(1500, 2.0, 1.2, 2.9)
    assert in_words(numbers, accuracy=False).endswith("(95 % interval +1.2 to +2.9).")
