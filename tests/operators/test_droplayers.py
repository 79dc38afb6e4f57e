import copy
import dataclasses

import pytest
import torch

from effexplorer.errors import UserError
from effexplorer.models.convert import add_exits, keep_layers, to_numeric
from effexplorer.operators import DropLayers, Outline
from effexplorer.operators.finetune import fine_tune
from effexplorer.operators.layer_search import Candidates, held_out_score
from effexplorer.training import loop
from tests.tiny_models import logits_of, tiny_classifier, toy_context, toy_examples, toy_task

SIX = {"heads": [4] * 6, "ffn": [64] * 6}
DENSE = Outline(layers=6)


def applied(*, model=None, context=None, **knobs):
    """Return the model without layers and the events of the step; 0.5 epochs unless said."""
    events = []
    context = dataclasses.replace(context or toy_context(), report=events.append)
    operator = DropLayers(**{"epochs": 0.5} | knobs)
    return operator.apply(model or tiny_classifier(**SIX), context), events


def same(one, other) -> bool:
    first, second = one.state_dict(), other.state_dict()
    return first.keys() == second.keys() and all(
        torch.equal(value, second[name]) for name, value in first.items()
    )


def notes(events) -> list[str]:
    return [event["text"] for event in events if event["kind"] == "note"]


def dropped(events) -> list[int]:
    """Return the layers that the note names, counted from 0."""
    words = notes(events)[0].removeprefix("drop: layer").removeprefix("s").partition(" dropped")
    return [int(number) - 1 for number in words[0].split(",")]


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ("top", [0, 1, 2, 3]),
        ("bottom", [2, 3, 4, 5]),
        ("alternate", [0, 1, 2, 4]),
        ("symmetric", [0, 1, 4, 5]),
    ],
)
@pytest.mark.parametrize("start", ["current", "pretrained"])
def test_a_rule_by_place_leaves_the_other_layers_fine_tuned(rule, left, start):
    origin = tiny_classifier(seed=5, **SIX)
    context = toy_context(pretrained=lambda: copy.deepcopy(origin))
    model, events = applied(context=context, rule=rule, start=start)
    base = origin if start == "pretrained" else tiny_classifier(**SIX)
    assert same(model, fine_tune(keep_layers(base, left), toy_context(), epochs=0.5))
    assert dropped(events) == sorted({*range(6)} - {*left})


@pytest.mark.parametrize("start", ["current", "pretrained"])
@pytest.mark.parametrize("knobs", [{"search": "full"}, {"rule": "exhaustive"}])
def test_the_result_of_a_whole_search_is_its_best_candidate(start, knobs):
    origin = tiny_classifier(seed=5, **SIX)
    context = toy_context(pretrained=lambda: copy.deepcopy(origin))
    model, events = applied(context=context, start=start, layers=1, epochs=2, **knobs)
    base = origin if start == "pretrained" else tiny_classifier(**SIX)
    every = [
        fine_tune(keep_layers(base, [one for one in range(6) if one != gone]), toy_context())
        for gone in range(6)
    ]
    scores = [held_out_score(one, context.task) for one in every]
    best = max(range(6), key=lambda gone: (scores[gone], gone))
    assert dropped(events) == [best] and same(model, every[best])
    order = "" if knobs.get("rule") else ", in this order"
    told = f"drop: layer {best + 1} dropped{order} (held-out accuracy {scores[best]:.1f} %)."
    assert notes(events) == [told]


def test_the_short_search_ends_with_a_whole_fine_tuning_of_what_it_chose():
    start = tiny_classifier(**SIX)
    model, events = applied(model=start, epochs=3)  # too short a training for parts of it
    left = [layer for layer in range(6) if layer not in dropped(events)]
    assert same(model, fine_tune(keep_layers(start, left), toy_context(), epochs=3))
    assert notes(events)[0].endswith(" % before the final fine-tuning).")


def test_the_short_search_from_pretrained_weights_ends_with_them_fine_tuned(monkeypatch):
    model, origin, searched = tiny_classifier(), tiny_classifier(seed=5), []
    first = Candidates.__init__

    def watched(search, start, *arguments, **named):
        searched.append(start)
        first(search, start, *arguments, **named)

    monkeypatch.setattr(Candidates, "__init__", watched)
    context = toy_context(pretrained=lambda: origin)
    result, events = applied(model=model, context=context, layers=1, start="pretrained", epochs=15)
    left = [layer for layer in range(3) if layer not in dropped(events)]
    assert same(result, fine_tune(keep_layers(origin, left), toy_context(), epochs=15))
    assert len(searched) == 1 and searched[0] is model


