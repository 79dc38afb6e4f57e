import dataclasses
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.operators import OPERATORS, Distill, Outline, Prune, Quantize, make_operator
from effexplorer.pipeline import Pipeline, outlines, parse_steps, read_steps
from effexplorer.tasks.spec import TASKS

AWARE = "quantize(mode=aware)"


def a_pipeline(steps: str = "", **changes) -> Pipeline:
    return Pipeline(**{"model": "minilm", "task": "reviews"} | changes, steps=parse_steps(steps))


def one_operator(cls):
    """Return a strategy for operators with any legal knobs."""
    values = {}
    for knob in cls.knobs():
        if knob.choices:
            values[knob.name] = st.sampled_from(knob.choices)
        elif knob.kind == "int":
            values[knob.name] = st.integers(int(knob.low), int(knob.high))
        else:
            values[knob.name] = st.floats(knob.low, knob.high)
    return st.fixed_dictionaries({}, optional=values).map(
        lambda knobs: make_operator(cls.name, knobs)
    )


operators = st.lists(
    st.one_of([one_operator(cls) for cls in OPERATORS.values()]), max_size=limits.MAX_STEPS
).map(tuple)


@given(operators)
def test_any_steps_survive_text_and_json(steps):
    pipeline = Pipeline("minilm", "sst2", steps, seed=3, train_examples=100, epochs=2)
    assert parse_steps(str(pipeline)) == steps
    again = Pipeline.from_dict(json.loads(json.dumps(pipeline.to_dict())))
    assert again == pipeline and again.key == pipeline.key


@given(st.text(max_size=200))
def test_any_text_is_steps_or_a_sentence(text):
    try:
        steps = parse_steps(text)
    except UserError as error:
        assert "\n" not in str(error) and str(error).endswith(".")
    else:
        assert parse_steps(" > ".join(map(str, steps))) == steps


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
names = st.sampled_from(["model", "task", "steps", "seed", "train_examples", "epochs", "operator"])


@given(json_values | st.dictionaries(names, json_values | st.just("minilm"), max_size=7))
def test_any_json_is_a_pipeline_or_a_sentence(data):
    try:
        pipeline = Pipeline.from_dict(data)
    except UserError as error:
        assert "\n" not in str(error) and len(str(error)) < 300
    else:
        assert all(isinstance(problem, str) for problem in pipeline.problems())
        assert len(pipeline.key) == 12


def test_a_key_is_stable():
    assert (
        a_pipeline("distill(layers=3) > prune(sparsity=0.6) > quantize", seed=1).key
        == "95237ea74e1e"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a_pipeline("D > P > Q"), a_pipeline("distill>prune>quantize")),
        (a_pipeline("prune(sparsity=0.6)"), a_pipeline("prune")),
        (a_pipeline("prune(sparsity=0)"), a_pipeline("prune(sparsity=-0.0)")),
        (a_pipeline(model="sentence-transformers/all-MiniLM-L6-v2"), a_pipeline()),
        (a_pipeline(epochs=2), a_pipeline(epochs="2.0")),
    ],
)
def test_equal_pipelines_have_equal_keys(one, other):
    assert one == other and one.key == other.key and hash(one) == hash(other)


@pytest.mark.parametrize(
    ("changes", "decided"),
    [({}, True), ({"epochs": 3}, False), ({"train_examples": 99}, True)],
    ids=str,
)
def test_a_task_whose_epochs_are_others_than_at_first_has_other_keys_where_it_decides(
    monkeypatch, changes, decided
):
    plan = a_pipeline("prune", task="rte", **changes)
    before, spec = plan.key, TASKS["rte"]
    monkeypatch.setitem(TASKS, "rte", dataclasses.replace(spec, epochs=9.0, revised=True))
    assert (plan.key != before) == decided


@pytest.mark.parametrize(("epochs", "decided"), [(3, True), (None, True), (0, False)])
def test_a_regression_that_begins_at_the_mean_is_not_the_one_of_earlier_records(epochs, decided):
    assert ("start" in a_pipeline(task="stsb", epochs=epochs).decided) == decided
    assert not a_pipeline(task="cola", epochs=epochs).decided


