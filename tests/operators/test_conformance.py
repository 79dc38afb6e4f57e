"""What every operator promises in its base class; a new one joins by a line in ``SETTINGS``."""

import copy
import json
import subprocess
import sys

import pytest
import torch
from transformers import AutoModelForSequenceClassification

from effexplorer.costs import bytes_on_disk, weights
from effexplorer.errors import Cancelled, UserError
from effexplorer.models.checkpoint import encoder_matrices
from effexplorer.models.convert import finished, to_numeric
from effexplorer.operators import OPERATORS, Outline, make_operator
from effexplorer.operators.finetune import fine_tune
from effexplorer.pipeline import outlines, parse_steps
from effexplorer.training import loop
from tests.tiny_models import logits_of, tiny_classifier, toy_context, toy_examples

SETTINGS = {
    "distill": [
        {"layers": 2, "epochs": 2},
        {"layers": 1, "alpha": 0.0, "hidden": 0.0, "epochs": 1},
        {"layers": 0, "epochs": 1},
    ],
    "drop": [
        {"layers": 1, "epochs": 2},
        {"layers": 2, "search": "full", "epochs": 1},
        {"layers": 1, "rule": "exhaustive", "epochs": 1},
        {"layers": 2, "rule": "alternate", "epochs": 1},
    ],
    "exit": [
        {"epochs": 2},
        {"training": "alternating", "teacher": "before", "epochs": 1},
        {"training": "two-stage", "weights": "depth", "epochs": 1},
        {"first": 0, "epochs": 1},
    ],
    "finetune": [
        {"epochs": 2},
        {},
    ],
    "prune": [
        {"sparsity": 0.6, "epochs": 2},
        {"sparsity": 0.9, "schedule": "cubic", "epochs": 1},
        {"sparsity": 0.02, "epochs": 1},
    ],
    "quantize": [
        {},
        {"bits": 4},
        {"bits": 2},
        {"mode": "aware", "epochs": 2},
    ],
    "slenderize": [
        {"epochs": 2, "steps": 2},
        {"heads": 0.25, "ffn": 0.3, "rank": 8, "soft": 0.5, "steps": 2, "epochs": 2},
        {"heads": 1.0, "ffn": 1.0, "rank": 16, "epochs": 1},
    ],
    "trim": [
        {},
        {"minimum": 2},
    ],
}
CASES = [(name, knobs) for name, settings in SETTINGS.items() for knobs in settings]
NUMERIC_BITS = {"fp32": 32, "int8": 8, "int4": 4, "int2": 2}
NAMES = sorted(OPERATORS)

every_case = pytest.mark.parametrize(("name", "knobs"), CASES, ids=str)


KINDS = {
    "bert": {},
    "mpnet": {"buckets": 32, "type_vocab_size": 0, "position_offset": 2},
    "electra": {"embedding_size": 28, "head_activation": "gelu"},
}


@pytest.fixture(params=KINDS)
def start(request):
    """Return what makes a model, of each kind of layers, and the outline of what it is."""

    def made():
        fields = KINDS[request.param] | {"max_position_embeddings": 50}
        model = tiny_classifier(spread=0.05, dropout=0.1, ffn=[128, 128, 128], **fields)
        return model, Outline(layers=3)

    return made


def sparsity(model) -> float:
    matrices = encoder_matrices(model).values()
    dense = [matrix.dense() if hasattr(matrix, "dense") else matrix.weight for matrix in matrices]
    if not dense:
        return 0.0
    return sum(int((one == 0).sum()) for one in dense) / sum(one.numel() for one in dense)


def test_every_operator_has_settings_here():
    assert set(SETTINGS) == set(OPERATORS)


@pytest.mark.parametrize("name", NAMES)
def test_an_operator_describes_itself(name):
    cls = OPERATORS[name]
    assert cls.name == name and len(cls.letter) == 1 and cls.letter.isupper()
    assert cls.summary.endswith(".") and cls.source
    assert all(knob.help.endswith(".") for knob in cls.knobs())


@pytest.mark.parametrize("name", NAMES)
def test_the_defaults_are_within_their_bounds(name):
    assert str(make_operator(name, {})) == name


