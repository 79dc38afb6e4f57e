import numpy as np
import pytest

from effexplorer.errors import UserError
from effexplorer.exits.table import write_table
from effexplorer.records.answers import answers, from_logits, read_answers, write_answers
from effexplorer.records.array_file import write_arrays
from effexplorer.records.schema import ANSWERS, EXIT_TABLE_SUFFIX
from tests.builders import a_record, some_exits
from tests.exit_runs import made_table

LABELS = np.array([0, 1, 1, 0])


def made_answers(seed=0, outputs=2):
    labels = LABELS if outputs > 1 else LABELS.astype(np.float32)
    return from_logits(np.random.default_rng(seed).normal(size=(4, outputs)), labels)


def test_answers_of_classes_are_the_likeliest_and_their_probabilities():
    found = from_logits(np.array([[0.0, 2.0], [1.0, 0.9999999], [3.0, -3.0], [0.0, 0.1]]), LABELS)
    assert found.values.tolist() == [1, 0, 0, 1] and found.values.dtype == np.uint8
    np.testing.assert_allclose(found.probabilities[0], [0.1192, 0.8808], rtol=1e-3)
    assert found.probabilities.dtype == np.float16


def test_answers_of_a_regression_are_its_numbers():
    found = from_logits(np.array([[2.5], [4.1]]), np.array([2.0, 5.0]))
    assert found.values.tolist() == pytest.approx([2.5, 4.1])
    assert found.probabilities.shape == (2, 0)


@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_answers_are_read_as_they_were_written(tmp_path, outputs):
    stages = tuple(made_answers(seed, outputs) for seed in range(3))
    write_answers(stages, tmp_path / "new" / "a.npz")
    found = read_answers(tmp_path / "new" / "a.npz")
    assert len(found) == 3
    for one, other in zip(found, stages, strict=True):
        for name, value in vars(other).items():
            np.testing.assert_array_equal(getattr(one, name), value)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.npz"]


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": np.zeros(3)},
        {"values": np.zeros(4)},
        {"values": np.zeros((0, 4)), "probabilities": np.zeros((0, 4, 2))},
        {"values": np.zeros((99, 4)), "probabilities": np.zeros((99, 4, 2))},
        {"probabilities": np.full((1, 4, 2), np.nan)},
        {"values": np.array([["a"] * 4])},
    ],
    ids=lambda one: ",".join(one),
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, changes):
    whole = {"labels": LABELS, "values": np.zeros((1, 4)), "probabilities": np.zeros((1, 4, 2))}
    write_arrays(whole | changes, tmp_path / "a.npz")
    with pytest.raises(UserError, match=r"^a\.npz: must hold a run's answers; got arrays that"):
        read_answers(tmp_path / "a.npz")


def test_each_stage_of_a_run_is_found_beside_its_record(tmp_path):
    record = a_record("distill > prune")
    stages = tuple(made_answers(seed) for seed in range(3))
    write_answers(stages, tmp_path / f"{record.id}{ANSWERS}")
    for stage in (0, 1, 2, -1):
        np.testing.assert_array_equal(
            answers(record, stage, tmp_path).probabilities, stages[stage].probabilities
        )


def test_a_last_stage_with_exits_answers_from_its_exit_table(tmp_path):
    record, table = a_record("exit", task="reviews", **some_exits(4)), made_table(exits=4)
    write_table(table, tmp_path / f"{record.id}{EXIT_TABLE_SUFFIX}")
    write_answers((made_answers(),), tmp_path / f"{record.id}{ANSWERS}")
    found = answers(record, -1, tmp_path)
    np.testing.assert_array_equal(found.values, table.logits[:, -1].argmax(-1))
    np.testing.assert_array_equal(found.labels, table.labels)
    assert len(answers(record, 0, tmp_path).values) == 4


def test_a_run_from_before_there_were_answers_has_none(tmp_path):
    with pytest.raises(UserError, match=r"answers\.npz: must hold .*; got No such file or dir"):
        answers(a_record("prune"), 0, tmp_path)


def test_answers_of_fewer_stages_than_the_record_has_are_told(tmp_path):
    record = a_record("distill > prune")
    write_answers((made_answers(),), tmp_path / f"{record.id}{ANSWERS}")
    with pytest.raises(UserError, match="must hold the answers of stage 2; got 1 stages"):
        answers(record, -1, tmp_path)


def test_answers_of_a_run_take_a_few_kilobytes(tmp_path):
    random = np.random.default_rng(0)
    labels = random.integers(2, size=872)  # SST-2's validation rows
    stages = [from_logits(3 * random.normal(size=(872, 2)), labels) for _ in range(4)]
    write_answers(stages, tmp_path / "a.npz")
    assert (tmp_path / "a.npz").stat().st_size < 4 * 5_000


def test_probabilities_do_not_change_which_class_was_answered():
    found = from_logits(np.array([[0.0, 1e-6]]), np.array([1]))
    assert found.values.tolist() == [1]
    assert found.probabilities[0, 0] == found.probabilities[0, 1]  # to half precision
