import numpy as np
import onnx
import pytest

from effexplorer.exports.whole_graph import left_out, whole, write
from tests.exports.builders import ODD, PLAIN, a_source, logits, read_all

CASES = [
    (shape, numeric, standard)
    for shape in (*PLAIN, *ODD)
    for numeric in ("fp32", "int8")
    for standard in (False, True)
]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Give what a program without ours makes of the folders of all cases, and our own logits."""
    folder, asked, ours = tmp_path_factory.mktemp("onnx"), {}, {}
    for shape, numeric, standard in CASES:
        name, source = f"{shape} {numeric} {standard}", a_source(numeric, **(PLAIN | ODD)[shape])
        write(source, folder / name, standard=standard)
        asked[name], ours[name] = ("onnx", folder / name), logits(source)
    return read_all(asked), ours


@pytest.mark.parametrize(("shape", "numeric", "standard"), CASES)
def test_the_graph_says_what_the_model_says_at_every_batch_size(shape, numeric, standard, opened):
    read, ours = (one[f"{shape} {numeric} {standard}"] for one in opened)
    spread = 1e-4 if numeric == "fp32" else 2e-2  # a last bit decides how an integer is rounded
    np.testing.assert_allclose(read["logits"], ours, atol=spread)
    assert read["file"] == ("model.onnx" if numeric == "fp32" else "model_quantized.onnx")
    assert read["labels"] == {"0": "negative", "1": "positive"}


@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "relu", "silu"])
@pytest.mark.parametrize("numeric", ["fp32", "int8"])
def test_a_standard_graph_has_standard_operators_alone(activation, numeric):
    model = a_source(numeric, activation=activation, **ODD["mpnet, narrow"]).model
    graph = onnx.load_from_string(whole(model, token_types=False, standard=True))
    assert {node.domain for node in graph.graph.node} == {""}
    assert [one.domain for one in graph.opset_import] == [""]
    onnx.checker.check_model(graph, full_check=True)


def test_texts_and_batches_have_any_size():
    graph = onnx.load_from_string(whole(a_source().model, token_types=True))
    shapes = {
        one.name: [size.dim_param for size in one.type.tensor_type.shape.dim]
        for one in graph.graph.input
    }
    assert set(shapes) == {"input_ids", "attention_mask", "token_type_ids"}
    assert all(one == ["batch_size", "sequence_length"] for one in shapes.values())


def test_what_the_format_cannot_hold_is_told():
    assert left_out(a_source()) == []
    (said,) = left_out(a_source(exits=True))
    assert said == "onnx: exits are left out, since the graph has one output; see exits."
    assert "int2 weights stand as fp32" in left_out(a_source("int2"))[0]
