import json

import pytest

from effexplorer.jobs.events import EventLog, append_event


def test_events_come_back_in_order_with_their_time(tmp_path):
    path = tmp_path / "events.jsonl"
    for i in range(3):
        append_event(path, {"kind": "note", "text": f"{i}"}, clock=lambda: 7.0)
    assert [event["text"] for event in EventLog(path).events()] == ["0", "1", "2"]
    assert {event["time"] for event in EventLog(path).events()} == {7.0}


def test_a_file_that_is_not_there_yet_has_no_events(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    assert (log.events(), log.last_kind()) == ([], "")


def test_a_look_reads_only_what_is_new(tmp_path):
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    append_event(path, {"kind": "first"})
    log.events()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(b"x" * (size - 1))
    append_event(path, {"kind": "second"})
    assert [event["kind"] for event in log.events()] == ["first", "second"]


def test_half_a_line_is_read_when_it_is_whole(tmp_path):
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    path.write_bytes(b'{"kind": ')
    assert log.events() == []
    with path.open("ab") as file:
        file.write(b'"note"}\n')
    assert log.last_kind() == "note"


def test_a_line_that_a_killed_process_left_spoils_only_itself(tmp_path):
    path = tmp_path / "events.jsonl"
    append_event(path, {"kind": "first"})
    with path.open("ab") as file:
        file.write(b'{"kind": "progr')
    append_event(path, {"kind": "failed"})
    assert [event["kind"] for event in EventLog(path).events()] == ["first", "failed"]


@pytest.mark.parametrize("line", ["", "[]", "3", "{}", '{"kind": 3}', "\xff", "[" * 100_000])
def test_what_is_not_an_event_is_skipped(tmp_path, line):
    path = tmp_path / "events.jsonl"
    path.write_text(f'{line}\n{{"kind": "note"}}\n', encoding="latin-1")
    assert [event["kind"] for event in EventLog(path).events()] == ["note"]


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_become_null(tmp_path, loss):
    path = tmp_path / "events.jsonl"
    append_event(path, {"kind": "progress", "loss": loss})
    assert json.loads(path.read_text())["loss"] is None
