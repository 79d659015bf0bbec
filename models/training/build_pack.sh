#!/usr/bin/env bash
# From the data to the shipped pack and its figures, with fixed seeds:
#
#     pip install -r models/training/requirements.txt && npm ci
#     models/training/build_pack.sh CORPUS_FOLDER
#
# CORPUS_FOLDER holds the open sentences that the model card names, one `tag<TAB>sentence` a line, gzipped.
set -euo pipefail
cd "$(dirname "$0")/../.."
corpus=${1:?the folder with the open sentences}
python=${PYTHON:-python3}
left_out=en-d
export OMP_NUM_THREADS=1

"$python" models/training/train_language.py "$corpus" &
language=$!
"$python" models/training/train.py
wait "$language"
"$python" models/training/build_pack.py
npm run --silent build
"$python" models/training/floor.py
"$python" models/training/report.py | tee models/training/build/report.txt
# How far it carries over to an author whose texts it never saw.
"$python" models/training/train.py --without "$left_out"
"$python" models/training/build_pack.py --without "$left_out"
"$python" models/training/report.py --only "$left_out" --pack "models/training/build/without-$left_out/pack" |
  tee models/training/build/left-out.txt
# Once more, because the manifest states the figure of each language.
"$python" models/training/build_pack.py
