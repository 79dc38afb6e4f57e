from effexplorer.sweep.stage import seldom


def progress(done, total=100):
    return {"kind": "progress", "done": done, "total": total}


def test_progress_that_comes_too_soon_is_not_told_unless_it_is_the_last():
    told, times = [], iter((10.0, 10.1, 10.7, 10.8))
    report = seldom(told.append, clock=lambda: next(times))
    for done in (1, 2, 3, 100):
        report(progress(done))
    assert [event["done"] for event in told] == [1, 3, 100]


def test_every_other_event_is_told():
    told = []
    report = seldom(told.append, clock=lambda: 0.0)
    events = [{"kind": "plan"}, {"kind": "note", "text": "a"}, {"kind": "note", "text": "b"}]
    for event in events:
        report(event)
    assert told == events
