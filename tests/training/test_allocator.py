import subprocess
import sys

import pytest

from effexplorer.training import allocator


def test_another_system_is_left_alone(monkeypatch):
    monkeypatch.setattr(allocator.sys, "platform", "darwin")
    assert allocator.keep_large_blocks() is False


def test_a_c_library_without_the_setting_is_left_alone(monkeypatch):
    monkeypatch.setattr(allocator.sys, "platform", "linux")
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda name: object())
    assert allocator.keep_large_blocks() is False


@pytest.mark.skipif(sys.platform != "linux", reason="the setting is glibc's")
def test_a_process_goes_on_after_the_setting():
    code = (
        "from effexplorer.training.allocator import keep_large_blocks\n"
        "kept = keep_large_blocks()\n"
        "blocks = [bytearray(10**7) for _ in range(5)]\n"
        "raise SystemExit(0 if kept in (True, False) and len(blocks) == 5 else 1)"
    )
    done = subprocess.run([sys.executable, "-c", code])  # noqa: S603 - a fixed command
    assert done.returncode == 0