def test_a_subset_of_phrases_and_sentences_is_not_the_one_of_earlier_records():
    """It takes whole sentences first, as earlier ones did not; all rows are all rows."""
    assert a_pipeline(task="sst2", train_examples=3_000, epochs=3).key != "f3c0b2f48ec0"
    assert a_pipeline(task="sst2").key == "e6b6c4de56c6"


def test_a_text_length_is_part_of_a_pipeline_only_where_it_is_not_the_tasks_own():
    plain = a_pipeline(task="sst2")
    assert a_pipeline(task="sst2", max_length=128) == plain
    assert "max_length" not in plain.to_dict()
    short = a_pipeline(task="sst2", max_length="64")
    assert short.spec.max_length == 64 and plain.spec.max_length == 128
    assert short.key != plain.key and Pipeline.from_dict(short.to_dict()) == short


def test_other_pipelines_have_other_keys():
    base = a_pipeline("distill > prune")
    others = [
        a_pipeline("prune > distill"),
        a_pipeline("distill > prune(sparsity=0.61)"),
        a_pipeline("distill"),
        *(
            dataclasses.replace(base, **{name: value})
            for name, value in [
                ("seed", 1),
                ("train_examples", 99),
                ("epochs", 1),
                ("task", "sst2"),
                ("model", "bert-tiny"),
            ]
        ),
    ]
    assert len({base.key, *(other.key for other in others)}) == 9


SUBSETS = [
    order
    for count in range(4)
    for order in itertools.permutations(["distill", "prune", AWARE], count)
]


@pytest.mark.parametrize("order", SUBSETS, ids=" > ".join)
def test_every_order_of_steps_that_train_is_legal(order):
    assert a_pipeline(" > ".join(order)).problems() == []


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["distill", "prune", "quantize"])), ids=" > ".join
)
def test_a_dynamic_quantization_is_legal_at_the_end_alone(order):
    found = a_pipeline(" > ".join(order)).problems()
    late = order[order.index("quantize") + 1 :]
    assert len(found) == len(late)
    for step, problem in zip(late, found, strict=True):
        assert problem.startswith(f"{step}: a step that trains must stand before quantize")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("distill(layers=6)", "layers must be less than the 6 layers"),
        ("distill(layers=2) > distill(layers=2)", "less than the 2 layers"),
        ("prune(sparsity=0.5) > prune(sparsity=0.4)", "must be above the 0.5"),
        ("quantize > quantize", "can be quantized once"),
        ("quantize(mode=aware,bits=4)", "mode aware works with 8 bits"),
    ],
)
def test_an_order_that_cannot_be_is_told(steps, said):
    found = a_pipeline(steps).problems()
    assert len(found) == 1 and said in found[0]


def test_an_unknown_model_and_task_are_both_told():
    found = a_pipeline(model="nobody", task="chess").problems()
    assert [one.partition(":")[0] for one in found] == ["model", "task"]


def test_too_many_steps_are_told():
    steps = tuple(Prune(sparsity=0.1 + index / 20) for index in range(limits.MAX_STEPS + 1))
    assert Pipeline("minilm", "reviews", steps[:-1]).problems() == []
    found = Pipeline("minilm", "reviews", steps).problems()
    assert found == ["steps: must be at most 8; got 9 operators."]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("seed", -1, "run: seed must be between 0 and"),
        ("seed", 2**31, "run: seed must be between 0 and"),
        ("seed", True, "run: seed must be a whole number; got True."),
        ("seed", 1.5, "run: seed must be a whole number; got 1.5."),
        ("train_examples", 7, "run: train_examples must be between 8 and"),
        ("train_examples", "some", "run: train_examples must be a whole number; got some."),
        ("epochs", -0.5, "run: epochs must be between 0 and 20; got -0.5."),
        ("max_length", 7, "run: max_length must be between 8 and 512; got 7."),
        ("epochs", float("nan"), "run: epochs must be a number; got nan."),
    ],
)
def test_a_number_out_of_bounds_is_refused(field, value, said):
    with pytest.raises(UserError) as raised:
        a_pipeline(**{field: value})
    assert str(raised.value).startswith(said)


