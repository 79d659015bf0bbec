#!/usr/bin/env bash
# From the data to the shipped pack and its figures, with fixed seeds:
#
#     pip install -r models/training/requirements.txt && npm ci
#     models/training/build_pack.sh DATA_FOLDER
#
# DATA_FOLDER holds the open data sets that the model card names, in the folders corpus and raw-*. Pre-training takes
# hours; it goes on from its last checkpoint, and is left out when build/encoder/pretrained.pt is there already.
set -euo pipefail
cd "$(dirname "$0")/../.."
data=${1:?the folder with the open data sets}
python=${PYTHON:-python3}
left_out=en-d
training=models/training
build=$training/build
export OMP_NUM_THREADS=1

"$python" $training/train_language.py "$data/corpus"
"$python" $training/train.py "$data"

if [ ! -f $build/encoder/pretrained.pt ]; then
  "$python" $training/encoder_corpus.py "$data"
  npx tsx $training/export-normalized.ts $build/encoder/corpus.jsonl $build/encoder/normalized.txt
  "$python" $training/encoder_vocabulary.py
  npx tsx $training/export-tokens.ts $build/encoder/vocabulary.bin $build/encoder/corpus.jsonl $build/encoder/tokens.bin
  "$python" $training/encoder_embeddings.py
  "$python" $training/encoder_pretrain.py
fi
"$python" $training/encoder_finetune.py "$data"
"$python" $training/encoder_export.py
"$python" $training/encoder_combine.py | tee $build/combine.txt

"$python" $training/build_pack.py
"$python" $training/build_pack.py --without-encoder
npm run --silent build
"$python" $training/floor.py
"$python" $training/agreement.py | tee $build/agreement.txt
"$python" $training/report.py | tee $build/report.txt

# How far it carries over to an author whose texts it never saw.
"$python" $training/train.py "$data" --without "$left_out"
"$python" $training/encoder_finetune.py "$data" --without "$left_out"
"$python" $training/encoder_export.py --without "$left_out"
"$python" $training/encoder_combine.py --without "$left_out"
"$python" $training/build_pack.py --without "$left_out"
"$python" $training/report.py --only "$left_out" --pack "$build/without-$left_out/pack" | tee $build/left-out.txt
# Once more, because manifest and model card state these figures.
"$python" $training/build_pack.py