@pytest.mark.parametrize(
    ("name", "knob"),
    [(name, knob) for name in NAMES for knob in OPERATORS[name].knobs()],
    ids=lambda one: getattr(one, "name", one),
)
def test_a_knob_refuses_what_is_out_of_bounds(name, knob):
    bad = ["", float("nan"), float("inf"), True, False, None, [1], {}, 1e300]
    bad += ["a (b)", "a, b", "a > b", "a\nb"] if knob.kind == "model" else ["many", "nan"]
    if not knob.choices:
        bad += [knob.low - 0.5, knob.high + 0.5, f"{knob.high + 1}"]
    if knob.kind == "int":
        bad += [knob.low + 0.5]
    for value in bad:
        with pytest.raises(UserError, match=rf"^{name}: {knob.name} must be .+; got .+\.$"):
            make_operator(name, {knob.name: value})


@pytest.mark.parametrize(
    ("name", "knob"),
    [(name, knob) for name in NAMES for knob in OPERATORS[name].knobs()],
    ids=lambda one: getattr(one, "name", one),
)
def test_a_knob_takes_its_bounds_as_numbers_and_as_text(name, knob):
    for value in knob.choices or (knob.low, knob.high, knob.default):
        for given in (value, str(value)):
            taken = getattr(make_operator(name, {knob.name: given}), knob.name)
            assert taken == value and type(taken) is type(knob.default)


@every_case
def test_a_description_makes_the_same_operator(name, knobs):
    operator = make_operator(name, knobs)
    plain = json.loads(json.dumps(operator.to_dict()))
    assert make_operator(plain.pop("operator"), plain) == operator
    assert make_operator(operator.letter, knobs) == operator


@every_case
def test_the_text_reads_back_as_the_same_operator(name, knobs):
    operator = make_operator(name, knobs)
    assert parse_steps(str(operator)) == (operator,)


@every_case
def test_the_outline_is_that_of_the_result(start, name, knobs):
    operator, (model, before) = make_operator(name, knobs), start()
    assert operator.problem(before) is None
    outline, result = operator.after(before), operator.apply(model, toy_context())
    assert len(result.layers) == result.config.num_hidden_layers == outline.layers
    assert sparsity(result) == pytest.approx(outline.sparsity, abs=0.01) or outline.bits < 8
    assert sparsity(result) >= outline.sparsity - 0.01
    assert NUMERIC_BITS[finished(result).config.numeric] == outline.bits


@every_case
def test_a_model_counts_as_dense_until_a_step_compresses_it(start, name, knobs):
    operator, (_, before) = make_operator(name, knobs), start()
    (after,) = (after for _, _, after in outlines((operator,), before))
    assert after.dense is not operator.compresses


@every_case
def test_a_step_that_trains_may_follow_where_the_outline_says_so(start, name, knobs):
    operator, (model, before) = make_operator(name, knobs), start()
    after, result = operator.after(before), operator.apply(model, toy_context())
    problems = [step.problem(after) for step in parse_steps("finetune > quantize(mode=aware)")]
    if after.trainable:
        fine_tune(result, toy_context(), epochs=1)
        assert problems[0] is None
    else:
        assert all(problems)
        assert not any(
            matrix.weight.requires_grad
            for matrix in encoder_matrices(result).values()
            if hasattr(matrix, "weight")
        )


@every_case
def test_the_same_seed_gives_exactly_the_same_result(start, name, knobs):
    operator, results = make_operator(name, knobs), []
    for state in (1, 2):
        torch.manual_seed(state)
        results.append(operator.apply(start()[0], toy_context(seed=3)).state_dict())
    assert results[0].keys() == results[1].keys()
    assert all(torch.equal(value, results[1][name]) for name, value in results[0].items())


@every_case
def test_the_result_saves_and_reopens_with_the_same_answers(start, name, knobs, tmp_path):
    result = make_operator(name, knobs).apply(start()[0], toy_context())
    examples = toy_examples()
    for model in (result, finished(result)):
        model.save_pretrained(tmp_path)
        again = AutoModelForSequenceClassification.from_pretrained(tmp_path)
        assert torch.equal(logits_of(again, examples), logits_of(model, examples))


