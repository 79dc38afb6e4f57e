"""GLUE's metric for ``evaluate``, without the hub: one import per line, as its scanner asks."""

from typing import Any

import datasets
import evaluate
import numpy as np

from effexplorer.tasks.scores import SCORES


class GlueMetric(evaluate.Metric):  # type: ignore[misc]  # evaluate has no stubs
    """The scores named in ``config_name``, joined by ``+``: ``GlueMetric("f1+accuracy")``."""

    def _info(self) -> evaluate.MetricInfo:
        kind = "float64" if "pearson" in self.config_name else "int64"
        return evaluate.MetricInfo(
            description="The scores of one GLUE task.",
            citation="Wang et al. 2018, arXiv 1804.07461",
            inputs_description="predictions and references: class numbers, or similarities.",
            features=datasets.Features(
                {"predictions": datasets.Value(kind), "references": datasets.Value(kind)}
            ),
        )

    def _compute(self, predictions: Any, references: Any) -> dict[str, float]:
        guesses, labels = np.asarray(predictions), np.asarray(references)
        names = self.config_name.split("+")
        return {name: SCORES[name](guesses, labels) for name in names}
