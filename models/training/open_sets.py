"""Measures the built command on open sets that it was not made for: risk severity of posts, and everyday messages.

    npm run build && python models/training/open_sets.py DATA_FOLDER

C-SSRS severity: posts of a suicide forum on the Columbia scale, as four levels; a logistic regression on words learns the
scale from the training rows, without and with the scores of Earshot beside the words. Everyday messages: real SMS, of
which hardly one should stand at urgent or above; their licence allows measuring only.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from report import score
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score
from texts import URGENCIES, Text

RESAMPLES = 1000
# None, wish or thoughts (1, 2), method or intent (3, 4), plan or behaviour (5, 6).
FOUR_LEVELS = [0, 1, 1, 2, 2, 3, 3]


def read(path: Path, split: str) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf8") as file:
        return [row for row in map(json.loads, file) if row["split"] == split]


def results_of(rows: list[dict]) -> list[dict]:
    return score([Text(row["text"], "en", "routine", [], [], "open", line) for line, row in enumerate(rows)], None)


def interval(values: list[float]) -> str:
    low, high = np.quantile(values, [0.025, 0.975])
    return f"[{low:.3f}, {high:.3f}]"


def numbers(results: list[dict]) -> np.ndarray:
    shares = [[value for group in result["scores"].values() for value in group.values()] for result in results]
    clipped = np.clip(np.array(shares), 1e-4, 1 - 1e-4)
    return np.log(clipped / (1 - clipped))


def measure_severity(path: Path) -> None:
    train, measured = read(path, "train"), read(path, "dev")
    levels = [np.array([FOUR_LEVELS[row["label"]["severity"]] for row in rows]) for rows in (train, measured)]
    vectorizers = [
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True),
    ]
    words = [
        sparse.hstack([v.fit_transform([row["text"] for row in train]) for v in vectorizers]).tocsr(),
        sparse.hstack([v.transform([row["text"] for row in measured]) for v in vectorizers]).tocsr(),
    ]
    scores = [numbers(results_of(rows)) for rows in (train, measured)]
    center, spread = scores[0].mean(0), scores[0].std(0)
    scaled = [0.3 * (part - center) / spread for part in scores]
    random_source = np.random.default_rng(1)
    for title, inputs in (
        ("words alone", words), ("words and Earshot's scores", [sparse.hstack([w, s]).tocsr() for w, s in zip(words, scaled)]),
    ):
        model = LogisticRegression(C=5, max_iter=2000).fit(inputs[0], levels[0])
        given = model.predict(inputs[1])
        kappa = lambda rows: cohen_kappa_score(levels[1][rows], given[rows], weights="quadratic")  # noqa: E731
        count = len(given)
        samples = [kappa(random_source.integers(0, count, count)) for _ in range(RESAMPLES)]
        print(f"C-SSRS severity, four levels, {title}: n={count} quadratic kappa {kappa(np.arange(count)):.3f} {interval(samples)}")


def measure_everyday(path: Path) -> None:
    levels = np.array([URGENCIES.index(result["urgency"]) for result in results_of(read(path, "dev"))])
    random_source = np.random.default_rng(2)
    for title, most in (("immediate", 0), ("urgent or above", 1), ("soon or above", 2)):
        raised = levels <= most
        samples = [raised[random_source.integers(0, len(raised), len(raised))].mean() for _ in range(RESAMPLES)]
        print(f"everyday SMS at {title}: n={len(raised)} share {raised.mean():.4f} {interval(samples)}")


def main() -> None:
    data = Path(sys.argv[1])
    measure_severity(data / "raw-en-distress" / "cssrs_severity.jsonl.gz")
    measure_everyday(data / "raw-en-distress" / "nc" / "nus_sms.jsonl.gz")


if __name__ == "__main__":
    main()
