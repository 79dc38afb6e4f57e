"""The ``hf`` format: a folder that plain transformers opens, with code beside it where need be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from effexplorer.exports.native import obstacle, to_transformers
from effexplorer.exports.source import Source
from effexplorer.models.formats import PackedWeight
from effexplorer.models.slimbert import SlimBertForSequenceClassification

_CODE = Path(__file__).with_name("modeling_slimbert.py")
_COPIED = (
    "vocab_size",
    "hidden_size",
    "head_size",
    "heads",
    "ffn",
    "activation",
    "max_position_embeddings",
    "position_offset",
    "type_vocab_size",
    "layer_norm_eps",
    "pad_token_id",
    "pooling",
    "head_activation",
    "embedding_size",
    "buckets",
    "bias_heads",
    "rank",
)


def left_out(source: Source) -> list[str]:
    """Return what the format cannot hold of the model, a sentence each."""
    config, why = source.model.config, obstacle(source.model)
    said = []
    if why:
        said.append(
            f"hf: it must be opened with trust_remote_code=True, since {why}, which no class of "
            "transformers holds; the code is one file beside the weights."
        )
    if config.exits:
        said.append("hf: exits are left out, since the format has one head.")
    if config.numeric in ("int4", "int2"):
        said.append(f"hf: {config.numeric} weights stand as fp32, so the file is larger.")
    elif config.sparse:
        said.append("hf: pruned zeros are stored like other weights, so the file is larger.")
    return said


def write(source: Source, folder: Path) -> None:
    """Write config, weights, tokenizer and perhaps code into ``folder``, which is made."""
    folder.mkdir(parents=True)
    names = labels_of(source)
    if obstacle(source.model) is None:
        model = to_transformers(source.model)
        for name, value in names.items():
            setattr(model.config, name, value)
        model.save_pretrained(folder)
    else:
        config = {name: getattr(source.model.config, name) for name in _COPIED} | names
        config |= {
            "model_type": "slimbert_exported",
            "architectures": [SlimBertForSequenceClassification.__name__],
            "int8": source.model.config.numeric == "int8",
            "dtype": "float32",
            "auto_map": {
                "AutoConfig": "modeling_slimbert.SlimBertConfig",
                "AutoModelForSequenceClassification": (
                    "modeling_slimbert.SlimBertForSequenceClassification"
                ),
            },
        }
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
        save_file(_state(source.model), folder / "model.safetensors", metadata={"format": "pt"})
        shutil.copyfile(_CODE, folder / _CODE.name)
    write_tokenizer(source, folder)


def labels_of(source: Source) -> dict[str, Any]:
    """Return the fields of a config that name the classes, or tell of a regression."""
    kind = "single_label_classification" if source.spec.labels else "regression"
    return {
        "id2label": dict(enumerate(source.labels)),
        "label2id": {name: number for number, name in enumerate(source.labels)},
        "problem_type": kind,
    }


def write_tokenizer(source: Source, folder: Path) -> None:
    """Write the tokenizer with the number of word pieces at which texts are cut."""
    source.tokenizer.save_pretrained(folder)
    path = folder / "tokenizer_config.json"
    plain = json.loads(path.read_text("utf-8")) | {"model_max_length": source.max_length}
    path.write_text(json.dumps(plain, indent=2) + "\n", "utf-8")


def _state(model: SlimBertForSequenceClassification) -> dict[str, torch.Tensor]:
    """Return the weights without the exits; what is packed in 4 or 2 bits as fp32."""
    state = {}
    packed = {name for name, module in model.named_modules() if isinstance(module, PackedWeight)}
    for name, value in model.state_dict().items():
        owner, _, tensor = name.rpartition(".")
        if not name.startswith("exits.") and (owner not in packed or tensor == "bias"):
            state[name] = value.contiguous()
    for name in packed:
        state[f"{name}.weight"] = model.get_submodule(name).dense().contiguous()
    return state
