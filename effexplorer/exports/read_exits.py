"""Ask an exported multi-exit model. Needs onnxruntime, tokenizers and numpy; Apache License 2.0."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


class ExitModel:
    """A model whose texts leave at the first exit that is sure enough."""

    def __init__(self, folder: str = ".") -> None:
        self.about = json.loads((Path(folder) / "exits.json").read_text("utf-8"))
        self.tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
        self.tokenizer.encode_special_tokens = True  # "[SEP]" in a text is a text
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(self.about["max_length"])
        paths = [str(Path(folder) / name) for name in self.about["segments"]]
        self.segments = [onnxruntime.InferenceSession(path) for path in paths]

    def __call__(self, texts: list[Any], threshold: Any = "own") -> list[dict[str, Any]]:
        """Return for each text, or pair of texts, its label, layer and what every exit said.

        A higher ``threshold`` lets texts leave later, and None never before the last exit.
        """
        threshold = self.about["threshold"] if threshold == "own" else threshold
        return [self._answer(text, threshold) for text in texts]

    def _answer(self, text: Any, threshold: float | None) -> dict[str, Any]:
        coded = self.tokenizer.encode(*((text,) if isinstance(text, str) else text))
        count, said = len(coded.ids), []
        state = {"ids": np.array([coded.ids]), "token_types": np.array([coded.type_ids])}
        state["lengths"] = np.array([count], dtype=np.int32)
        state["share"] = np.full((1, 1, count), 1 / count, dtype=np.float32)
        for segment, temperature in zip(self.segments, self.about["temperatures"], strict=True):
            names = [argument.name for argument in segment.get_inputs()]
            logits, *hidden = segment.run(None, {name: state[name] for name in names})
            said.append(self._said(logits[0], temperature))
            if not hidden or (threshold is not None and self._readiness(said) >= threshold):
                break
            state["state"] = hidden[0]
        label = self.about["labels"][int(np.argmax(said[-1]))]
        label = said[-1][0] if self.about["regression"] else label
        return {"label": label, "layer": self.about["layers"][len(said) - 1], "exits": said}

    def _said(self, logits: np.ndarray, temperature: float) -> list[float]:
        if self.about["regression"]:
            return [float(logits[0])]
        likely = np.exp((logits - logits.max()) / temperature)
        return [float(share) for share in likely / likely.sum()]

    def _readiness(self, said: list[list[float]]) -> float:
        if self.about["policy"] == "confidence":
            return max(said[-1])
        return -abs(said[-1][0] - said[-2][0]) if len(said) > 1 else -np.inf  # agreement