def test_a_search_drops_a_layer_that_spoils_the_answers():
    model = fine_tune(tiny_classifier(), toy_context(), epochs=60)
    with torch.no_grad():
        model.layers[1].down.weight.normal_(std=30.0)
    _, events = applied(model=model, layers=1)
    assert dropped(events) == [1]


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"layers": 3},
        {"layers": 1, "epochs": 1.5},
        {"search": "full", "epochs": 1},
        {"rule": "exhaustive", "epochs": 1},
        {"rule": "symmetric"},
    ],
)
def test_the_sentences_foretold_are_those_of_the_step(knobs, monkeypatch):
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0.0)
    operator = DropLayers(**knobs)
    context, events = toy_context(toy_task(64), epochs=16.0), []
    model = tiny_classifier(hidden_size=8, heads=[1] * 4, ffn=[8] * 4)
    operator.apply(model, dataclasses.replace(context, report=events.append))
    progress = [event for event in events if event["kind"] == "progress"]
    planned = operator.sentences(64, 16.0, Outline(layers=4))
    assert len(progress) * 32 == planned == progress[-1]["done"] == progress[-1]["total"]


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("examples", [1_000, 8_000, 60_615])
@pytest.mark.parametrize("epochs", [1.0, 2.0, 3.0])
def test_the_short_search_costs_a_quarter_of_the_published_at_most(layers, examples, epochs):
    short, full = (
        DropLayers(layers=layers, search=search).sentences(examples, epochs, DENSE)
        for search in ("short", "full")
    )
    assert full == (6 * layers - layers * (layers - 1) // 2) * examples * epochs
    assert examples * epochs < short <= full / 4


def test_the_cost_of_a_search_is_told_before_it():
    assert DropLayers(layers=3, search="full").caution(DENSE) == (
        "drop: the search fine-tunes 15 candidates wholly; rule=greedy with search=short makes "
        "23 short fine-tunings, together as long as 1.0 whole ones, and a final one."
    )
    assert (
        DropLayers(rule="exhaustive")
        .caution(DENSE)
        .startswith("drop: the search fine-tunes 15 candidates wholly; ")
    )
    assert DropLayers(layers=1).caution(DENSE) == (
        "drop: the search makes 9 short fine-tunings, together as long as 0.4 whole ones."
    )
    assert DropLayers(rule="top").caution(DENSE) is None


@pytest.mark.parametrize(
    ("knobs", "before", "problem"),
    [
        (
            {"layers": 6},
            DENSE,
            "drop: layers must be less than the 6 layers of the model before it; got 6.",
        ),
        (
            {"layers": 4, "rule": "alternate"},
            DENSE,
            "drop: layers must be at most 3 with rule=alternate, every second of 6; got 4.",
        ),
        (
            {"layers": 3, "rule": "exhaustive"},
            Outline(layers=12),
            "drop: rule=exhaustive must have at most 100 combinations, since each is fine-tuned; "
            "got 220. Use rule=greedy or drop fewer layers.",
        ),
        (
            {"start": "pretrained"},
            Outline(layers=6, dense=False),
            "drop: start=pretrained must be the first step, since it begins anew from the "
            "pre-trained weights and loses what earlier steps made smaller; got drop after "
            "another step.",
        ),
    ],
)
def test_what_cannot_be_dropped_says_why(knobs, before, problem):
    assert DropLayers(**knobs).problem(before) == problem


def test_what_can_be_dropped_has_no_problem():
    assert DropLayers(layers=5).problem(DENSE) is None
    assert DropLayers(layers=3, rule="alternate").problem(DENSE) is None
    assert DropLayers(rule="exhaustive").problem(Outline(layers=12)) is None
    assert DropLayers(start="pretrained").problem(DENSE) is None
    assert "must stand before" in DropLayers().problem(Outline(layers=6, trainable=False))


@pytest.mark.parametrize("rule", ["greedy", "exhaustive"])
def test_a_search_without_rows_held_out_says_so_before_it_trains(rule):
    task = dataclasses.replace(toy_task(), held_out=toy_examples(0))
    with pytest.raises(
        UserError, match=rf"^drop: rule={rule} must have rows held out .*; got none"
    ):
        applied(context=toy_context(task), rule=rule)
    assert applied(context=toy_context(task), rule="top")


def test_a_search_never_looks_at_the_validation_split():
    task = dataclasses.replace(toy_task(), validation=None)
    assert applied(context=toy_context(task))


@pytest.mark.parametrize("search", ["short", "full"])
def test_exits_of_the_layers_that_stay_stay(search):
    model, _ = applied(model=add_exits(tiny_classifier(**SIX)), search=search)
    assert model.config.exits == [1, 2, 3] and len(model.layers) == 4
    before = Outline(layers=6, exits=True)
    assert DropLayers().after(before).exits and not DropLayers(layers=5).after(before).exits
    single, _ = applied(model=add_exits(tiny_classifier(**SIX)), layers=5, search=search)
    assert single.config.exits == []


def test_an_aware_model_stays_aware_and_finite():
    model, _ = applied(model=to_numeric(tiny_classifier(**SIX), "int8-aware"))
    assert model.config.numeric == "int8-aware"
    assert logits_of(model, toy_examples()).isfinite().all()
