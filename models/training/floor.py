"""The floor: TF-IDF (words 1-2, characters 2-5) with logistic regression, trained on the same lines.

    python models/training/floor.py

Writes its predictions for the development lines to models/training/build/floor.npz; report.py prints them beside ours.
The level is the most likely one; thresholds of categories are tuned on folds of the training lines, as ours are.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from calibration import label_threshold
from linear import fit
from sklearn.feature_extraction.text import TfidfVectorizer
from texts import CATEGORIES, URGENCIES, read_texts

HERE = Path(__file__).resolve().parent
STRENGTH = 4.0
ITERATIONS = 60
FOLDS = 3


def main() -> None:
    texts = read_texts(HERE / "data")
    train = [text for text in texts if not text.is_development]
    development = [text for text in texts if text.is_development]
    vectorizers = [
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        TfidfVectorizer(analyzer="char", ngram_range=(2, 5), sublinear_tf=True, min_df=3),
    ]
    matrix = sparse.hstack([v.fit_transform([t.text for t in train]) for v in vectorizers]).tocsr().astype(np.float32)
    other = sparse.hstack([v.transform([t.text for t in development]) for v in vectorizers]).tocsr().astype(np.float32)
    targets = np.array(
        [[t.urgency == level for level in URGENCIES] + [c in t.categories for c in CATEGORIES] for t in train],
        np.float32,
    )
    held_out = np.zeros((len(train), len(CATEGORIES)))
    folds = np.array([text.fold(FOLDS) for text in train])
    for fold in range(FOLDS):
        rows = np.where(folds != fold)[0]
        weights = fit(matrix[rows], targets[rows][:, 4:], 0, STRENGTH, ITERATIONS // 2)
        held_out[folds == fold] = matrix[folds == fold] @ weights[:-1] + weights[-1]
        print(f"fold {fold} done", flush=True)
    held_out = 1 / (1 + np.exp(-held_out))
    thresholds = [label_threshold(held_out[:, k], targets[:, 4 + k]) for k in range(len(CATEGORIES))]
    weights = fit(matrix, targets, len(URGENCIES), STRENGTH, ITERATIONS)
    logits = other @ weights[:-1] + weights[-1]
    powers = np.exp(logits[:, :4] - logits[:, :4].max(1, keepdims=True))
    urgency = powers / powers.sum(1, keepdims=True)
    categories = 1 / (1 + np.exp(-logits[:, 4:])) >= thresholds
    np.savez(
        HERE / "build" / "floor.npz",
        lines=np.array([f"{text.file}:{text.line}" for text in development]),
        cumulative=np.cumsum(urgency, axis=1)[:, :3],
        categories=categories,
    )


if __name__ == "__main__":
    main()
