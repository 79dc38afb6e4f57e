from pathlib import Path

import numpy as np
import pytest

from effexplorer.errors import UserError
from effexplorer.exports import read_exits, segments
from effexplorer.inference.model import ExitModel
from tests.exports.builders import TEXTS, a_source, read_all

CASES = {
    "fp32": a_source(exits=True),
    "int8, mean": a_source("int8", exits=True, pooling="mean"),
    "mpnet": a_source(exits=True, type_vocab_size=0, position_offset=2, pad_token_id=1, buckets=32),
    "before any layer": a_source("int8", exits=True, first=0),
    "regression": a_source(exits=True, task="stsb"),
}
PAIRS = [("good word7", "bad word8"), ("bad", "word9 word10 good"), ("word7", "word8")]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Give by case what a program without ours makes of the exported exits."""
    folder = tmp_path_factory.mktemp("exits")
    for name, source in CASES.items():
        segments.write(source, folder / name)
    texts = {name: PAIRS if name == "regression" else TEXTS for name in CASES}
    single = {name: ("exits", folder / name) for name in CASES if texts[name] is TEXTS}
    paired = {name: ("exits", folder / name) for name in CASES if texts[name] is PAIRS}
    return read_all(single) | read_all(paired, PAIRS)


@pytest.mark.parametrize("case", CASES)
def test_texts_leave_where_they_leave_here_with_the_same_answers(case, opened):
    source = CASES[case]
    model = ExitModel(source.model, source.tokenizer, source.spec)
    texts = PAIRS if case == "regression" else TEXTS
    for threshold, name in (("own", "answers"), (None, "full")):
        ours = model(texts, threshold=threshold)
        for said, one in zip(opened[case][name], ours, strict=True):
            assert said["layer"] == one.layer
            if case == "regression":
                assert said["label"] == pytest.approx(one.label, abs=1e-4)
            else:
                assert said["label"] == one.label
                np.testing.assert_allclose(said["exits"], one.probabilities, atol=1e-4)


def test_the_reader_needs_neither_torch_nor_transformers(opened):
    heavy = {"torch", "transformers", "datasets", "effexplorer"}
    assert not heavy & {name for read in opened.values() for name in read["loaded"]}


def test_the_reader_is_short():
    assert len(Path(read_exits.__file__).read_text("utf-8").splitlines()) <= 60


def test_a_model_without_exits_is_refused():
    with pytest.raises(UserError, match=r"exits: the run must end with a model that has exits"):
        segments.left_out(a_source())


def test_what_the_format_cannot_hold_is_told():
    assert segments.left_out(CASES["fp32"]) == []
    assert "int4 weights stand as fp32" in segments.left_out(a_source("int4", exits=True))[0]
