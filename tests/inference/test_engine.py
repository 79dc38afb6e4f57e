import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertConfig, BertForSequenceClassification

from effexplorer.exits.policies import make_policy
from effexplorer.inference import engine as engines
from effexplorer.inference.engine import TorchEngine, pass_through
from effexplorer.models.convert import add_exits
from effexplorer.models.importer import from_transformers
from tests.inference.builders import (
    ENGINES,
    all_logits,
    arrays,
    made_engine,
    made_rows,
    temperatures,
)
from tests.tiny_models import shaken

BAND = 1e-5  # readiness so near a threshold may fall on either side of it
FULL = make_policy("full", None, exits=3, regression=False)
POLICIES = {1: ("agreement",), 3: ("confidence", "entropy", "patience")}


def left_afterwards(readiness, thresholds) -> list[int]:
    """Return where each row leaves, by the words of the definition."""
    exits = []
    for row in readiness:
        sure = [exit for exit, one in enumerate(row) if one >= thresholds[exit]]
        exits.append(min([*sure, len(row) - 1]))
    return exits


@st.composite
def cases(draw):
    """Draw rows in any order, a policy, and where among all readiness its thresholds stand."""
    lengths = draw(st.lists(st.integers(3, 40), min_size=1, max_size=9))
    outputs = draw(st.sampled_from((1, 3)))
    return {
        "lengths": lengths,
        "seed": draw(st.integers(0, 5)),
        "outputs": outputs,
        "numeric": draw(st.sampled_from(("fp32", "int8"))),
        "pooling": draw(st.sampled_from(("cls", "mean"))),
        "policy": draw(st.sampled_from(POLICIES[outputs])),
        "places": draw(st.lists(st.floats(0, 1), min_size=1, max_size=1) | _three()),
    }


def _three():
    return st.lists(st.floats(0, 1), min_size=3, max_size=3)


def check_same_answers(kind, case, reference, tolerance):
    model, engine = made_engine(kind, case["numeric"], case["outputs"], case["pooling"])
    rows = made_rows(case["lengths"], case["seed"])
    expected = reference(model, engine, rows)
    scale, regression = temperatures(model), case["outputs"] == 1
    rule = make_policy(case["policy"], None, exits=3, regression=regression)
    finite = rule.readiness(expected, scale)
    finite = finite[np.isfinite(finite)]
    thresholds = np.quantile(finite, case["places"]) if finite.size else [0.0]
    rule = make_policy(case["policy"], list(thresholds), exits=3, regression=regression)
    readiness = rule.readiness(expected, scale)
    found = pass_through(engine, *arrays(rows), rule, scale)
    for row, exit in enumerate(left_afterwards(readiness, rule.thresholds)):
        near = np.abs(readiness[row] - rule.thresholds) < BAND
        if case["policy"] == "patience" or not near.any():
            assert found.exits[row] == exit
        left = found.exits[row] + 1
        np.testing.assert_allclose(
            found.logits[row, :left], expected[row, :left], rtol=0, atol=tolerance
        )
        assert np.isnan(found.logits[row, left:]).all()
    every = pass_through(engine, *arrays(rows), rule, scale, all_exits=True)
    assert every.exits.tolist() == found.exits.tolist()


@settings(max_examples=60)
@given(cases())
def test_answers_are_those_of_all_exits_and_the_policy_afterwards(case):
    check_same_answers("torch", case, lambda model, _, rows: all_logits(model, rows), 1e-5)


def one_by_one(model, engine, rows):
    """Return all exits' logits of every row on its own."""
    full = make_policy("full", None, exits=3, regression=model.config.num_labels == 1)
    alone = []
    for row in range(len(rows)):
        batch = rows.batch(np.array([row]))
        inputs = batch.ids.numpy(), batch.token_types.numpy(), rows.lengths[[row]].astype(np.int32)
        alone.append(pass_through(engine, *inputs, full, temperatures(model)).logits)
    return np.concatenate(alone)


@settings(max_examples=30)
@given(cases())
def test_in_onnx_too_answers_depend_neither_on_the_batch_nor_on_who_has_left(case):
    check_same_answers("onnx", case, one_by_one, 1e-5)


