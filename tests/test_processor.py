import pytest

from effexplorer import processor
from effexplorer.processor import has_vnni, instruction_sets

LISTING = "processor\t: 0\nflags\t\t: fpu avx2 avx512_vnni\n\nprocessor\t: 1\nflags\t\t: fpu\n"


def test_the_first_cores_flags_are_read(tmp_path):
    (tmp_path / "cpuinfo").write_text(LISTING)
    assert instruction_sets(tmp_path / "cpuinfo") == {"fpu", "avx2", "avx512_vnni"}


@pytest.mark.parametrize("text", [None, "", "processor\t: 0\nFeatures\t: fp asimd\n"])
def test_a_system_that_lists_no_flags_has_none(tmp_path, text):
    if text is not None:
        (tmp_path / "cpuinfo").write_text(text)
    assert instruction_sets(tmp_path / "cpuinfo") == frozenset()


@pytest.mark.parametrize(
    ("flags", "held", "expected"),
    [
        ({"avx2", "avx512_vnni"}, None, True),
        ({"avx2", "avx512_vnni"}, "avx512", True),
        ({"avx2", "avx512_vnni"}, "avx2", False),
        ({"avx2", "avx_vnni"}, None, False),
        (set(), None, False),
    ],
)
def test_vnni_is_there_if_it_is_listed_and_pytorch_may_use_it(monkeypatch, flags, held, expected):
    monkeypatch.setattr(processor, "instruction_sets", lambda: frozenset(flags))
    monkeypatch.delenv("ATEN_CPU_CAPABILITY", raising=False)
    if held:
        monkeypatch.setenv("ATEN_CPU_CAPABILITY", held)
    assert has_vnni() is expected