@every_case
def test_what_is_removed_is_gone_from_the_file(start, name, knobs):
    model, before = start()
    dense = bytes_on_disk(model)
    operator = make_operator(name, knobs)
    after = operator.after(before)
    result = finished(operator.apply(model, toy_context()))
    smaller = after.layers < before.layers or after.bits < 32 or after.sparsity > 0.1
    smaller = smaller or name == "slenderize"
    size = bytes_on_disk(result)
    ideal = sum(int((weight != 0).sum()) * bits for weight, bits in weights(result)) / 8
    positions = sum(weight.numel() for weight, _ in weights(result)) / 8  # one bit each
    heads = 1_400 * after.exits  # what the new classifiers and their names take
    assert size < dense if smaller else size <= dense + heads
    assert size <= ideal + positions + 16_384  # scales, zero points, names and shapes


@every_case
def test_the_result_is_finite_and_ready_to_answer(start, name, knobs):
    result = make_operator(name, knobs).apply(start()[0], toy_context())
    assert not result.training and logits_of(result, toy_examples()).isfinite().all()


@every_case
def test_a_step_that_trains_reports_progress(start, name, knobs, monkeypatch):
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0.0)
    events, operator = [], make_operator(name, knobs)
    operator.apply(start()[0], toy_context(report=events.append))
    if operator.trains:
        assert {event["kind"] for event in events} <= {"progress", "note"}
        progress = [event for event in events if event["kind"] == "progress"]
        done = [event["done"] for event in progress]
        assert done == sorted(done) and done[-1] == progress[-1]["total"]
    else:
        assert not events


@every_case
def test_a_step_that_trains_stops_when_asked(start, name, knobs):
    operator = make_operator(name, knobs)
    if operator.trains:
        with pytest.raises(Cancelled):
            operator.apply(start()[0], toy_context(cancelled=lambda: True))
    else:
        operator.apply(start()[0], toy_context(cancelled=lambda: True))


@every_case
def test_zeros_of_an_earlier_pruning_stay(start, name, knobs):
    model = make_operator("prune", {"sparsity": 0.5}).apply(start()[0], toy_context())
    outline = Outline(layers=3, sparsity=0.5)
    operator = make_operator(name, knobs)
    if operator.problem(outline) is None:
        result = operator.apply(copy.deepcopy(model), toy_context())
        # what slenderize removes is emptier than what it keeps
        slack = 0.05 if name == "slenderize" else 0.01
        kept = 0.49 if result.layers else 0.0
        assert sparsity(result) >= operator.after(outline).sparsity - slack >= kept - slack


@every_case
@pytest.mark.parametrize("kind", ["class", "number"])
def test_an_operator_works_for_classes_and_for_numbers(name, knobs, kind):
    from tests.tiny_models import toy_task

    task = toy_task(pairs=True, kind=kind)
    model = tiny_classifier(num_labels=task.outputs)
    result = make_operator(name, knobs).apply(model, toy_context(task))
    assert logits_of(result, task.validation).shape == (24, task.outputs)


@every_case
def test_an_operator_works_on_an_aware_model(start, name, knobs):
    operator, outline = make_operator(name, knobs), Outline(layers=3, bits=8)
    model = to_numeric(start()[0], "int8-aware")
    if operator.problem(outline) is None:
        result = operator.apply(model, toy_context())
        assert finished(result).config.numeric == "int8" and operator.after(outline).bits == 8


def test_describing_operators_loads_no_torch():
    code = (
        "import sys\n"
        "from effexplorer.operators import OPERATORS, make_operator\n"
        "from effexplorer.pipeline import Pipeline\n"
        "steps = [make_operator(name, {}) for name in OPERATORS]\n"
        "pipeline = Pipeline('minilm', 'reviews', steps)\n"
        "pipeline.problems(), pipeline.key, [one.to_dict() for one in steps[0].knobs()]\n"
        "sys.exit(' '.join({'torch', 'transformers', 'numpy'} & set(sys.modules)) or 0)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 - a fixed command
    assert done.returncode == 0, done.stderr