@pytest.mark.parametrize("kind", ENGINES)
def test_int8_answers_do_not_depend_on_their_batch(kind):
    model, engine = made_engine(kind, "int8", 3)
    rows = made_rows([5, 31, 17, 3, 40, 16])
    together = pass_through(engine, *arrays(rows), FULL, temperatures(model)).logits
    # One number rounded otherwise would move them a thousand times as far.
    np.testing.assert_allclose(together, one_by_one(model, engine, rows), rtol=0, atol=2e-6)


@pytest.mark.parametrize("numeric", ["fp32", "int8"])
def test_layers_see_only_the_rows_that_are_left_and_their_tokens(numeric):
    model, _ = made_engine("torch", numeric, 3)
    seen = []
    hooks = [
        layer.register_forward_pre_hook(lambda _, args: seen.append(tuple(args[0].shape[:2])))
        for layer in model.layers
    ]
    rows = made_rows([12, 30, 7, 21, 4, 9, 40, 3])
    logits = all_logits(model, rows)
    seen.clear()
    readiness = make_policy("confidence", 0, exits=3, regression=False)
    sure = readiness.readiness(logits, temperatures(model))
    thresholds = [float(np.median(sure[:, 0])), float(np.median(sure[:, 1])), 0.0]
    rule = make_policy("confidence", thresholds, exits=3, regression=False)
    found = pass_through(TorchEngine(model), *arrays(rows), rule, temperatures(model))
    for hook in hooks:
        hook.remove()
    inside = [rows.lengths[found.exits >= exit] for exit in range(3)]
    assert len(set(map(len, inside))) > 1
    assert seen == [(len(lengths), lengths.max()) for lengths in inside if len(lengths)]


def test_nothing_is_computed_after_the_last_row_left():
    model, engine = made_engine("torch")
    rule = make_policy("confidence", 0.0, exits=3, regression=False)
    seen = []
    hook = model.layers[1].register_forward_hook(lambda *_: seen.append(1))
    found = pass_through(engine, *arrays(made_rows([5, 9])), rule, temperatures(model))
    hook.remove()
    assert found.exits.tolist() == [0, 0] and not seen
    assert np.isnan(found.seconds[1:]).all()


@pytest.mark.parametrize("kind", ENGINES)
def test_with_all_exits_the_exits_taken_are_the_same(kind):
    model, engine = made_engine(kind, "int8", 3)
    rows = made_rows([12, 30, 7, 21, 4, 9, 40, 3])
    rule = make_policy("entropy", 0.2, exits=3, regression=False)
    some = pass_through(engine, *arrays(rows), rule, temperatures(model))
    every = pass_through(engine, *arrays(rows), rule, temperatures(model), all_exits=True)
    assert some.exits.tolist() == every.exits.tolist()
    assert not np.isnan(every.logits).any()


def test_times_are_those_since_the_batch_began(monkeypatch):
    ticks = iter([10.0, 10.5, 12.0, 20.0])
    monkeypatch.setattr(engines.time, "perf_counter", lambda: next(ticks))
    model, engine = made_engine("torch")
    found = pass_through(engine, *arrays(made_rows([5, 9])), FULL, temperatures(model))
    assert found.seconds.tolist() == [0.5, 2.0, 10.0]


@pytest.mark.parametrize("kind", ENGINES)
def test_at_full_depth_logits_are_those_of_transformers(kind):
    shape = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4}
    config = BertConfig(vocab_size=48, intermediate_size=64, max_position_embeddings=48, **shape)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        peer = shaken(BertForSequenceClassification(config), 0.1).eval()
    engine = ENGINES[kind](add_exits(from_transformers(peer)).eval())
    ids, types, lengths = arrays(made_rows([12, 30, 7, 21]))
    mask = torch.arange(30) < torch.from_numpy(lengths)[:, None]
    with torch.inference_mode():
        ours = pass_through(engine, ids, types, lengths, FULL, np.ones(3)).logits[:, -1]
        theirs = peer(torch.from_numpy(ids), mask, torch.from_numpy(types)).logits
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-5)
