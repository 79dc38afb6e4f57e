import pytest

from effexplorer import home, limits
from effexplorer.errors import UserError


@pytest.mark.parametrize(
    ("asked", "size"), [("", limits.STAGE_CACHE_BYTES), ("2.5", 2_500_000_000), ("60", 60 * 10**9)]
)
def test_the_cache_of_stages_has_the_size_that_is_asked_for(monkeypatch, asked, size):
    monkeypatch.setenv("EFFEXPLORER_CACHE_GB", asked)
    assert home.stages_bytes() == size


@pytest.mark.parametrize("asked", ["0", "-1", "much", "nan", "inf"])
def test_what_is_no_size_is_told(monkeypatch, asked):
    monkeypatch.setenv("EFFEXPLORER_CACHE_GB", asked)
    with pytest.raises(UserError, match=f"^EFFEXPLORER_CACHE_GB: must be a number .*; got {asked}"):
        home.stages_bytes()


@pytest.mark.parametrize("name", ["a\u00a0b", "\u3000", "می\u200cروم", "10\u202f000"])
def test_a_folder_may_have_a_name_in_any_script(monkeypatch, tmp_path, name):
    monkeypatch.setenv("EFFEXPLORER_HOME", str(tmp_path / name))
    assert home.home() == tmp_path / name
