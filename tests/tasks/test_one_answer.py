import numpy as np
import pytest

from effexplorer import home
from effexplorer.exits.table import read_table
from effexplorer.measure import main_score
from effexplorer.records.schema import EXIT_TABLE_SUFFIX
from effexplorer.records.store import open_store
from effexplorer.tasks.one_answer import LABELS, one_answer
from effexplorer.tasks.registry import find_task
from effexplorer.tasks.spec import TASKS


@pytest.mark.parametrize("task", LABELS)
def test_one_answer_for_all_is_the_best_single_label_by_the_tasks_own_score(task):
    labels = np.repeat(np.arange(len(LABELS[task])), LABELS[task])
    answers = (np.full_like(labels, label) for label in range(len(LABELS[task])))
    assert one_answer(task) == pytest.approx(
        max(main_score(find_task(task), answer, labels) for answer in answers)
    )


@pytest.mark.parametrize(
    ("task", "score"), [("cola", 0.0), ("stsb", 0.0), ("qqp", None), ("?", None)]
)
def test_correlations_are_nothing_and_labels_that_were_not_counted_are_unknown(task, score):
    assert one_answer(task) == score


def test_a_label_is_counted_for_each_of_the_tasks_own():
    for task, counts in LABELS.items():
        assert len(counts) == len(TASKS[task].labels)


def test_the_counts_of_labels_are_those_of_the_shipped_tables():
    runs, seen = home.precomputed_folder() / "runs", set()
    for run in open_store().runs():
        task, table = run.record.task, runs / f"{run.record.id}{EXIT_TABLE_SUFFIX}"
        if task in LABELS and task not in seen and table.is_file():
            seen.add(task)
            counted = np.bincount(read_table(table).labels.astype(int))
            assert tuple(counted) == LABELS[task]
    assert {"reviews", "sst2", "mrpc"} <= seen
