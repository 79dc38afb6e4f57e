import importlib.metadata
import re
import sys

import pytest
import torch

from effexplorer import doctor
from effexplorer.doctor import report
from effexplorer.errors import UserError
from effexplorer.inference import int8_check
from effexplorer.inference.int8_check import Int8Check
from tests.fake_hub import FakeHub, use_hub


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch, tmp_path):
    for name in ("EFFEXPLORER_MODEL_DIR", "EFFEXPLORER_GLUE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EFFEXPLORER_HOME", str(tmp_path / "home"))
    use_hub(monkeypatch, cache=tmp_path / "hub")


def finding(name):
    return next(one for one in report() if one.name == name)


def pin(monkeypatch, tmp_path, text):
    (tmp_path / "requirements.txt").write_text(text)
    monkeypatch.setattr(doctor, "__file__", str(tmp_path / "effexplorer" / "doctor.py"))


def test_every_finding_is_told_in_sentences():
    names = [one.name for one in report()]
    assert len(names) == len(set(names)) == 10
    for one in report():
        assert one.text[0].isupper() or one.text[0].isdigit()
        assert one.text.endswith(".")


def test_what_can_be_had_without_the_hub_is_named():
    assert "1 of 10 models can be loaded: minilm." in finding("models").text
    assert "1 of 10 tasks can be read: reviews." in finding("tasks").text
    assert finding("models").ok and finding("tasks").ok


def test_what_cannot_be_had_is_named_with_what_to_do():
    assert "Not here: minilm-l3, mpnet-base, bert-tiny," in finding("models").text
    assert "EFFEXPLORER_GLUE_DIR/sst2" in finding("tasks").text


def test_with_the_hub_everything_can_be_had(monkeypatch):
    with FakeHub({}) as server:
        use_hub(monkeypatch, url=server.url)
        assert "10 of 10 models" in finding("models").text
        assert finding("hub").ok


def test_a_missing_hub_is_no_fault():
    assert finding("hub").ok is None


def test_local_models_that_cannot_be_read_is_told(monkeypatch):
    def refuse():
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor, "local_models", refuse)
    assert finding("models").text == (
        "The folder EFFEXPLORER_MODEL_DIR cannot be read: Permission denied."
    )


def test_a_home_that_can_be_made_is_writable_and_is_not_made(tmp_path):
    assert finding("home").ok
    assert not (tmp_path / "home").exists()


def test_a_home_below_a_file_is_not_writable(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EFFEXPLORER_HOME", str(tmp_path / "file" / "home"))
    assert finding("home").ok is False
    assert "EFFEXPLORER_HOME" in finding("home").text


def test_a_bad_record_is_named(tmp_path):
    (tmp_path / "home" / "runs").mkdir(parents=True)
    (tmp_path / "home" / "runs" / "bad.json").write_text("{")
    assert finding("records").ok is False
    assert "bad.json: not a run's record" in finding("records").text


def checked(monkeypatch, **checks: Int8Check) -> None:
    monkeypatch.setattr(int8_check, "check_int8", lambda engine: checks[engine])


def test_the_int8_kernels_of_both_engines_are_tried():
    assert finding("int8").ok is not False
    for engine in ("ONNX Runtime", "PyTorch"):
        assert re.search(
            rf"8 bits in {engine}: [a-z_0-9 ]+, exact, \d+\.\d\d of fp32", finding("int8").text
        )


def test_an_int8_kernel_that_is_slower_than_fp32_is_a_note(monkeypatch):
    fast, slow = Int8Check("bytes", True, 0.3), Int8Check("float_pieces", True, 1.04)
    checked(monkeypatch, onnx=fast, torch=slow)
    assert finding("int8").ok is None
    assert finding("int8").text == (
        "8 bits in ONNX Runtime: bytes, exact, 0.30 of fp32's time. "
        "8 bits in PyTorch: float_pieces, exact, 1.04 of fp32's time, which is slower than fp32."
    )


def test_an_int8_kernel_that_is_wrong_is_a_fault(monkeypatch):
    wrong, fast = Int8Check("bytes", False, 0.3), Int8Check("int_mm", True, 0.3)
    checked(monkeypatch, onnx=wrong, torch=fast)
    assert finding("int8").ok is False
    assert "ONNX Runtime: bytes, not exact, 0.30 of fp32's time." in finding("int8").text


def test_int8_that_cannot_be_computed_is_a_fault(monkeypatch):
    def refuse(engine):
        raise RuntimeError("no kernel")

    monkeypatch.setattr(int8_check, "check_int8", refuse)
    assert finding("int8").ok is False
    assert "8 bits cannot be computed here (no kernel)" in finding("int8").text


def test_an_unknown_int8_kernel_is_a_fault(monkeypatch):
    int8_check.check_int8.cache_clear()
    monkeypatch.setenv("EFFEXPLORER_INTEGER_KERNEL", "fastest")
    assert finding("int8").ok is False
    assert "must be one of int_mm, float_pieces; got fastest." in finding("int8").text


@pytest.mark.parametrize(
    ("gpu", "supported", "text"),
    [
        ("", True, "Models train on the CPU, in bf16."),
        ("", False, "Models train on the CPU, in fp32, which is slower: it has no bf16."),
        ("H200", True, "Models train on H200, in bf16."),
    ],
)
def test_the_device_that_models_train_on_is_told(monkeypatch, gpu, supported, text):
    from effexplorer.training import device, loop

    place = torch.device("cuda" if gpu else "cpu")
    monkeypatch.setattr(device, "training_device", lambda: place)
    monkeypatch.setattr(device, "gpu_name", lambda: gpu)
    monkeypatch.setattr(loop, "has_bf16", lambda asked: supported and asked == place)
    assert finding("training").text == text
    assert finding("training").ok is (True if supported else None)


def test_a_device_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setenv("EFFEXPLORER_DEVICE", "gpu")
    assert finding("training").ok is False
    assert finding("training").text.startswith("EFFEXPLORER_DEVICE: must be cpu, cuda or cuda:N")


@pytest.mark.parametrize("limit", ["max\n", "1000000000\n"])
def test_the_memory_is_that_of_the_control_group(monkeypatch, limit):
    monkeypatch.setattr(doctor.Path, "read_text", lambda *_: limit)
    text = doctor._memory().text
    assert text.endswith(" GB of memory can be used.")
    assert (text == "1.0 GB of memory can be used.") is limit[0].isdigit()


def test_packages_as_pinned_are_told(monkeypatch, tmp_path):
    version = importlib.metadata.version("numpy")
    pin(monkeypatch, tmp_path, f"# why\n\n--no-index\nnumpy=={version}  # arrays\n")
    assert finding("packages") == doctor.Finding(
        "packages", True, "All 1 pinned packages have their version."
    )


def test_packages_not_as_pinned_are_named(monkeypatch, tmp_path):
    pin(
        monkeypatch, tmp_path, "numpy==0.1\nno-such-package-here==1\nnone==1 ; python_version<'3'\n"
    )
    found = finding("packages")
    assert found.ok is False
    assert "numpy is " in found.text and "(wanted ==0.1)" in found.text
    assert "no-such-package-here is missing (wanted ==1)" in found.text
    assert "none is" not in found.text


def test_a_missing_torch_is_told_and_raises_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "effexplorer.inference.int8_check", None)  # imports it
    assert finding("threads").ok is False
    assert finding("int8").ok is False


def test_problems_of_single_models_raise_nothing(monkeypatch):
    monkeypatch.setattr(doctor, "available", lambda spec: str(UserError("no.")))
    assert finding("models").ok is False
