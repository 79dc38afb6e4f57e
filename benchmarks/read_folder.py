"""Open exported folders in a process that does not know this program.

Standard input holds ``[{NAME: [KIND, FOLDER]}, TEXTS]`` in JSON; the last line of the output has
what was read, by name.

``trust_remote_code`` stands here, on the reader's side: it is how the hub's users open a model
whose class comes with it.
"""

import glob
import importlib.util
import json
import os
import sys
import tempfile

import numpy as np

folders, texts = json.load(sys.stdin)
os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HOME": tempfile.mkdtemp(), "OMP_NUM_THREADS": "1"}


def transformers_folder(folder: str, **given) -> dict:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    model = AutoModelForSequenceClassification.from_pretrained(folder, **given)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        coded = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        logits = model(**coded).logits.tolist()
    ask = pipeline("text-classification", model=folder, tokenizer=folder, **given)
    return {
        "logits": logits,
        "class": type(model).__name__,
        "pipeline": [answer["label"] for answer in ask(texts)],
        "labels": list(model.config.id2label.values()),
        "length": tokenizer.model_max_length,
    }


def onnx_folder(folder: str) -> dict:
    import onnxruntime
    from tokenizers import Tokenizer

    (path,) = glob.glob(os.path.join(folder, "onnx", "*.onnx"))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    tokenizer.enable_padding(pad_id=config["pad_token_id"])
    logits = []
    for start, size in ((0, 1), (1, 2), (3, len(texts))):  # several batch sizes
        coded = tokenizer.encode_batch(texts[start : start + size])
        fields = {
            "input_ids": "ids",
            "attention_mask": "attention_mask",
            "token_type_ids": "type_ids",
        }
        names = [argument.name for argument in session.get_inputs()]
        arrays = {
            name: np.array([getattr(encoded, fields[name]) for encoded in coded]) for name in names
        }
        logits += session.run(["logits"], arrays)[0].tolist()
    return {"logits": logits, "file": os.path.basename(path), "labels": config["id2label"]}


def optimum_folder(folder: str) -> dict:
    import torch
    from optimum.onnxruntime import ORTModelForSequenceClassification
    from tokenizers import Tokenizer

    (path,) = glob.glob(os.path.join(folder, "onnx", "*.onnx"))
    model = ORTModelForSequenceClassification.from_pretrained(
        folder, subfolder="onnx", file_name=os.path.basename(path)
    )
    # not AutoTokenizer: the transformers that optimum-onnx wants reads no tokenizer of a later one
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.enable_padding(pad_id=model.config.pad_token_id)
    coded = tokenizer.encode_batch(texts)
    arrays = {
        "input_ids": torch.tensor([encoded.ids for encoded in coded]),
        "attention_mask": torch.tensor([encoded.attention_mask for encoded in coded]),
        "token_type_ids": torch.tensor([encoded.type_ids for encoded in coded]),
    }
    return {"logits": model(**arrays).logits.tolist()}


def exits_folder(folder: str) -> dict:
    before = set(sys.modules)
    path = os.path.join(folder, "read_exits.py")
    spec = importlib.util.spec_from_file_location("read_exits", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.ExitModel(folder)
    loaded = {name.split(".")[0] for name in set(sys.modules) - before}
    return {"answers": model(texts), "full": model(texts, threshold=None), "loaded": sorted(loaded)}


KINDS = {
    "hf": transformers_folder,
    "hf with code": lambda folder: transformers_folder(folder, trust_remote_code=True),
    "onnx": onnx_folder,
    "optimum": optimum_folder,
    "exits": exits_folder,
}
read = {name: KINDS[kind](folder) for name, (kind, folder) in folders.items()}
assert importlib.util.find_spec("effexplorer") is None
sys.stdout.write("\n" + json.dumps(read) + "\n")
