"""Pooling and calibration of heads, and thresholds, from predictions on texts that were not trained on."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.optimize import minimize

LEVELS = 4
# Somebody in danger who is overlooked counts for more than order among the others.
OVERLOOKED_WEIGHT = 2


def head_logits(logits: np.ndarray) -> np.ndarray:
    """As `writeHeadLogits` in src/model/heads.ts: cumulative levels, then the other columns."""

    def log_sum(part: np.ndarray) -> np.ndarray:
        highest = part.max(1)
        return highest + np.log(np.exp(part - highest[:, None]).sum(1))

    cumulative = [log_sum(logits[:, : k + 1]) - log_sum(logits[:, k + 1 : LEVELS]) for k in range(LEVELS - 1)]
    return np.column_stack([*cumulative, logits[:, LEVELS:]])


def head_targets(targets: np.ndarray) -> np.ndarray:
    return np.column_stack([targets[:, : k + 1].sum(1) for k in range(LEVELS - 1)] + [targets[:, LEVELS:]])


def fit_logistic(inputs: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Slopes (not negative) and offset of a logistic regression with a weak pull towards the identity."""
    width = inputs.shape[1]
    prior = np.append(np.full(width, 1 / width), 0.0)

    def objective(values: np.ndarray) -> tuple[float, np.ndarray]:
        logits = inputs @ values[:-1] + values[-1]
        loss = weights @ (np.logaddexp(0, logits) - logits * target)
        error = weights * (1 / (1 + np.exp(-logits)) - target)
        pull = values - prior
        pull[-1] = 0
        return loss + 2 * (pull**2).sum(), np.append(inputs.T @ error, error.sum()) + 4 * pull

    bounds = [(0, None)] * width + [(None, None)]
    return minimize(objective, prior, jac=True, bounds=bounds, method="L-BFGS-B").x


def fit_calibration(
    whole: np.ndarray, window: np.ndarray, windows: np.ndarray, targets: np.ndarray, weights: np.ndarray
) -> list[dict]:
    """One entry per head, as `HeadCalibration` in src/model/manifest.ts. `weights` is how much each text counts."""
    short, long = windows == 0, windows > 0
    entries = []
    for head in range(whole.shape[1]):
        target = targets[:, head] > 0.5
        slope, offset = fit_logistic(whole[short][:, [head]], target[short], weights[short])
        pair = np.column_stack([whole[long][:, head], window[long][:, head]])
        a, b, c = fit_logistic(pair, target[long], weights[long])
        entries.append(
            {
                "short": {"whole": round(slope, 6), "window": 0, "offset": round(offset, 6)},
                "long": {"whole": round(a, 6), "window": round(b, 6), "offset": round(c, 6)},
            }
        )
    return entries


def apply_calibration(
    entries: list[dict], whole: np.ndarray, window: np.ndarray, windows: np.ndarray
) -> np.ndarray:
    logits = np.empty_like(whole)
    for head, entry in enumerate(entries):
        short, long = entry["short"], entry["long"]
        logits[:, head] = np.where(
            windows == 0,
            short["whole"] * whole[:, head] + short["offset"],
            long["whole"] * whole[:, head] + long["window"] * window[:, head] + long["offset"],
        )
    probabilities = 1 / (1 + np.exp(-logits))
    probabilities[:, :3] = np.maximum.accumulate(probabilities[:, :3], axis=1)
    return probabilities


def urgency_thresholds(probabilities: np.ndarray, level: np.ndarray, false_alarms: float) -> dict[str, float]:
    """Thresholds as `UrgencyThresholds` in src/policy/schema.ts, from a grid.

    Of those that put at most a share `false_alarms` of the routine texts at urgent or above, the ones with the best
    quadratic kappa less OVERLOOKED_WEIGHT times the share of immediate texts that are overlooked.
    """
    from sklearn.metrics import cohen_kappa_score

    best: tuple[float, dict[str, float]] = (-np.inf, {})
    least_false_alarms = 1.0
    grid = itertools.product(
        (0.3, 0.35, 0.4, 0.45, 0.5, 0.55), (0.6, 0.65, 0.7, 0.75, 0.8, 0.85), (0.36, 0.4, 0.44, 0.48),
        (0.05, 0.1, 0.15, 0.2), (0.7, 1.0, 1.4, 2.0, 3.0, 4.0, 6.0),
    )  # fmt: skip
    for values in grid:
        thresholds = dict(zip(("immediate", "urgent", "soon", "doubt", "doubtRatio"), values))
        decided = decide(probabilities, thresholds)
        share = float((decided[level == 3] <= 1).mean())
        least_false_alarms = min(least_false_alarms, share)
        if share > false_alarms:
            continue
        overlooked = (decided[level == 0] >= 2).mean()
        value = cohen_kappa_score(level, decided, weights="quadratic") - OVERLOOKED_WEIGHT * overlooked
        if value > best[0]:
            best = (value, thresholds)
    if not best[1]:
        raise ValueError(f"no thresholds with so few false alarms; the least were {least_false_alarms:.3f}")
    return best[1]


def decide(probabilities: np.ndarray, thresholds: dict[str, float]) -> np.ndarray:
    """As `levelOf` in src/policy/priority.ts."""
    immediate, urgent, soon = probabilities[:, 0], probabilities[:, 1], probabilities[:, 2]
    doubt = (immediate >= thresholds["doubt"]) & (immediate >= thresholds["doubtRatio"] * (1 - soon))
    conditions = [
        immediate >= thresholds["immediate"],
        (urgent >= thresholds["urgent"]) | doubt,
        soon >= thresholds["soon"],
    ]
    return np.select(conditions, [0, 1, 2], 3)


def label_threshold(probabilities: np.ndarray, target: np.ndarray) -> float:
    """Where F1 is highest."""
    order = np.argsort(-probabilities)
    hits = np.cumsum(target[order])
    scores = 2 * hits / (np.arange(len(order)) + 1 + target.sum())
    return round(float(np.clip(probabilities[order][int(scores.argmax())], 0.05, 0.9)), 3)
