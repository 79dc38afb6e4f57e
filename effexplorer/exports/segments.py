"""The ``exits`` format: a graph for each exit, one JSON, and a reader that needs no torch."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from effexplorer.errors import UserError
from effexplorer.exits.policies import policies
from effexplorer.exports.source import Source
from effexplorer.exports.transformers_folder import write_tokenizer
from effexplorer.inference.graph import part

_READER = Path(__file__).with_name("read_exits.py")


def left_out(source: Source) -> list[str]:
    """Return what the format cannot hold of the model, a sentence each.

    Raises UserError for a model without exits.
    """
    config = source.model.config
    if not config.exits:
        raise UserError("exits: the run must end with a model that has exits; got one without.")
    if config.numeric in ("int4", "int2"):
        return [f"exits: {config.numeric} weights stand as fp32, so the files are larger."]
    return []


def write(source: Source, folder: Path) -> None:
    """Write the segments, their description, tokenizer and reader into ``folder``."""
    left_out(source)
    folder.mkdir(parents=True)
    model, config = source.model, source.model.config
    names = [f"exit-{layer}.onnx" for layer in config.exit_layers]
    for exit, name in enumerate(names):
        (folder / name).write_bytes(part(model, exit))
    plain = {
        "segments": names,
        "layers": config.exit_layers,
        "labels": list(source.labels),
        "regression": source.spec.regression,
        "columns": list(source.spec.text),
        "policy": policies(regression=source.spec.regression)[0],
        "threshold": config.threshold,
        "temperatures": config.temperatures or [1.0] * len(names),
        "max_length": source.max_length,
    }
    (folder / "exits.json").write_text(json.dumps(plain, indent=2) + "\n", "utf-8")
    write_tokenizer(source, folder)
    shutil.copyfile(_READER, folder / _READER.name)
