from effexplorer.models.catalog import find_model
from effexplorer.operators import Outline
from effexplorer.pipeline import read_steps, step_problems
from effexplorer.ui.presets import presets

SUBSETS, ORDERS = ([one["label"] for one in group["presets"]] for group in presets())


def test_the_eight_subsets_stand_in_the_paper_s_order():
    assert SUBSETS == ["dense", "D", "P", "Q", "D>P", "D>Q", "P>Q", "D>P>Q"]


def test_the_orders_are_all_of_the_three_but_the_one_among_the_subsets():
    assert sorted(["D>P>Q", *ORDERS]) == ["D>P>Q", "D>Q>P", "P>D>Q", "P>Q>D", "Q>D>P", "Q>P>D"]


def test_every_preset_is_legal():
    outline = Outline(find_model("minilm").layers)
    for group in presets():
        for preset in group["presets"]:
            problems = step_problems(read_steps(preset["steps"]), outline)
            assert not any(problems), preset["label"]
