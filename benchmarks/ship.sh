#!/usr/bin/env bash
# Measures the shipped results again, into precomputed/runs. Finished runs are left as they are, and
# stages that a finished run shares are reused, so an interrupted call goes on where it stopped.
# TRAIN is SST-2's number of training sentences, 30000 unless set. SST-2 needs
# EFFEXPLORER_GLUE_DIR or a hub that answers.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python}
TRAIN=${TRAIN:-30000}
OUT=${OUT:-precomputed/runs}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}  # as the shipped records say; another number sums otherwise
SUBSETS=(
  ""
  "distill"
  "prune"
  "quantize"
  "distill > prune"
  "distill > quantize"
  "prune > quantize"
  "distill > prune > quantize"
)
ORDERS=(
  "prune > distill > quantize"
  "quantize(mode=aware) > distill > prune"
  "distill > quantize(mode=aware) > prune"
)

for steps in "${SUBSETS[@]}" "${ORDERS[@]}"; do
  "$PYTHON" -m effexplorer run --model minilm --task reviews --steps "$steps" --out "$OUT"
done
for steps in "${SUBSETS[@]}" "${ORDERS[@]}"; do
  "$PYTHON" -m effexplorer run --model minilm --task sst2 --steps "$steps" \
    --train-examples "$TRAIN" --out "$OUT"
done
"$PYTHON" -m effexplorer front