def test_steps_are_read_as_they_are_typed():
    assert parse_steps(" distill( layers = 3 ,alpha=0.5 )>P > quantize() ") == (
        Distill(layers=3, alpha=0.5),
        Prune(),
        Quantize(),
    )


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_empty_text_is_the_dense_model(text):
    assert parse_steps(text) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("melt", f"steps: an operator must be one of {', '.join(OPERATORS)}; got melt."),
        ("prune(", "steps: must read like prune(sparsity=0.6) > quantize; got prune(."),
        ("prune > ", "steps: must read like prune(sparsity=0.6) > quantize; got nothing."),
        ("prune, quantize", "steps: must read like"),
        ("prune(0.6)", "prune: a knob must read like name=value; got 0.6."),
        ("prune(=1)", "prune: a knob must read like name=value; got =1."),
        ("prune(sparsity=)", "prune: a knob must read like name=value; got sparsity=."),
        ("prune(sparsity=1,sparsity=1)", "prune: a knob must be set once; got sparsity twice."),
        ("prune(depth=1)", "prune: a knob must be one of sparsity, schedule, epochs; got depth."),
        ("prune(sparsity=2)", "prune: sparsity must be between 0 and 0.99; got 2."),
        (" > ".join(["prune"] * 9), "steps: must be at most 8; got 9 operators."),
        ("p" * 3000, "steps: must be at most 2000 characters; got 3000."),
    ],
)
def test_text_that_cannot_be_read_is_told(text, said):
    with pytest.raises(UserError) as raised:
        parse_steps(text)
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "pipeline: must be a pipeline's description"),
        ([], "pipeline: must be a pipeline's description"),
        ({"model": "minilm", "task": "sst2", "shell": "rm"}, "pipeline: must be"),
        ({"task": "sst2"}, "model: must be a name; got None."),
        ({"model": ["minilm"], "task": "sst2"}, "model: must be a name; got ['minilm']."),
        ({"model": "minilm", "task": 7}, "task: must be a name; got 7."),
        ({"model": "minilm", "task": "sst2", "steps": "prune"}, "steps: must be a list"),
        ({"model": "minilm", "task": "sst2", "steps": [{}]}, "steps: each must name its operator"),
        ({"model": "minilm", "task": "sst2", "steps": ["prune"]}, "steps: each must name"),
        ({"model": "minilm", "task": "sst2", "steps": [{}] * 9}, "steps: must be at most 8"),
        ({"model": "minilm", "task": "sst2", "seed": "x"}, "run: seed must be a whole number"),
    ],
)
def test_a_description_that_is_none_is_refused(data, said):
    with pytest.raises(UserError) as raised:
        Pipeline.from_dict(data)
    assert str(raised.value).startswith(said)


def test_read_steps_takes_what_operators_describe():
    steps = (Distill(layers=2), Quantize(mode="aware"))
    assert read_steps([step.to_dict() for step in steps]) == steps


@pytest.mark.parametrize(
    "name", ["x" * 5000, "\x00", "a/\x00", "\ud800", "../../etc", "~no-such-user/x", "."]
)
def test_a_strange_model_name_is_a_sentence(name, monkeypatch, tmp_path):
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path))
    found = a_pipeline(model=name).problems()
    assert len(found) == 1 and found[0].startswith("model: ")


def test_a_prefix_has_the_first_steps_alone():
    pipeline = a_pipeline("distill > prune > quantize", seed=4)
    assert pipeline.prefix(2) == a_pipeline("distill > prune", seed=4)
    assert pipeline.prefix(0).steps == () and pipeline.prefix(3) == pipeline


def test_letters_name_the_order():
    assert a_pipeline("distill > prune > quantize").letters == "D>P>Q"
    assert a_pipeline().letters == "dense"


def test_outlines_count_the_epochs_of_what_trained():
    steps = parse_steps("distill(epochs=2) > trim > prune > exit(epochs=1)")
    before = [outline.trained for _, outline, _ in outlines(steps, Outline(layers=6))]
    assert before == [(), (2.0,), (2.0,), (2.0, 0.0)]
    assert Pipeline("minilm", "reviews", steps).trained == (2, 0, 1)


def test_a_knob_that_came_later_is_part_of_a_key_only_where_it_is_set():
    """Runs from before the knob keep the keys under which they were recorded."""
    plain, caught_up = a_pipeline("exit(epochs=4)"), a_pipeline("exit(epochs=4, catch_up=yes)")
    assert plain.key == "6dde94a67359" and caught_up.key != plain.key
    assert Pipeline.from_dict(plain.to_dict()) == plain
