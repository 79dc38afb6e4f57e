"""SlimBert against transformers' own models: the same weights must give the same answers."""

import pytest
import torch
from transformers import (
    AutoModel,
    BertConfig,
    BertForSequenceClassification,
    CamembertConfig,
    CamembertForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForSequenceClassification,
    ErnieConfig,
    ErnieForSequenceClassification,
    MPNetConfig,
    MPNetForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
    XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
)

from effexplorer.models.catalog import find_model
from effexplorer.models.families import FAMILIES
from effexplorer.models.importer import from_transformers, import_checkpoint
from effexplorer.models.slimbert import task_loss
from effexplorer.models.source import locate
from tests.tiny_models import shaken, tiny_classifier

SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
}
LARGER = {
    "hidden_size": 96,
    "num_hidden_layers": 5,
    "num_attention_heads": 3,
    "intermediate_size": 200,
    "hidden_act": "gelu_new",
}
SILENT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
LENGTHS = [17, 9, 2, 12]


def bert(**changes) -> BertForSequenceClassification:
    torch.manual_seed(1)
    model = BertForSequenceClassification(BertConfig(vocab_size=60, **SMALL | changes))
    return shaken(model, 0.05).eval()


def roberta(
    kind=RobertaForSequenceClassification, shape=RobertaConfig, **changes
) -> RobertaForSequenceClassification:
    torch.manual_seed(2)
    sizes = {"vocab_size": 60, "max_position_embeddings": 40, "type_vocab_size": 1}
    config = shape(pad_token_id=1, bos_token_id=0, eos_token_id=2, **sizes, **SMALL | changes)
    return shaken(kind(config), 0.05).eval()


def distilbert(**changes) -> DistilBertForSequenceClassification:
    torch.manual_seed(7)
    names = {
        "hidden_size": "dim",
        "num_hidden_layers": "n_layers",
        "num_attention_heads": "n_heads",
    }
    names |= {"intermediate_size": "hidden_dim", "hidden_act": "activation"}
    told = {names.get(name, name): value for name, value in (SMALL | changes).items()}
    return shaken(
        DistilBertForSequenceClassification(DistilBertConfig(vocab_size=60, **told)), 0.05
    ).eval()


def electra(embedding_size: int = 32, **changes) -> ElectraForSequenceClassification:
    torch.manual_seed(8)
    config = ElectraConfig(vocab_size=60, embedding_size=embedding_size, **SMALL | changes)
    return shaken(ElectraForSequenceClassification(config), 0.05).eval()


def ernie(**changes) -> ErnieForSequenceClassification:
    torch.manual_seed(9)
    config = ErnieConfig(vocab_size=60, **SMALL | changes)
    return shaken(ErnieForSequenceClassification(config), 0.05).eval()


def mpnet(**changes) -> MPNetForSequenceClassification:
    torch.manual_seed(6)
    sizes = {"vocab_size": 60, "max_position_embeddings": 220}
    model = MPNetForSequenceClassification(MPNetConfig(**sizes, **SMALL | changes))
    torch.nn.init.normal_(model.mpnet.encoder.relative_attention_bias.weight)
    return shaken(model, 0.05).eval()


def inputs(*, pad: int = 0, lengths=LENGTHS) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    ids = torch.randint(5, 60, (len(lengths), max(lengths)), generator=generator)
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    return {"input_ids": ids.where(mask.bool(), pad), "attention_mask": mask}


def pair_types(batch: dict[str, torch.Tensor]) -> torch.Tensor:
    half = batch["attention_mask"].sum(1, keepdim=True) // 2
    places = torch.arange(batch["input_ids"].shape[1])
    return ((places >= half) & batch["attention_mask"].bool()).long()


