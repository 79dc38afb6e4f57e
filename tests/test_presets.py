import re
from itertools import permutations

import pytest

from effexplorer.errors import UserError
from effexplorer.operators import Outline
from effexplorer.pipeline import step_problems
from effexplorer.presets import GROUPS, find_preset

PRESETS = [preset for group in GROUPS for preset in group.presets]


def labels(title):
    (group,) = [group for group in GROUPS if group.title == title]
    return [preset.label for preset in group.presets]


def test_the_eight_subsets_stand_in_the_paper_s_order():
    assert labels("Subsets") == ["dense", "D", "P", "Q", "D>P", "D>Q", "P>Q", "D>P>Q"]


def test_the_orders_are_all_24_of_the_four():
    assert sorted(labels("Orders")) == sorted(
        ">".join(permutation) for permutation in permutations("DPEQ")
    )


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_is_legal_for_a_model_of_six_layers(preset):
    assert not any(step_problems(preset.steps, Outline(layers=6)))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_name_can_be_typed_and_finds_its_preset(preset):
    assert re.fullmatch(r"s[1-4](-[a-z0-9]+)+", preset.name)
    assert find_preset(preset.name) is preset


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_label_of_letters_is_that_of_the_steps(preset):
    letters = ">".join(step.letter for step in preset.steps) or "dense"
    assert preset.label == letters or not re.fullmatch(r"[A-Z](>[A-Z])*", preset.label)


def test_the_exits_stand_before_or_after_the_narrowing():
    first, last = find_preset("s4-exits-first").steps, find_preset("s4-exits-last").steps
    assert [step.name for step in first] == ["exit", "slenderize"]
    assert first == last[::-1]


def test_the_published_search_starts_wholly_from_the_pre_trained_weights():
    (drop,) = find_preset("s3-published-2").steps
    assert (drop.layers, drop.rule, drop.search, drop.start) == (2, "greedy", "full", "pretrained")


@pytest.mark.parametrize("name", ["", "s1", "S2-D", "fly"])
def test_an_unknown_name_is_told(name):
    with pytest.raises(UserError, match="preset: must be one of those"):
        find_preset(name)
