import dataclasses

import pytest

from effexplorer.analysis.training_alone import find_control, training_alone
from tests.builders import a_record, a_stage

RUN = a_record("distill(epochs=2) > prune(epochs=1)", score=88.0)
CONTROL = a_record("finetune(epochs=2) > finetune(epochs=1)", score=91.5)


def test_a_change_is_training_and_compression():
    found = training_alone(RUN, [a_record(), RUN, CONTROL])
    assert found.control == CONTROL
    assert found.training == pytest.approx(1.5) and found.compression == pytest.approx(-3.5)
    assert found.change == pytest.approx(RUN.final.score - RUN.stages[0].score)
    assert found.sentence == (
        "Of -2.0 points against dense, training for as long without compression makes "
        "+1.5 points, compression -3.5 points."
    )


@pytest.mark.parametrize(
    "other",
    [
        a_record("finetune(epochs=2) > finetune(epochs=1)", seed=1),
        a_record("finetune(epochs=2) > finetune(epochs=1)", task="cola"),
        a_record("finetune(epochs=2) > finetune(epochs=1)", model="bert-tiny"),
        a_record("finetune(epochs=1) > finetune(epochs=2)"),
        a_record("finetune(epochs=3)"),
        dataclasses.replace(CONTROL, data=CONTROL.data | {"fingerprint": "f" * 16}),
        dataclasses.replace(CONTROL, weights=CONTROL.weights | {"sha256": "1" * 64}),
        dataclasses.replace(CONTROL, phase="explored"),
    ],
    ids=["seed", "task", "model", "order", "total", "data", "weights", "phase"],
)
def test_a_run_of_another_kind_is_no_control(other):
    assert find_control(RUN, [other]) is None


@pytest.mark.parametrize("steps", ["", "quantize", "finetune(epochs=2)"])
def test_a_run_that_only_trains_or_never_does_has_no_control(steps):
    record = a_record(steps)
    assert training_alone(record, [record, CONTROL, a_record()]) is None


def test_a_record_of_an_operator_that_is_gone_has_none():
    plan = RUN.pipeline | {"steps": [{"operator": "melt"}]}
    gone = dataclasses.replace(RUN, pipeline=plan, stages=(a_stage(), RUN.stages[1]))
    assert training_alone(gone, [CONTROL]) is None
