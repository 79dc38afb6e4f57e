from hypothesis import given
from hypothesis import strategies as st

from effexplorer.sweep.grid import expand
from effexplorer.sweep.tree import applications, plan
from tests.sweep.builders import pipelines

FOUR = ["distill", "prune", "exit", "quantize(mode=aware)"]


def undone(pipeline) -> bool:
    return False


def test_all_orders_of_all_subsets_of_four_operators_apply_64_operators():
    grid = expand({"pipelines": [{"ordered_subsets": FOUR}]})
    nodes = plan(grid.pipelines, undone)
    assert sum(bool(node.pipeline.steps) for node in nodes) == 64
    assert applications(grid.pipelines) == 196
    assert sum(not node.pipeline.steps for node in nodes) == 1


def test_what_begins_alike_is_made_once():
    nodes = plan(pipelines("prune > exit", "prune > quantize"), undone)
    assert [str(node.pipeline) for node in nodes] == [
        "",
        "prune",
        "prune > exit",
        "prune > quantize",
    ]
    assert [node.parent for node in nodes] == [None, 0, 1, 1]
    assert [node.wanted for node in nodes] == [False, False, True, True]


def test_other_seeds_share_nothing():
    both = [*pipelines("prune"), *pipelines("prune", seed=1)]
    assert [node.parent for node in plan(both, undone)] == [None, 0, None, 2]


def test_depth_comes_first():
    nodes = plan(pipelines("prune", "exit", "prune > exit"), undone)
    assert [str(node.pipeline) for node in nodes] == ["", "prune", "prune > exit", "exit"]


def test_a_finished_run_is_made_again_only_where_it_leads_somewhere():
    short, long, other = pipelines("prune", "prune > exit", "exit")
    nodes = plan([short, long, other], lambda one: one in (short, other))
    assert [(str(node.pipeline), node.wanted) for node in nodes] == [
        ("", False),
        ("prune", False),
        ("prune > exit", True),
    ]


def test_nothing_is_left_when_all_is_finished():
    assert plan(pipelines("prune", "exit"), lambda pipeline: True) == []


@given(
    st.lists(
        st.lists(st.sampled_from(["prune", "exit", "trim", "distill"]), max_size=4, unique=True),
        max_size=8,
    ),
    st.sets(st.integers(0, 7)),
)
def test_every_node_stands_once_and_after_its_parent(orders, finished):
    asked = pipelines(*(" > ".join(order) for order in orders))
    done = {one for index, one in enumerate(asked) if index in finished}
    nodes = plan(asked, lambda one: one in done)
    assert len({node.pipeline for node in nodes}) == len(nodes)
    for index, node in enumerate(nodes):
        if node.parent is None:
            assert not node.pipeline.steps
        else:
            assert node.parent < index
            parent = nodes[node.parent].pipeline
            assert node.pipeline.prefix(len(node.pipeline.steps) - 1) == parent
    assert {node.pipeline for node in nodes if node.wanted} == set(asked) - done
    # Each node leads to something that is wanted, and is a beginning of it.
    wanted = [node.pipeline for node in nodes if node.wanted]
    prefixes = {one.prefix(length) for one in wanted for length in range(len(one.steps) + 1)}
    assert {node.pipeline for node in nodes} == prefixes
