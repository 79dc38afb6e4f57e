import itertools

import pytest

from effexplorer.analysis.orders import legal_orders


def test_all_orders_of_steps_that_train_are_legal():
    operators = ("distill", "exit", "prune")
    assert legal_orders("minilm", operators) == sorted(itertools.permutations(operators))


def test_quantize_trains_where_something_that_trains_follows():
    assert legal_orders("minilm", ("prune", "quantize")) == [
        ("prune", "quantize"),
        ("quantize(mode=aware)", "prune"),
    ]


def test_quantize_stays_as_typed_where_nothing_that_trains_follows():
    assert ("quantize", "trim") in legal_orders("minilm", ("quantize", "trim"))


def test_four_bits_cannot_train_and_stand_last():
    assert legal_orders("minilm", ("quantize(bits=4)", "prune")) == [("prune", "quantize(bits=4)")]


@pytest.mark.parametrize(
    ("model", "operators"),
    [
        ("no such model", ("prune",)),
        ("minilm", ("fly",)),
        ("minilm", ()),
        ("minilm", ("prune",) * 6),
        ("minilm", ("quantize", "quantize")),
    ],
)
def test_no_order_is_told_of_what_cannot_be_known_or_run(model, operators):
    assert legal_orders(model, operators) == []
