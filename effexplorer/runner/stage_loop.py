"""The stage loop: one run's model goes through the steps, and each stage is measured and kept."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable
from typing import Any

import torch
from transformers import AutoTokenizer

from effexplorer import home
from effexplorer.atomic import disk_full
from effexplorer.errors import Cancelled
from effexplorer.measure import calibrate
from effexplorer.models.catalog import find_model
from effexplorer.models.importer import import_model
from effexplorer.models.slimbert import SlimBertForSequenceClassification as Model
from effexplorer.operators import Context
from effexplorer.operators.finetune import fine_tune
from effexplorer.pipeline import Pipeline
from effexplorer.records import provenance
from effexplorer.records.events import PlannedStage, Report
from effexplorer.runner.estimate import stage_sentences
from effexplorer.runner.latency_lock import LatencyLock
from effexplorer.runner.measured_stage import measured_stage
from effexplorer.runner.results import Results
from effexplorer.runner.stage_cache import CachedStage, StageCache, key_here
from effexplorer.runner.tokenizers import kinds_of, open_readings, tokenizer_problems
from effexplorer.tasks.data import TaskData
from effexplorer.tasks.encoded import encode_task
from effexplorer.training.allocator import keep_large_blocks
from effexplorer.training.device import gpu_name
from effexplorer.training.loop import arithmetic


class StageLoop:
    """Everything that one run needs: tokenizer, encoded data, threads, and the stages so far.

    ``explored`` measures on the held-out rows, and not on the validation split.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        data: TaskData,
        *,
        cancelled: Callable[[], bool],
        explored: bool = False,
    ) -> None:
        self.pipeline = pipeline
        self.explored = explored
        self.data = dataclasses.replace(data, spec=pipeline.spec)
        self.latency_lock = LatencyLock(home.home(), cancelled)
        self._asked_to_stop = cancelled
        self.epochs = data.spec.epochs if pipeline.epochs is None else pipeline.epochs
        self.threads = torch.get_num_threads()
        self.cache = StageCache(home.stages_folder())
        # By what there is now: files that are exchanged during the run change no stage's name.
        self._keys = {
            (length, explored): key_here(
                pipeline.prefix(length), data.fingerprint, explored=explored
            )
            for length in range(len(pipeline.steps) + 1)
            for explored in (False, True)
        }
        self._last: tuple[Model, Results] | None = None
        self._readings = open_readings(pipeline, len(data.spec.text))
        self._read_with(self._readings[0].tokenizer, 0)

    def plan(self) -> list[PlannedStage]:
        """Return for each stage its step and the training rows that it goes through."""
        sentences = stage_sentences(self.pipeline, len(self.task.train), self.epochs)
        return [
            {"step": name, "sentences": count}
            for name, count in zip(self._names(), sentences, strict=True)
        ]

    def problems(self) -> list[str]:
        """Return why steps cannot work on this data, a sentence each, before any training."""
        held_out = len(self.task.held_out)
        refused = [step.data_problem(held_out) for step in self.pipeline.steps]
        kinds = kinds_of(self._readings)
        return [*filter(None, refused), *tokenizer_problems(self.pipeline, kinds)]

    def run(self, report: Report) -> Results:
        """Apply what no earlier run has applied, and measure each stage.

        All stages but the last are then in the cache; ``keep_last`` puts that there too.
        """
        with self.latency_lock.working(report):
            return self._run(report)

    def machine(self) -> dict[str, Any]:
        """Return what the record tells of this machine."""
        return provenance.machine(self.threads, gpu_name(), **arithmetic())

    def cancelled(self) -> bool:
        """Tell whether to stop, between two steps; waits while another process measures latency."""
        self.latency_lock.pause()
        return self._asked_to_stop()

    def _run(self, report: Report) -> Results:
        keep_large_blocks()
        results, model = self._resume()
        for index, stage in enumerate(results.stages):
            report({"kind": "measured", "index": index, "stage": dataclasses.asdict(stage)})
        for index in range(len(results.stages), len(self.pipeline.steps) + 1):
            name = self._names()[index]
            report({"kind": "stage", "index": index, "step": name})
            start = time.monotonic()
            trained = self._trained(index)
            if trained is None:
                model = self._apply(index, model, _with_index(report, index))
                model.config.task = self.pipeline.task
                model.config.text_length = self.pipeline.max_length
                seconds = time.monotonic() - start
            else:
                model, seconds = trained
            if self.cancelled():
                raise Cancelled
            stage, table = measured_stage(
                model,
                self.pipeline.steps[index - 1] if index else None,
                self.task,
                self.data,
                explored=self.explored,
                lock=self.latency_lock,
                seconds=seconds,
                reused=trained is not None,
            )
            results = results.and_stage(stage, table)
            measured = dataclasses.asdict(results.stages[-1])
            report({"kind": "measured", "index": index, "stage": measured})
            self._last = model, results
            if index < len(self.pipeline.steps):
                self.keep_last(report)
        return results

    def keep_last(self, report: Report) -> None:
        """Keep the newest stage in the cache, if this run made one, for later runs.

        A run's last stage is kept when its record is written. A cache that cannot be written is
        told as a note.
        """
        if self._last is None:
            return
        model, results = self._last
        self._last = None
        index = len(results.stages) - 1
        try:
            self.cache.keep(
                self._keys[index, self.explored],
                model,
                self.tokenizer,
                results.stages,
                results.answers,
                results.table,
                self.pipeline.prefix(index),
            )
        except OSError as error:
            reason = "a full disk" if disk_full(error) else error.strerror or type(error).__name__
            name = results.stages[-1].step
            text = f"{name}: not kept in the stage cache for later runs; got {reason}."
            report({"kind": "note", "text": text})

    def _resume(self) -> tuple[Results, Model | None]:
        """Return the results of the longest finished prefix, and its model unless all is done."""
        for index in range(len(self.pipeline.steps), -1, -1):
            cached = self.cache.find(self._keys[index, self.explored])
            done = index == len(self.pipeline.steps)
            model = cached.model() if cached and not done else None
            if cached and (done or model):
                stages = tuple(dataclasses.replace(stage, reused=True) for stage in cached.stages)
                if model:
                    self._read_like(index, cached)
                return Results(stages, cached.answers, cached.table if done else None), model
        return Results(), None

    def _trained(self, index: int) -> tuple[Model, float] | None:
        """Return a stage's model that was measured on the other rows only, and what it took."""
        cached = self.cache.find(self._keys[index, not self.explored])
        model = cached.model() if cached else None
        if cached is None or model is None:
            return None
        self._read_like(index, cached)
        return model, cached.stages[-1].seconds

    def _read_like(self, index: int, stage: CachedStage) -> None:
        """Read the data with the tokenizer of ``stage`` if a step up to it changed tokenizers."""
        if any(step.retokenizes for step in self.pipeline.steps[:index]):
            self._read_with(AutoTokenizer.from_pretrained(stage.folder), index)

    def _read_with(self, tokenizer: Any, index: int) -> None:
        self.tokenizer = tokenizer
        self.task = encode_task(self.data, tokenizer, self._places(index))

    def _places(self, index: int) -> int | None:
        """Return the positions of the model that a stage is made from, where that is told."""
        return self._readings[len(self.pipeline.prefix(index).models) - 1].places

    def _apply(
        self,
        index: int,
        model: Model | None,
        report: Report,
    ) -> Model:
        context = self._context(index, report)
        if model is None:
            return fine_tune(context.pretrained(), context)
        step = self.pipeline.steps[index - 1]
        model = step.apply(model, context)
        if step.retokenizes:
            self._read_with(step.new_tokenizer(context), index)
        calibrate(model, self.task)
        return model

    def _context(self, index: int, report: Report) -> Context:
        before = self.pipeline.prefix(max(index - 1, 0))
        as_it_is = self.pipeline.epochs == 0 and len(before.models) == 1
        spec, seed = find_model(before.models[-1]), self._seed(index)
        return Context(
            self.task,
            seed,
            self.epochs,
            spec.learning_rate,
            report,
            self.cancelled,
            tokenizer=self.tokenizer,
            trained=before.trained,
            encode=lambda tokenizer: encode_task(self.data, tokenizer, self._places(index)),
            pretrained=lambda: import_model(
                spec,
                self.data.spec.labels,
                seed=seed,
                as_it_is=as_it_is,
                mean=self.task.mean,
            ),
        )

    def _names(self) -> list[str]:
        return ["dense", *map(str, self.pipeline.steps)]

    def _seed(self, index: int) -> int:
        """Return the stage's own seed, the same whatever steps follow and wherever it resumes."""
        digest = hashlib.sha256(f"{self.pipeline.seed} {self.pipeline.prefix(index)}".encode())
        return int.from_bytes(digest.digest()[:4]) % (2**31)


def _with_index(report: Report, index: int) -> Report:
    """Return ``report`` for the events of the stage ``index``, which do not know it."""
    return lambda event: report({**event, "index": index})
