"""Exports beside the programs that open them: the largest difference of any logit.

Tiny random checkpoints of every family, as transformers saves them, are run as they are and through
several orders of operators, exported in every format, and opened in a fresh process that does not
import this program: by transformers, by ONNX Runtime, and by the reader that the exits bring along.
Checkpoints as they are stand beside transformers' own logits of the same files. With ``--optimum``,
the Python of an environment with optimum-onnx, its ``ORTModelForSequenceClassification`` opens the
ONNX folders too (it wants an older transformers than this program).

Then a real checkpoint, MiniLM trained on the reviews: our ONNX graphs in fp32 and int8, and what
ONNX Runtime's own ``quantize_dynamic`` makes of the same one: size, latency, answers kept.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto
from onnxruntime.quantization import quantize_dynamic
from transformers.utils.logging import disable_progress_bar

from benchmarks.minilm import random_sentences
from benchmarks.timing import Claim, in_turns, options_of, show
from benchmarks.tiny_checkpoints import FAMILIES, save_checkpoint
from effexplorer import units
from effexplorer.exports import segments, transformers_folder, whole_graph
from effexplorer.exports.native import obstacle
from effexplorer.exports.source import Source, open_source
from effexplorer.inference.model import ExitModel
from effexplorer.inference.onnx import session
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.records.store import HERE, Run
from effexplorer.runner.run import run
from effexplorer.tasks.data import load_task

READER = Path(__file__).with_name("read_folder.py")
TASK = "reviews"
AS_IT_IS = ""
ORDERS = (
    AS_IT_IS,
    "quantize",
    "prune(epochs=0) > quantize",
    "drop(layers=1, rule=top, epochs=0) > trim > quantize",
    "distill(layers=2, epochs=0.2) > prune(epochs=0.2)",
    "slenderize(heads=0.5, ffn=0.5, epochs=0.2) > quantize",
    "quantize(bits=4)",
    "exit(epochs=0.2) > distill(layers=2, epochs=0.2)",
    "exit(epochs=0.2) > quantize",
)
TEXTS = 24  # validation texts that are asked
CLOSE = {"fp32": 1e-4, "int8": 2e-2, "int4": 1e-4}  # a last bit decides how an integer is rounded
TURNS, CALLS = 15, 20


@dataclass(frozen=True)
class Folder:
    """What a reader is to open: its kind, the folder, the format's name and the run's model."""

    kind: str
    path: Path
    format: str
    source: Source


def read_folders(
    folders: Mapping[str, tuple[str, Path]], texts: list[Any], python: str = sys.executable
) -> dict[str, Any]:
    """Return by name what one process without this program makes of exported folders.

    ``folders`` holds a kind that ``read_folder.py`` knows and a folder for each name. The process
    is one of the interpreter ``python``; raises RuntimeError when it fails.
    """
    asked = {name: [kind, str(folder)] for name, (kind, folder) in folders.items()}
    done = subprocess.run(  # noqa: S603 - this program's own file
        [python, "-I", str(READER)],
        input=json.dumps([asked, texts]),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{READER.name}: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def exported(out: Path) -> Iterator[Folder]:
    """Run and export every family in every order and format; yield the folders, below ``out``."""
    for family in FAMILIES:
        checkpoint = out / family
        save_checkpoint(family, checkpoint)
        for number, order in enumerate(ORDERS):
            pipeline = Pipeline(str(checkpoint), TASK, parse_steps(order), epochs=0)
            source = open_source(Run(run(pipeline), HERE))
            for form, (kind, write) in _formats(source).items():
                path = out / f"{family}-{number}-{form.replace(' ', '-')}"
                write(source, path)
                yield Folder(kind, path, form, source)
            if order == AS_IT_IS:
                yield Folder("hf", checkpoint, "the checkpoint itself", source)
        print(f"{family}: {len(ORDERS)} runs exported", file=sys.stderr)


def _formats(source: Source) -> dict[str, tuple[str, Callable[[Source, Path], None]]]:
    """Return by format the kind of its folder and what writes it."""
    if source.model.config.exits:
        return {"exits": ("exits", segments.write)}
    code = obstacle(source.model)
    return {
        "hf with code" if code else "hf": (
            "hf with code" if code else "hf",
            transformers_folder.write,
        ),
        "onnx": ("onnx", whole_graph.write),
        "onnx standard": ("onnx", _write_standard),
    }


def _write_standard(source: Source, folder: Path) -> None:
    whole_graph.write(source, folder, standard=True)


def differences(out: Path, optimum: str | None) -> list[Claim]:
    """Return for each format and number format the largest difference from our own answers."""
    folders = list(exported(out))
    texts = list(load_task(TASK).validation.texts[0][:TEXTS])
    read = _read(folders, texts, sys.executable)
    if optimum:
        graphs = [
            Folder("optimum", folder.path, f"{folder.format}, ORTModel", folder.source)
            for folder in folders
            if folder.kind == "onnx"
        ]
        read += _read(graphs, texts, optimum)
    largest: dict[tuple[str, str], list[float]] = {}
    for folder, theirs in read:
        key = folder.format, folder.source.model.config.numeric
        largest.setdefault(key, []).append(_difference(folder, theirs, texts))
    return [_claim(*key, largest[key]) for key in sorted(largest)]


def _read(folders: list[Folder], texts: list[str], python: str) -> list[tuple[Folder, Any]]:
    asked = {str(at): (folder.kind, folder.path) for at, folder in enumerate(folders)}
    read = read_folders(asked, texts, python)
    return [(folder, read[str(at)]) for at, folder in enumerate(folders)]


def _difference(folder: Folder, theirs: Any, texts: list[str]) -> float:
    """Return the largest difference of a logit, or with exits of a chance at any exit."""
    source = folder.source
    if folder.kind != "exits":
        coded = source.tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=source.max_length,
            return_tensors="pt",
        )
        with torch.inference_mode():
            ours = source.model(**coded).logits.numpy()
        return float(np.abs(ours - np.array(theirs["logits"])).max())
    model = ExitModel(source.model, source.tokenizer, source.spec)
    return max(
        float(np.abs(np.array(ours.probabilities) - np.array(read["exits"])).max())
        for ours, read in zip(model(texts, threshold=None), theirs["full"], strict=True)
    )


def _claim(form: str, numeric: str, values: list[float]) -> Claim:
    worst, close = max(values), CLOSE[numeric]
    what = f"{form}, {numeric}: largest difference in {len(values)} folders"
    return Claim(what, f"{worst:.1e}", "", worst, "", f"<= {close:.0e}", worst <= close)


def quantizers(out: Path) -> list[Claim]:
    """Return our graphs' size, latency and kept answers beside those of ONNX Runtime's own."""
    graphs = {}
    for name, steps in (("fp32", ""), ("int8", "quantize")):
        source = open_source(Run(run(Pipeline("minilm", TASK, parse_steps(steps), 0)), HERE))
        whole_graph.write(source, out / name)
        graphs[name] = out / name / "onnx" / whole_graph.file_name(source)
    peer = out / "quantize_dynamic.onnx"
    # our graph has operators of ONNX Runtime, whose results its quantizer takes for floats only so
    quantize_dynamic(graphs["fp32"], peer, extra_options={"DefaultTensorType": TensorProto.FLOAT})
    sessions = {
        name: session(path.read_bytes()) for name, path in (graphs | {"peer": peer}).items()
    }
    texts = list(load_task(TASK).validation.texts[0])
    labels = {name: _labels(graph, source, texts) for name, graph in sessions.items()}
    sizes = {name: path.stat().st_size for name, path in (graphs | {"peer": peer}).items()}
    kept = {name: 100 * float((labels[name] == labels["fp32"]).mean()) for name in labels}
    asks = {name: _asking(graph) for name, graph in sessions.items()}
    claims = []
    for title, other in (("quantize_dynamic", "peer"), ("our fp32", "fp32")):
        ours, theirs, ratio, spread = in_turns(asks["int8"], asks[other], rounds=TURNS, calls=CALLS)
        times = f"{1000 * ours:.2f} ms", f"{1000 * theirs:.2f} ms"
        bytes_ = units.megabytes(sizes["int8"]), units.megabytes(sizes[other])
        claims.append(Claim(f"int8, file, beside {title}", *bytes_, sizes["int8"] / sizes[other]))
        claims.append(Claim(f"int8, 1x32, beside {title}", *times, ratio, spread))
    shown = f"{kept['int8']:.1f} %", f"{kept['peer']:.1f} %"
    what = f"of {len(texts)} answers kept by int8, beside quantize_dynamic"
    return [*claims, Claim(what, *shown, kept["int8"] / kept["peer"])]


def _labels(graph: onnxruntime.InferenceSession, source: Source, texts: list[str]) -> np.ndarray:
    """Return the labels of ``texts``, asked one at a time."""
    labels = []
    for text in texts:
        coded = source.tokenizer(
            [text], truncation=True, max_length=source.max_length, return_tensors="np"
        )
        (logits,) = graph.run(["logits"], {name: coded[name] for name in _inputs(graph)})
        labels.append(int(logits.argmax()))
    return np.array(labels)


def _asking(graph: onnxruntime.InferenceSession) -> Callable[[], object]:
    ids, mask = (part.numpy() for part in random_sentences(1, 32))
    values = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    arrays = {name: values[name] for name in _inputs(graph)}
    return lambda: graph.run(["logits"], arrays)


def _inputs(graph: onnxruntime.InferenceSession) -> list[str]:
    return [value.name for value in graph.get_inputs()]


def main() -> None:
    """Measure, and print a line for each claim."""
    disable_progress_bar()
    torch.set_num_threads(1)
    parser = options_of(__doc__)
    parser.add_argument("--optimum", help="Python of an environment with optimum-onnx")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["EFFEXPLORER_HOME"] = f"{scratch}/home"
        claims = differences(Path(scratch), options.optimum)
        claims += quantizers(Path(scratch))
    show(claims, as_json=options.json)


if __name__ == "__main__":
    main()
