"""The workbench: one run's model on its way through the steps, and the cache of its stages."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable
from typing import Any

import torch
from transformers import AutoTokenizer

from effexplorer import home
from effexplorer.errors import Cancelled
from effexplorer.measure import measure
from effexplorer.memory import keep_large_blocks
from effexplorer.models.catalog import find_model
from effexplorer.models.convert import finished
from effexplorer.models.importer import import_checkpoint
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.models.source import Located
from effexplorer.operators import Context
from effexplorer.operators.finetune import fine_tune
from effexplorer.pipeline import Pipeline
from effexplorer.record import Stage
from effexplorer.stages import StageCache, stage_key
from effexplorer.tasks.data import TaskData
from effexplorer.tasks.encoded import encode_task
from effexplorer.training import planned_sentences


class Workbench:
    """Everything that one run needs: tokenizer, encoded data, threads, and the stages so far."""

    def __init__(
        self,
        pipeline: Pipeline,
        located: Located,
        data: TaskData,
        *,
        cancelled: Callable[[], bool],
    ) -> None:
        self.pipeline = pipeline
        self.located = located
        self.data = data
        self.cancelled = cancelled
        self.epochs = pipeline.epochs or data.spec.epochs
        self.threads = torch.get_num_threads()
        self.cache = StageCache(home.stages_folder())
        self.tokenizer = AutoTokenizer.from_pretrained(located.folder)
        self.task = encode_task(data, self.tokenizer)

    def plan(self) -> list[dict[str, Any]]:
        """Return for each stage its step and the training sentences that it goes through."""
        steps = self.pipeline.steps
        epochs = [self.epochs, *((step.epochs or self.epochs) * step.trains for step in steps)]
        return [
            {"step": name, "sentences": planned_sentences(len(self.task.train), passes)}
            for name, passes in zip(self._names(), epochs, strict=True)
        ]

    def run(self, report: Callable[[dict[str, Any]], None]) -> tuple[Stage, ...]:
        """Apply what no earlier run has applied, measure each stage, and return all stages."""
        keep_large_blocks()
        stages, model = self._resume()
        for index, stage in enumerate(stages):
            report({"kind": "measured", "index": index, "stage": dataclasses.asdict(stage)})
        for index in range(len(stages), len(self.pipeline.steps) + 1):
            name = self._names()[index]
            report({"kind": "stage", "index": index, "step": name})
            start = time.monotonic()
            model = self._apply(index, model, lambda event, at=index: report(event | {"index": at}))
            seconds = time.monotonic() - start
            if self.cancelled():
                raise Cancelled
            stage = self._measured(index, name, model, seconds)
            stages = (*stages, stage)
            self.cache.keep(self._key(index), model, self.tokenizer, stages)
            report({"kind": "measured", "index": index, "stage": dataclasses.asdict(stage)})
        return stages

    def _resume(self) -> tuple[tuple[Stage, ...], SlimBertForSequenceClassification | None]:
        """Return the longest finished prefix: its stages and its model."""
        for index in range(len(self.pipeline.steps), -1, -1):
            found = self.cache.find(self._key(index))
            done = index == len(self.pipeline.steps)
            model = found.model() if found and not done else None
            if found and (done or model):
                stages = tuple(dataclasses.replace(stage, reused=True) for stage in found.stages)
                return stages, model
        return (), None

    def _apply(
        self,
        index: int,
        model: SlimBertForSequenceClassification | None,
        report: Callable[[dict[str, Any]], None],
    ) -> SlimBertForSequenceClassification:
        spec = find_model(self.pipeline.model)
        seed = self._seed(index)
        context = Context(self.task, seed, self.epochs, spec.learning_rate, report, self.cancelled)
        if index:
            return self.pipeline.steps[index - 1].apply(model, context)
        dense = import_checkpoint(
            self.located.folder, labels=self.task.outputs, pooling=spec.pooling, seed=seed
        )
        return fine_tune(dense, context)

    def _measured(
        self, index: int, name: str, model: SlimBertForSequenceClassification, seconds: float
    ) -> Stage:
        step = self.pipeline.steps[index - 1] if index else None
        return Stage(
            step=name,
            operator=step.name if step else "dense",
            letter=step.letter if step else "",
            seconds=seconds,
            reused=False,
            **measure(finished(model), self.task),
        )

    def _names(self) -> list[str]:
        return ["dense", *map(str, self.pipeline.steps)]

    def _key(self, index: int) -> str:
        return stage_key(
            self.pipeline.prefix(index),
            fingerprint=self.data.fingerprint,
            weights=self.located.sha256,
        )

    def _seed(self, index: int) -> int:
        """Return the stage's own seed, the same whatever steps follow and wherever it resumes."""
        digest = hashlib.sha256(f"{self.pipeline.seed} {self.pipeline.prefix(index)}".encode())
        return int.from_bytes(digest.digest()[:4]) % (2**31)
