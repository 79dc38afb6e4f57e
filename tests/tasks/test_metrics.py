import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn_metrics

from effexplorer.tasks.label_values import METRICS
from effexplorer.tasks.metrics import interval, score
from effexplorer.tasks.scores import SCORES, score_words
from effexplorer.tasks.spec import TASKS

GENERATOR = np.random.default_rng(7)
LABELS = GENERATOR.integers(2, size=300)
PREDICTIONS = np.where(GENERATOR.random(300) < 0.8, LABELS, 1 - LABELS)
SIMILAR = GENERATOR.uniform(0, 5, 300)
GUESSED = SIMILAR + GENERATOR.normal(0, 1, 300)

PEERS = {
    "accuracy": lambda guess, label: sklearn_metrics.accuracy_score(label, guess),
    "f1": lambda guess, label: sklearn_metrics.f1_score(label, guess),
    "macro_f1": lambda guess, label: sklearn_metrics.f1_score(
        label, guess, average="macro", zero_division=0
    ),
    "matthews_correlation": lambda guess, label: sklearn_metrics.matthews_corrcoef(label, guess),
    "pearson": lambda guess, label: stats.pearsonr(guess, label)[0],
    "spearmanr": lambda guess, label: stats.spearmanr(guess, label)[0],
}
REGRESSION = ("pearson", "spearmanr")


def data_of(task):
    return (GUESSED, SIMILAR) if TASKS[task].regression else (PREDICTIONS, LABELS)


def test_every_metric_of_every_task_has_a_score_and_a_peer():
    wanted = {name for spec in TASKS.values() for name in spec.metrics}
    wanted |= {name for names in METRICS.values() for name in names}
    assert wanted == set(SCORES) == set(PEERS)


def test_macro_f1_counts_every_class_alike():
    labels, guesses = np.array([0, 0, 0, 1, 2]), np.array([0, 0, 0, 1, 1])
    wanted = PEERS["macro_f1"](guesses, labels)
    assert SCORES["macro_f1"](guesses, labels) == pytest.approx(wanted)
    assert wanted == pytest.approx((1 + 2 / 3 + 0) / 3)


@pytest.mark.parametrize("task", [task for task in TASKS if task != "mnli"])
def test_scores_are_those_of_scikit_learn_and_scipy_in_percent(task):
    spec = TASKS[task]
    values = score(spec, *data_of(task))
    assert tuple(values) == spec.metrics
    for name, value in values.items():
        assert value == pytest.approx(100 * PEERS[name](*data_of(task)), abs=1e-9)


def test_three_classes_are_scored():
    labels = np.array([0, 1, 2, 2])
    assert score(TASKS["mnli"], np.array([0, 1, 2, 0]), labels) == {"accuracy": 75.0}


@pytest.mark.parametrize("task", TASKS)
def test_right_predictions_score_a_hundred(task):
    _, labels = data_of(task)
    values = score(TASKS[task], labels, labels).values()
    assert list(values) == pytest.approx([100.0] * len(values))


@pytest.mark.parametrize("name", ["matthews_correlation", *REGRESSION])
def test_constant_predictions_have_no_correlation(name):
    labels = SIMILAR if name in REGRESSION else LABELS
    assert SCORES[name](np.ones_like(labels), labels) == 0.0
    assert SCORES[name](labels, np.ones_like(labels)) == 0.0


@pytest.mark.parametrize("name", REGRESSION)
def test_nearly_constant_predictions_have_a_correlation_without_a_warning(name):
    guesses = 1e9 + 1e-6 * SIMILAR
    assert np.isfinite(SCORES[name](guesses, SIMILAR))


@pytest.mark.parametrize("name", REGRESSION)
def test_predictions_of_a_model_that_diverged_have_no_correlation(name):
    guesses = GUESSED.copy()
    guesses[3] = np.nan
    assert SCORES[name](guesses, SIMILAR) == 0.0


def test_no_positive_prediction_has_an_f1_of_zero():
    assert SCORES["f1"](np.zeros(4, int), np.zeros(4, int)) == 0.0


@pytest.mark.parametrize("task", ["sst2", "mrpc", "cola", "stsb"])
def test_the_interval_holds_the_score_and_repeats(task):
    low, high = interval(TASKS[task], *data_of(task))
    assert low < score(TASKS[task], *data_of(task))[TASKS[task].metrics[0]] < high
    assert (low, high) == interval(TASKS[task], *data_of(task))


def test_the_interval_of_an_accuracy_is_as_wide_as_the_binomial_one():
    low, high = interval(TASKS["sst2"], PREDICTIONS, LABELS)
    share = (PREDICTIONS == LABELS).mean()
    wide = 100 * 2 * 1.96 * np.sqrt(share * (1 - share) / len(LABELS))
    assert high - low == pytest.approx(wide, rel=0.15)


def test_another_seed_moves_the_interval_a_little():
    first, second = (interval(TASKS["mrpc"], PREDICTIONS, LABELS, seed=seed) for seed in (0, 1))
    assert first != second and first == pytest.approx(second, abs=1.5)


@pytest.mark.parametrize("rows", [10, 100, 1000])
def test_a_perfect_accuracy_is_not_certain(rows):
    low, high = interval(TASKS["sst2"], np.ones(rows, int), np.ones(rows, int))
    assert high == 100 and low == pytest.approx(100 * 0.025 ** (1 / rows))


@pytest.mark.parametrize("task", TASKS)
def test_too_few_rows_tell_nothing(task):
    low, high = interval(TASKS[task], np.ones(9), np.ones(9))
    assert high == 100 and low in (0, -100)


@pytest.mark.parametrize(("task", "lowest"), [("mrpc", 0), ("cola", -100)])
def test_a_perfect_score_of_two_classes_is_not_certain(task, lowest):
    labels = np.array([0, 1] * 20)
    low, high = interval(TASKS[task], labels, labels)
    assert lowest < low < 95 and high == 100


@pytest.mark.parametrize("task", ["cola", "stsb"])
def test_labels_that_are_all_alike_tell_nothing(task):
    assert interval(TASKS[task], np.arange(40) % 2, np.ones(40, int)) == (-100, 100)


@pytest.mark.parametrize("measure", [score, interval])
@pytest.mark.parametrize("guesses", [np.zeros(3), np.zeros((2, 2)), np.zeros(0)])
def test_shapes_that_do_not_fit_are_refused(measure, guesses):
    labels = np.zeros(0) if not guesses.size else np.zeros(2)
    with pytest.raises(ValueError, match="one shape"):
        measure(TASKS["sst2"], guesses, labels)


def test_scoring_leaves_the_random_state_alone():
    np.random.seed(3)
    before = np.random.get_state()[1].tolist()
    score(TASKS["sst2"], PREDICTIONS, LABELS)
    assert np.random.get_state()[1].tolist() == before


def test_every_score_of_a_task_has_words():
    assert sorted(map(score_words, SCORES)) == [
        "F1",
        "Matthews correlation",
        "Pearson correlation",
        "Spearman correlation",
        "accuracy",
        "macro F1",
    ]


@pytest.mark.parametrize("name", ["accuracy", "f1"])
def test_what_an_exit_curve_asks_hundreds_of_times_asks_no_library(name, monkeypatch):
    """Its checks of the arguments took 40 s of one look at Orders."""
    expected = PEERS[name](PREDICTIONS, LABELS)
    for function in ("accuracy_score", "f1_score"):
        monkeypatch.delattr(sklearn_metrics, function)
    assert SCORES[name](PREDICTIONS, LABELS) == pytest.approx(expected)
