import numpy as np
import pytest

from effexplorer.analysis.groups import group
from effexplorer.analysis.multiplicativity import family, size_evidence
from effexplorer.analysis.trade_off import table
from effexplorer.analysis.verdict import CANNOT_TELL, NO, YES, judge
from tests.analysis.builders import made_group, seeded
from tests.builders import a_record

SEEDS = (0, 1, 2)
DENSE = 120_000_000


def swept(reach, *, ratio=1.0, noise=0.0, task="sst2", dense=90.0):
    """Return runs of distill, prune and both whose scores fall by 1 point at ``reach`` times.

    Each at three settings, of 0.5, 0.9 and 1.4 times the logarithm of that reduction.
    """
    random = np.random.default_rng(0)
    reaches = {"distill": reach, "prune": reach, "distill > prune": reach * reach * ratio}
    records = [a_record(seed=seed, task=task, score=dense, bytes=DENSE) for seed in SEEDS]
    for steps, times in reaches.items():
        for sparsity, part in ((0.5, 0.5), (0.6, 0.9), (0.7, 1.4)):
            typed = steps.replace("distill", f"distill(alpha={sparsity})")
            typed = typed.replace("prune", f"prune(sparsity={sparsity})")
            records += [
                a_record(
                    typed,
                    seed=seed,
                    task=task,
                    score=dense - part**2 + random.normal(0, noise),
                    bytes=round(DENSE / times**part),
                )
                for seed in SEEDS
            ]
    (found,) = group(records)
    return found


def judged(runs, **options):
    (verdict,) = judge([size_evidence(runs, "distill", "prune", **options)])
    return verdict


def test_reductions_that_multiply():
    found = judged(swept(2.0, noise=0.01))
    assert found.answer == YES and found.numbers["difference"] == pytest.approx(1.0, abs=0.03)
    assert found.numbers["both"] == pytest.approx(found.numbers["one"] ** 2, rel=0.05)
    assert "at 89.0 % distill alone makes the model" in found.sentence


@pytest.mark.parametrize(
    ("ratio", "words"), [(0.5, "are less than their product"), (2.0, "are more than their product")]
)
def test_reductions_that_do_not(ratio, words):
    found = judged(swept(2.0, ratio=ratio, noise=0.01))
    assert found.answer == NO and words in found.sentence


def test_an_interval_has_width():
    seen = judged(swept(2.0, noise=0.02)).numbers
    assert seen["low"] < seen["difference"] < seen["high"]


def test_wide_intervals_cannot_tell():
    assert judged(swept(2.0, noise=0.25)).answer == CANNOT_TELL


def test_one_setting_is_no_curve():
    runs = {
        steps: seeded(90.0, 90.0, 90.0) for steps in ("", "distill", "prune", "distill > prune")
    }
    found = judged(made_group(runs))
    assert (found.answer, found.numbers) == (CANNOT_TELL, {})
    assert "takes 2 or more sizes of each, and distill, prune and both were run at one" in (
        found.sentence
    )


def test_a_sweep_that_loses_too_little_cannot_tell():
    found = judged(swept(2.0), tolerance=3.0)
    assert found.answer == CANNOT_TELL and "even the smallest model of" in found.sentence


def test_a_target_below_one_answer_for_all_is_void():
    found = judged(swept(2.0, task="mrpc", dense=82.0))
    assert found.void and "1 point below" in found.sentence
    assert "is not above one answer for all (81.2 %)" in found.sentence


@pytest.mark.parametrize("missing", ["", "distill", "prune", "distill > prune"])
def test_a_missing_family_cannot_tell(missing):
    steps = ("", "distill", "prune", "distill > prune")
    runs = {step: seeded(90.0, 90.0) for step in steps if step != missing}
    found = judged(made_group(runs))
    assert found.answer == CANNOT_TELL and "it takes" in found.sentence


def test_any_order_and_knobs_belong_to_a_family_and_training_on_is_no_operator():
    runs = {
        one: seeded(80.0, 81.0)
        for one in ("prune > distill", "distill > finetune > prune", "distill", "prune > quantize")
    }
    assert len(family(made_group(runs), ("distill", "prune"))) == 2
    assert table(family(made_group(runs), ("distill",)), (0, 1)).shape == (1, 2, 2)
