import pytest

from effexplorer.find.costs import Shares, expected_costs, shares
from effexplorer.operators import Outline
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.store import open_store

HALF = Shares(0.5, 384)


def costs(text: str) -> dict[str, float]:
    return expected_costs(parse_steps(text), Outline(layers=6), HALF)


def test_the_dense_model_costs_itself():
    assert set(costs("").values()) == {1.0}


def test_half_the_layers_take_half_of_what_is_not_embedding():
    found = costs("distill(layers=3)")
    assert found["bytes"] == pytest.approx(0.75) and found["macs"] == pytest.approx(0.5)


def test_pruned_weights_leave_a_mask_of_one_bit():
    found = costs("prune(sparsity=0.75)")
    assert found["bytes"] == pytest.approx(0.5 + 0.5 * (0.25 + 1 / 32))
    assert found["macs"] == 1.0


def test_narrower_layers_and_a_narrower_embedding_both_count():
    assert costs("slenderize(heads=0.5, ffn=0.5)")["macs"] == pytest.approx(0.5)
    ranked = costs("slenderize(heads=1, ffn=0.5, rank=96)")
    assert ranked["parameters"] == pytest.approx(0.5 * 0.25 + 0.5 * (1 / 3 + 0.5 * 2 / 3))


def test_sizes_of_shipped_runs_are_foretold_within_a_tenth():
    model = shares(Pipeline("minilm", "sst2"))
    for run in open_store().runs():
        pipeline = Pipeline.from_dict(run.record.pipeline)
        names = {step.name for step in pipeline.steps}
        if run.record.model != "minilm" or names & {"trim", "finetune"}:
            continue
        expected = expected_costs(pipeline.steps, pipeline.outline, model)["bytes"]
        measured = run.record.final.bytes / run.record.stages[0].bytes
        assert measured == pytest.approx(expected, rel=0.1), str(pipeline)


def test_a_model_that_is_not_here_is_held_to_be_half_embedding(monkeypatch):
    monkeypatch.setattr("effexplorer.hub.reachable", lambda: False)
    assert shares(Pipeline("bert-tiny", "reviews")).embedding == 0.5
