from effexplorer.jobs import JobQueue
from effexplorer.jobs.events import EventLog
from effexplorer.records.store import Store

ROUNDS = 12


def test_no_record_is_lost_or_unreadable_when_its_writer_is_killed(tmp_path, kill_while_it_writes):
    written = kill_while_it_writes("tests.reliability.write_records", tmp_path, rounds=ROUNDS)
    store = Store({"here": tmp_path})
    assert set(written) <= {run.record.id for run in store.runs()}
    assert store.problems() == []


def test_no_waiting_job_is_lost_or_unreadable_when_the_app_is_killed(
    tmp_path, kill_while_it_writes
):
    folder = tmp_path / "jobs"
    written = kill_while_it_writes("tests.reliability.write_jobs", folder, rounds=ROUNDS)
    job_queue = JobQueue(folder, workers=0)
    job_queue.resume()
    there = {job.id for job in job_queue.jobs()}
    job_queue.close()
    assert set(written) <= there
    assert there == {one.name for one in folder.iterdir() if one.name != ".lock"}


def test_no_event_is_lost_when_its_writer_is_killed(tmp_path, kill_while_it_writes):
    path = tmp_path / "events.jsonl"
    written = kill_while_it_writes("tests.reliability.write_events", path, rounds=ROUNDS)
    read = {"-".join(event["text"].split("-")[:2]) for event in EventLog(path).events()}
    assert set(written) <= read
