"""Prints how far a second, blind reading of 600 random authored lines agrees with their labels.

    python models/training/agreement.py

second-labels.jsonl holds file, line (from 0), the labels that stood there (`first`) and those of the second reader, a
language model too, which saw the text alone. The agreement is the ceiling of what a model measured on such labels can
reach. Where the second reader was graver, and rightly so by the guide, the label in data/ was raised afterwards.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from sklearn.metrics import cohen_kappa_score, f1_score
from texts import CATEGORIES, SIGNALS, URGENCIES

HERE = Path(__file__).resolve().parent
RESAMPLES = 1000


def main() -> None:
    rows = [json.loads(line) for line in (HERE / "second-labels.jsonl").read_text(encoding="utf8").splitlines()]
    levels = np.array([[URGENCIES.index(row[reader]["urgency"]) for reader in ("first", "second")] for row in rows])
    kappa = lambda part: cohen_kappa_score(*part.T, weights="quadratic", labels=range(4))  # noqa: E731
    random_source = np.random.default_rng(1)
    samples = [kappa(levels[random_source.integers(0, len(levels), len(levels))]) for _ in range(RESAMPLES)]
    low, high = np.quantile(samples, [0.025, 0.975])
    print(f"urgency, n={len(rows)}: same level {(levels[:, 0] == levels[:, 1]).mean():.3f}, ", end="")
    print(f"quadratic kappa {kappa(levels):.3f} [{low:.3f}, {high:.3f}]")
    immediate = levels[:, 0] == 0
    print(f"immediate put at soon or routine by the second reader: {(levels[immediate, 1] >= 2).sum()} of {immediate.sum()}")
    for field, names in (("categories", CATEGORIES), ("signals", SIGNALS)):
        one, other = (np.array([[name in row[reader][field] for name in names] for row in rows]) for reader in ("first", "second"))
        print(f"{field}: macro-F1 {f1_score(one, other, average='macro', zero_division=0):.3f}")


if __name__ == "__main__":
    main()
