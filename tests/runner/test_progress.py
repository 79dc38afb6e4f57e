import pytest

from effexplorer import limits
from effexplorer.runner.progress import Progress

PLAN = {
    "kind": "plan",
    "stages": [
        {"step": "dense", "sentences": 300},
        {"step": "prune", "sentences": 100},
        {"step": "quantize", "sentences": 0},
    ],
}


def timed(*events):
    """Return the events, a second apart from time 1000 on."""
    return [event | {"time": 1000.0 + i} for i, event in enumerate(events)]


def stage(index):
    return {"kind": "stage", "index": index, "step": "x"}


def progress(index, done, total, loss=0.5):
    return {"kind": "progress", "index": index, "done": done, "total": total, "loss": loss}


def measured(index, reused=False):
    return {"kind": "measured", "index": index, "stage": {"score": 90.0, "reused": reused}}


def after(*events):
    return Progress.from_events(timed(*events))


def test_nothing_is_known_before_the_first_event():
    empty = Progress.from_events([])
    assert (empty.fraction, empty.eta_seconds, empty.step, empty.text) == (0.0, None, "", "")
    assert empty.elapsed == 0.0


@pytest.mark.parametrize(
    ("events", "fraction"),
    [
        ([], 0.0),
        ([stage(0)], 0.0),
        ([stage(0), progress(0, 150, 300)], 0.375),
        ([stage(0), progress(0, 30, 60)], 0.375),
        ([stage(0), progress(0, 300, 300), measured(0)], 0.75),
        ([measured(0, reused=True)], 0.75),
        ([measured(0), stage(1), progress(1, 50, 100)], 0.875),
        ([measured(0), measured(1), stage(2)], 1.0),
        ([{"kind": "done", "id": "x"}], 1.0),
    ],
)
def test_the_fraction_is_that_of_all_planned_sentences(events, fraction):
    assert after(PLAN, *events).fraction == fraction


def test_without_training_the_fraction_is_that_of_the_stages():
    plan = {"kind": "plan", "stages": [{"step": "dense", "sentences": 0}] * 4}
    assert after(plan, measured(0)).fraction == 0.25


def test_the_text_says_which_stage_it_is():
    found = after(PLAN, measured(0), stage(1))
    assert (found.index, found.step, found.text) == (1, "prune", "Stage 2 of 3: prune")


def test_the_time_left_follows_the_rate_of_this_run():
    found = after(PLAN, stage(0), progress(0, 50, 300), progress(0, 100, 300))
    assert found.eta_seconds == pytest.approx(300 * 2 / 100)


def test_the_time_left_is_unknown_until_there_is_a_rate():
    assert after(PLAN, stage(0)).eta_seconds is None
    assert after(PLAN, stage(0), progress(0, 50, 300)).eta_seconds is None


def test_what_the_cache_held_does_not_count_for_the_rate():
    found = after(
        PLAN,
        stage(0),
        measured(0, reused=True),
        stage(1),
        progress(1, 10, 100),
        progress(1, 20, 100),
    )
    assert found.eta_seconds == pytest.approx(80 * 2 / 20)


@pytest.mark.parametrize("last", ["done", "failed", "cancelled"])
def test_a_finished_run_has_no_time_left(last):
    found = after(PLAN, {"kind": last, "text": "x"})
    assert (found.eta_seconds, found.outcome) == (0.0, last)


def test_a_failure_carries_its_sentence():
    assert after({"kind": "failed", "text": "run: it must not."}).failure == "run: it must not."


def test_measured_stages_and_notes_are_kept_in_order():
    found = after(PLAN, measured(0), {"kind": "note", "text": "a"}, {"kind": "note", "text": "b"})
    assert [one["score"] for one in found.measured] == [90.0]
    assert found.notes == ("a", "b")


def test_the_elapsed_time_is_that_between_first_and_newest_event():
    assert after(PLAN, stage(0), stage(1)).elapsed == 2.0


def test_loss_points_count_the_sentences_of_the_whole_run():
    found = after(PLAN, progress(0, 150, 300, 0.7), measured(0), progress(1, 50, 100, 0.2))
    assert found.losses == ((0, 150, 0.7), (1, 350, 0.2))


@pytest.mark.parametrize("loss", [None, float("nan"), float("inf")])
def test_a_loss_that_is_not_a_number_is_left_out(loss):
    assert after(PLAN, progress(0, 150, 300, loss)).losses == ()


def test_the_loss_curve_stays_bounded_and_keeps_its_newest_point():
    found = after(PLAN, *[progress(0, i, 10_000, float(i)) for i in range(1_000)])
    assert len(found.losses) <= limits.MAX_LOSS_POINTS
    assert found.losses[-1][2] == 999.0


def test_notes_stay_bounded():
    found = after(*[{"kind": "note", "text": str(i)} for i in range(500)])
    assert len(found.notes) == limits.MAX_NOTES and found.notes[-1] == "499"


def test_unknown_events_are_passed_over():
    assert after({"kind": "started", "pid": 3}, PLAN, {"kind": "new"}).sentences == 400


def test_a_summary_goes_on_where_it_was():
    events = timed(PLAN, stage(0), progress(0, 50, 300), measured(0), stage(1))
    for cut in range(len(events)):
        assert Progress.from_events(events[:cut]).after(events[cut:]) == Progress.from_events(
            events
        )
