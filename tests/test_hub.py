import threading

import pytest

from effexplorer import hub, limits
from effexplorer.errors import UserError
from tests.fake_hub import COMMIT, FakeHub, fill_cache, use_hub

FILES = {"org/name": {"config.json": b"{}", "notes.md": b"long"}}


def test_a_hub_that_answers_is_reachable(monkeypatch):
    with FakeHub({}) as server:
        use_hub(monkeypatch, url=server.url)
        assert hub.reachable()


def test_a_hub_that_refuses_the_connection_is_not_reachable(monkeypatch):
    use_hub(monkeypatch)
    assert not hub.reachable()
    assert hub.refusal() == "no answer from http://127.0.0.1:9"


def test_a_hub_that_never_replies_is_given_up_after_the_timeout(monkeypatch):
    monkeypatch.setattr(limits, "HUB_TIMEOUT_SECONDS", 0.05)
    release = threading.Event()

    def hang(*_, **__):
        release.wait(10)
        raise OSError

    monkeypatch.setattr(hub, "urlopen", hang)
    use_hub(monkeypatch)
    assert not hub.reachable()
    release.set()


@pytest.mark.parametrize("endpoint", ["nonsense", "file:///missing", "http://"])
def test_an_endpoint_that_is_no_address_is_not_reachable(monkeypatch, endpoint):
    use_hub(monkeypatch, url=endpoint)
    assert not hub.reachable()


def test_the_answer_is_remembered_for_a_minute(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(hub.time, "monotonic", lambda: now[0])
    looks = []
    monkeypatch.setattr(hub, "_answers", lambda endpoint: not looks.append(endpoint))
    use_hub(monkeypatch)
    assert hub.reachable() and hub.reachable()
    assert len(looks) == 1
    now[0] += limits.HUB_MEMORY_SECONDS
    assert hub.reachable()
    assert len(looks) == 2


def test_hf_hub_offline_forbids_the_look(monkeypatch):
    with FakeHub({}) as server:
        use_hub(monkeypatch, url=server.url, offline=True)
        assert not hub.reachable()
        assert server.asked == []
    assert "HF_HUB_OFFLINE" in hub.refusal()


def test_a_download_fetches_the_wanted_files_alone(monkeypatch, tmp_path):
    with FakeHub(FILES) as server:
        use_hub(monkeypatch, url=server.url, cache=tmp_path)
        folder = hub.download("org/name", COMMIT, ("config.json",))
    assert [one.name for one in folder.iterdir()] == ["config.json"]
    assert folder.name == COMMIT


def test_what_was_downloaded_is_found_again_without_the_hub(monkeypatch, tmp_path):
    with FakeHub(FILES) as server:
        use_hub(monkeypatch, url=server.url, cache=tmp_path)
        folder = hub.download("org/name", COMMIT, ("config.json",))
    assert hub.cached("org/name", COMMIT, ("config.json",), lambda one: True) == folder


def test_a_branch_is_resolved_to_its_commit(monkeypatch, tmp_path):
    with FakeHub(FILES) as server:
        use_hub(monkeypatch, url=server.url, cache=tmp_path)
        assert hub.download("org/name", "main", ("config.json",)).name == COMMIT


def test_an_unknown_repository_is_one_sentence(monkeypatch, tmp_path):
    with FakeHub({}) as server:
        use_hub(monkeypatch, url=server.url, cache=tmp_path)
        with pytest.raises(UserError, match=r"^hub: org/name at revision c0ffee.* got \w+ from"):
            hub.download("org/name", COMMIT, ("config.json",))


def test_a_download_that_breaks_off_is_one_sentence(monkeypatch, tmp_path):
    use_hub(monkeypatch, cache=tmp_path)
    with pytest.raises(UserError, match=r"^hub: org/name at revision main must be downloadable"):
        hub.download("org/name", "main", ("config.json",))


def test_a_repository_that_the_cache_lacks_is_none(monkeypatch, tmp_path):
    use_hub(monkeypatch, cache=tmp_path)
    assert hub.cached("org/name", COMMIT, ("config.json",), lambda one: True) is None


def test_a_part_of_a_repository_in_the_cache_is_none(monkeypatch, tmp_path):
    use_hub(monkeypatch, cache=tmp_path)
    fill_cache(tmp_path, "org/name", COMMIT, {"config.json": b"{}"})
    assert hub.cached("org/name", COMMIT, ("*",), lambda one: (one / "vocab.txt").exists()) is None
