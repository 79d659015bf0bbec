"""Figures of a set of predictions, each with a 95% interval from resampling texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, roc_auc_score

RESAMPLES = 400


@dataclass
class Predictions:
    """`cumulative`: p(immediate), p(urgent or graver), p(soon or graver); `level` as decided; labels as 0 and 1."""

    true_level: np.ndarray
    level: np.ndarray
    cumulative: np.ndarray
    true_categories: np.ndarray
    categories: np.ndarray

    def rows(self, chosen: np.ndarray) -> Predictions:
        return Predictions(*(value[chosen] for value in self.__dict__.values()))


def recall_at(score: np.ndarray, positive: np.ndarray, false_alarms: float) -> float:
    if not positive.any() or positive.all():
        return np.nan
    return float((score[positive] > np.quantile(score[~positive], 1 - false_alarms)).mean())


def calibration_error(probability: np.ndarray, happened: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: mean distance of probability and frequency over ten bins of equal width."""
    place = np.minimum((probability * bins).astype(int), bins - 1)
    parts = [place == k for k in range(bins)]
    return float(sum(abs(probability[p].mean() - happened[p].mean()) * p.mean() for p in parts if p.any()))


def figures(p: Predictions) -> dict[str, float]:
    immediate, routine = p.true_level == 0, p.true_level == 3
    mean = lambda values: float(values.mean()) if len(values) else np.nan  # noqa: E731
    present = p.true_categories.any(0)
    return {
        "accuracy": accuracy_score(p.true_level, p.level),
        "macro-F1": f1_score(p.true_level, p.level, labels=range(4), average="macro", zero_division=0),
        "kappa": cohen_kappa_score(p.true_level, p.level, weights="quadratic", labels=range(4)),
        "AUROC immediate": roc_auc_score(immediate, p.cumulative[:, 0]) if 0 < immediate.sum() < len(immediate) else np.nan,
        "recall at 1%": recall_at(p.cumulative[:, 0], immediate, 0.01),
        "recall at 5%": recall_at(p.cumulative[:, 0], immediate, 0.05),
        "overlooked": mean(p.level[immediate] >= 2),
        "false alarms": mean(p.level[routine] <= 1),
        "category F1": f1_score(
            p.true_categories[:, present], p.categories[:, present], average="macro", zero_division=0
        ),
        "calibration error": calibration_error(p.cumulative[:, 1], p.true_level <= 1),
    }


def with_intervals(p: Predictions, seed: int = 1) -> dict[str, tuple[float, float, float]]:
    random_source = np.random.default_rng(seed)
    point = figures(p)
    count = len(p.level)
    with np.errstate(all="ignore"):
        samples = [figures(p.rows(random_source.integers(0, count, count))) for _ in range(RESAMPLES)]
    return {
        name: (value, *np.nanquantile([sample[name] for sample in samples], [0.025, 0.975]))
        for name, value in point.items()
    }
