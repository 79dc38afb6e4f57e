#!/usr/bin/env bash
# Measures the shipped results again, into precomputed/. Finished runs are left as they are, and
# stages that a finished run shares are reused, so an interrupted call goes on where it stopped.
# GLUE tasks need EFFEXPLORER_GLUE_DIR or a hub that answers. Some hours on one thread; the stages
# take up to 60 GB of disk.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python}
OUT=${OUT:-precomputed/runs}
export EFFEXPLORER_CACHE_GB=${EFFEXPLORER_CACHE_GB:-60}  # every stage is timed again at the end
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}  # as the shipped records say; another number sums otherwise

run() {
  "$PYTHON" -m effexplorer run --model minilm --out "$OUT" "$@"
}

SUBSETS=(s2-dense s2-d s2-p s2-q s2-d-p s2-d-q s2-p-q s2-d-p-q)
for preset in "${SUBSETS[@]}" s1-d-p-e-q s1-e-d-p-q s3-greedy-1 s3-greedy-3 \
  s4-exits-first-q s4-exits-last-q; do
  run --task reviews --preset "$preset"
done

# The study: every grid, in the order of their numbers.
for grid in benchmarks/study/*.yaml; do
  case $grid in *sentiment*) continue ;; esac  # below
  "$PYTHON" -m effexplorer sweep "$grid" --out "$OUT"
done

# The multi-exit model: all of the training data; and what it was compared with.
FILMS="exit(teacher=before, epochs=1) > slenderize(heads=0.6, ffn=0.6, epochs=3) > trim > quantize"
run --task sst2 --steps "$FILMS"
run --task sst2 --steps "exit(teacher=before, epochs=1) > slenderize(heads=0.6, ffn=0.6, epochs=3) \
  > slenderize(heads=1, ffn=1, rank=192, epochs=1) > quantize"
"$PYTHON" -m benchmarks.ship_model --runs "$OUT" --task sst2 --steps "$FILMS" sst2

# The multi-exit model for pairs of sentences.
PAIRS="exit(teacher=before, epochs=2) > slenderize(heads=0.6, ffn=0.6, epochs=4) > trim > quantize"
run --task mrpc --steps "$PAIRS"
"$PYTHON" -m benchmarks.ship_model --runs "$OUT" --task mrpc --steps "$PAIRS" mrpc

# The multi-exit model of everyday language, if its data are here (benchmarks/sentiment_data.py).
if [ -d "$EFFEXPLORER_GLUE_DIR/sentiment" ]; then
  PHONES="distill(student=minilm, epochs=1) > exit(first=0, teacher=before, epochs=1) \
    > drop(layers=2, rule=top, epochs=2) > slenderize(heads=1, ffn=0.7, steps=1, soft=0.7, epochs=2) \
    > trim(minimum=2) > quantize"
  run --model mpnet-base --task sentiment --epochs 0.25 --steps "$PHONES"
  "$PYTHON" -m benchmarks.ship_model --runs "$OUT" --model mpnet-base --task sentiment \
    --epochs 0.25 --steps "$PHONES" sentiment
fi

# What was timed while other work went on is timed again, alone; then the study's page is written.
"$PYTHON" -m benchmarks.retime "$OUT"
"$PYTHON" -m benchmarks.study_page --runs "$OUT"
"$PYTHON" -m effexplorer front
