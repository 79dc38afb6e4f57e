import pytest

from effexplorer.sweep.scheduler import DONE, FAILED, PROGRESS, Event, sweep
from effexplorer.sweep.tree import plan
from tests.sweep.builders import MadeUpPool, pipelines

STEPS = ("prune", "prune > exit", "prune > exit > trim", "exit", "exit > trim")


def nodes(*steps):
    return plan(pipelines(*(steps or STEPS)), lambda pipeline: False)


@pytest.mark.parametrize("workers", [1, 2, 3, 9])
def test_every_stage_is_begun_once_and_after_its_parent(workers):
    pool, tree = MadeUpPool(workers), nodes()
    outcome = sweep(tree, pool)
    assert sorted(pool.begun) == sorted({"dense", *STEPS})
    for step in STEPS:
        parent = step.rpartition(" > ")[0] or "dense"
        assert pool.begun.index(parent) < pool.begun.index(step)
    assert [str(one) for one in outcome.finished] == list(STEPS)
    assert outcome.failed == ()


def test_as_many_stages_run_at_a_time_as_the_pool_has_room_for():
    pool = MadeUpPool(2)
    sweep(nodes(), pool)
    assert pool.most == 2


def test_one_worker_goes_through_the_tree_depth_first():
    pool = MadeUpPool()
    sweep(nodes(), pool)
    assert pool.begun == ["dense", *STEPS]


def test_a_failure_takes_what_follows_it_along_and_nothing_else():
    pool = MadeUpPool(2, failing=("prune",))
    outcome = sweep(nodes(), pool)
    assert "prune > exit" not in pool.begun and "prune > exit > trim" not in pool.begun
    assert [str(one) for one in outcome.finished] == ["exit", "exit > trim"]
    assert [(str(one), said) for one, said in outcome.failed] == [
        ("prune", "Why."),
        ("prune > exit", "Why."),
        ("prune > exit > trim", "Why."),
    ]


def test_a_failing_beginning_that_nobody_asked_for_fails_the_runs_behind_it():
    outcome = sweep(nodes("prune > exit", "trim"), MadeUpPool(failing=("prune",)))
    assert [str(one) for one, _ in outcome.failed] == ["prune > exit"]
    assert [str(one) for one in outcome.finished] == ["trim"]


def test_a_failing_dense_model_fails_its_own_seed_alone():
    asked = [*pipelines("prune"), *pipelines("prune", seed=1)]

    class FirstSeedFails(MadeUpPool):
        def events(self, seconds):
            index, node = self.running.pop(0)
            lost = node.pipeline.seed == 0
            return [Event("one", index, FAILED if lost else DONE, sentence="Why." * lost)]

    outcome = sweep(plan(asked, lambda one: False), FirstSeedFails())
    assert [one.seed for one in outcome.finished] == [1]
    assert [one.seed for one, _ in outcome.failed] == [0]


def test_every_event_is_told():
    class Talking(MadeUpPool):
        def events(self, seconds):
            index = self.running[0][0]
            return [Event("one", index, PROGRESS, {"kind": "plan"}), *super().events(seconds)]

    told = []
    sweep(nodes("prune"), Talking(), tell=told.append)
    assert [(event.index, event.kind) for event in told] == [
        (0, PROGRESS),
        (0, DONE),
        (1, PROGRESS),
        (1, DONE),
    ]


def test_a_pool_without_room_is_waited_for():
    class Late(MadeUpPool):
        looks = 0

        @property
        def free(self):
            return super().free if self.looks > 2 else 0

        def events(self, seconds):
            self.looks += 1
            return super().events(seconds)

    pool = Late()
    assert len(sweep(nodes("prune"), pool).finished) == 1 and pool.looks > 2


def test_nothing_to_do_is_done_at_once():
    pool = MadeUpPool()
    assert sweep([], pool).finished == () and pool.begun == []