def assert_same_logits(ours, theirs, batch):
    with torch.inference_mode():
        expected = theirs(**batch).logits
        torch.testing.assert_close(ours(**batch).logits, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("sizes", [SMALL, LARGER], ids=["small", "larger"])
@pytest.mark.parametrize("labels", [1, 2, 3])
def test_logits_equal_those_of_bert(sizes, labels):
    theirs = bert(num_labels=labels, **sizes)
    assert_same_logits(from_transformers(theirs), theirs, inputs())


@pytest.mark.parametrize("sizes", [SMALL, LARGER], ids=["small", "larger"])
def test_logits_of_sentence_pairs_equal_those_of_bert(sizes):
    theirs, batch = bert(**sizes), inputs()
    batch["token_type_ids"] = pair_types(batch)
    assert_same_logits(from_transformers(theirs), theirs, batch)


def test_logits_without_a_mask_equal_those_of_bert():
    theirs = bert()
    assert_same_logits(from_transformers(theirs), theirs, {"input_ids": inputs()["input_ids"]})


@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"])
def test_every_activation_is_that_of_transformers(activation):
    theirs = bert(hidden_act=activation)
    assert_same_logits(from_transformers(theirs), theirs, inputs())


@pytest.mark.parametrize("labels", [1, 2, 3])
def test_logits_equal_those_of_roberta(labels):
    theirs = roberta(num_labels=labels)
    assert_same_logits(from_transformers(theirs), theirs, inputs(pad=1))


@pytest.mark.parametrize("sizes", [SMALL, LARGER], ids=["small", "larger"])
@pytest.mark.parametrize("labels", [1, 2, 3])
def test_logits_equal_those_of_mpnet(sizes, labels):
    theirs = mpnet(num_labels=labels, **sizes)
    assert_same_logits(from_transformers(theirs), theirs, inputs(pad=1))


OTHERS = {
    "distilbert": (distilbert, {}, 0),
    "xlm-roberta": (
        roberta,
        {"kind": XLMRobertaForSequenceClassification, "shape": XLMRobertaConfig},
        1,
    ),
    "camembert": (
        roberta,
        {"kind": CamembertForSequenceClassification, "shape": CamembertConfig},
        1,
    ),
    "electra": (electra, {}, 0),
    "electra, projected": (electra, {"embedding_size": 16}, 0),
    "ernie": (ernie, {}, 0),
    "ernie, task types": (ernie, {"use_task_id": True}, 0),
}


@pytest.mark.parametrize("family", OTHERS)
@pytest.mark.parametrize("sizes", [SMALL, LARGER], ids=["small", "larger"])
@pytest.mark.parametrize("labels", [1, 3])
def test_logits_equal_those_of_every_other_family(family, sizes, labels):
    make, changes, pad = OTHERS[family]
    theirs, batch = make(num_labels=labels, **sizes | changes), inputs(pad=pad)
    assert_same_logits(from_transformers(theirs), theirs, batch)
    del batch["attention_mask"]
    batch["input_ids"] = inputs(lengths=[7, 7])["input_ids"]
    assert_same_logits(from_transformers(theirs), theirs, batch)


@pytest.mark.parametrize("family", ["electra, projected", "ernie, task types"])
def test_token_types_of_other_families_count_as_theirs(family):
    make, changes, pad = OTHERS[family]
    theirs, batch = make(**SMALL | changes), inputs(pad=pad)
    batch["token_type_ids"] = pair_types(batch)
    assert_same_logits(from_transformers(theirs), theirs, batch)


def test_every_family_is_compared_with_transformers():
    assert set(FAMILIES) == {"bert", "roberta", "mpnet", *(name.split(",")[0] for name in OTHERS)}


def test_logits_of_texts_beyond_the_last_bucket_equal_those_of_mpnet():
    theirs, batch = mpnet(), inputs(pad=1, lengths=[200, 140, 3])
    assert_same_logits(from_transformers(theirs), theirs, batch)
    del batch["attention_mask"], batch["input_ids"]
    batch["input_ids"] = inputs(lengths=[150, 150])["input_ids"]
    assert_same_logits(from_transformers(theirs), theirs, batch)


def test_logits_equal_those_of_the_real_minilm():
    torch.manual_seed(4)
    folder = locate(find_model("minilm")).folder
    theirs = BertForSequenceClassification.from_pretrained(folder, num_labels=2).eval()
    generator = torch.Generator().manual_seed(5)
    batch = inputs(lengths=[32, 21, 7])
    words = torch.randint(1000, 30000, batch["input_ids"].shape, generator=generator)
    batch["input_ids"] = words * batch["attention_mask"]
    assert_same_logits(from_transformers(theirs), theirs, batch)


def test_mean_pooling_is_that_of_sentence_transformers():
    folder = locate(find_model("minilm")).folder
    ours, theirs = (
        import_checkpoint(folder, labels=2, pooling="mean"),
        AutoModel.from_pretrained(folder),
    )
    batch = inputs()
    with torch.inference_mode():
        state = theirs.eval()(**batch).last_hidden_state
        weight = batch["attention_mask"][..., None].float()
        pooled = (state * weight).sum(1) / weight.sum(1)
        expected = ours.classifier(pooled)
        torch.testing.assert_close(ours(**batch).logits, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("labels", [1, 2, 3])
def test_loss_and_gradients_equal_those_of_bert(labels):
    theirs = bert(num_labels=labels, **SILENT)
    ours, batch = from_transformers(theirs), inputs()
    targets = torch.tensor([0.5, 2.0, 1.0, 4.0]) if labels == 1 else torch.tensor([0, 1, 1, 0])
    losses = [model.train()(**batch, labels=targets).loss for model in (ours, theirs)]
    for loss in losses:
        loss.backward()
    torch.testing.assert_close(*losses, atol=1e-5, rtol=1e-5)
    layer, named = ours.layers[0], theirs.bert.encoder.layer[0]
    attention = named.attention.self
    joined = [getattr(attention, part).weight.grad for part in ("query", "key", "value")]
    pairs = [
        (ours.embeddings.word.weight, theirs.bert.embeddings.word_embeddings.weight),
        (ours.embeddings.position.weight, theirs.bert.embeddings.position_embeddings.weight),
        (layer.attention_norm.weight, named.attention.output.LayerNorm.weight),
        (layer.up.weight, named.intermediate.dense.weight),
        (ours.classifier.bias, theirs.classifier.bias),
    ]
    torch.testing.assert_close(layer.qkv.weight.grad, torch.cat(joined), atol=1e-5, rtol=1e-4)
    for mine, other in pairs:
        # The padding word has no gradient in transformers; here its row gets what its place gets.
        rows = slice(1, None) if mine is pairs[0][0] else slice(None)
        torch.testing.assert_close(mine.grad[rows], other.grad[rows], atol=1e-5, rtol=1e-4)


def test_the_gradient_of_the_position_bias_equals_that_of_mpnet():
    theirs = mpnet(**SILENT)
    ours, batch = from_transformers(theirs), inputs(pad=1)
    for model in (ours, theirs):
        model.train()(**batch, labels=torch.tensor([0, 1, 1, 0])).loss.backward()
    mine, other = ours.position_bias.table, theirs.mpnet.encoder.relative_attention_bias
    assert mine.weight.grad.abs().max() > 0
    torch.testing.assert_close(mine.weight.grad, other.weight.grad, atol=1e-6, rtol=1e-4)


def test_dropout_changes_answers_in_training_only():
    model, batch = tiny_classifier(dropout=0.5), inputs(lengths=[8, 6])
    batch["input_ids"] %= 40
    with torch.no_grad():
        silent = [model.eval()(**batch).logits for _ in range(2)]
        noisy = [model.train()(**batch).logits for _ in range(2)]
    assert torch.equal(*silent) and not torch.equal(*noisy)


@pytest.mark.parametrize("kind", [{}, {"pooling": "mean"}, {"buckets": 32}], ids=str)
def test_padding_does_not_change_an_answer(kind):
    model, batch = tiny_classifier(**kind), inputs()
    batch["input_ids"] %= 40
    with torch.inference_mode():
        together = model(**batch).logits
        for row, length in enumerate(LENGTHS):
            alone = model(batch["input_ids"][row : row + 1, :length]).logits
            torch.testing.assert_close(alone[0], together[row], atol=1e-5, rtol=0)


def test_hidden_states_are_those_of_every_layer():
    theirs, batch = bert(), inputs()
    ours = from_transformers(theirs)
    with torch.inference_mode():
        mine = ours.hidden_states(batch["input_ids"], batch["attention_mask"])
        other = theirs(**batch, output_hidden_states=True).hidden_states
    real = batch["attention_mask"].bool()
    for a, b in zip(mine, other, strict=True):
        torch.testing.assert_close(a[real], b[real], atol=1e-5, rtol=0)


def test_task_loss_of_one_output_is_the_squared_error():
    loss = task_loss(torch.tensor([[1.0], [3.0]]), torch.tensor([2.0, 1.0]))
    assert loss.item() == pytest.approx((1 + 4) / 2)
