"""Joins the encoder with the linear model: one logistic regression per head over the logits of both.

    python models/training/encoder_combine.py [--without FILE] [--seeds 0]

Reads held-out.npz of both, so that neither has seen a text that it speaks of; writes encoder.json (calibration,
thresholds) beside encoder.onnx. Prints what each brings, and what it costs to run the encoder on fewer messages.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from calibration import apply_calibration, decide, fit_calibration, fit_logistic, head_targets, label_threshold, urgency_thresholds
from measure import recall_at
from sklearn.metrics import cohen_kappa_score, roc_auc_score
from texts import CATEGORIES, SIGNALS
from train import BUILD, BURIED_WEIGHT, FALSE_ALARMS, FOLDS

NAMES = ("whole", "window", "encoder", "encoderWindow")
RESAMPLES = 300
# Bounds of p(soon or graver) and p(immediate) between which the encoder runs, for the curve.
BANDS = [(0.0, 1.0), (0.02, 1.0), (0.05, 1.0), (0.05, 0.95), (0.1, 0.95), (0.1, 0.9), (0.15, 0.9), (0.2, 0.9), (0.3, 0.8), (0.5, 0.7)]


class HeldOut:
    """Texts that both models were measured on, in the same order."""

    def __init__(self, linear: Path, encoder: Path) -> None:
        first, second = np.load(linear), np.load(encoder)
        place = {key: row for row, key in enumerate(second["keys"])}
        rows = np.array([place[key] for key in first["keys"]])
        self.keys = first["keys"]
        self.linear = (first["whole"], first["window"], first["windows"])
        self.encoder = (second["whole"][rows], second["highest"][rows])
        self.targets = second["targets"][rows]
        self.heads = head_targets(self.targets)
        self.level = self.targets[:, :4].argmax(1)
        parts = [key.split(":") for key in self.keys]
        self.natural = np.array([part[2] == "0" for part in parts])
        self.english = np.array([part[0].startswith("en") for part in parts])
        self.block = np.array([f"{part[0]}:{int(part[1]) // 60}" for part in parts])

    def inputs(self, head: int) -> np.ndarray:
        whole, window, _ = self.linear
        return np.column_stack([part[:, head] for part in (whole, window, *self.encoder)])


def fit(held_out: HeldOut, rows: np.ndarray) -> list[dict]:
    """One entry per head, as `EncoderCalibration` in src/model/manifest.ts."""
    weights = np.where(held_out.natural, 1, BURIED_WEIGHT)
    long = held_out.linear[2] > 0
    entries = []
    for head in range(held_out.heads.shape[1]):
        inputs, target = held_out.inputs(head), held_out.heads[:, head] > 0.5
        entry = {}
        for name, part in (("short", rows & ~long), ("long", rows & long)):
            # A short message is its own window.
            used = [0, 2] if name == "short" else [0, 1, 2, 3]
            values = fit_logistic(inputs[part][:, used], target[part], weights[part])
            slopes = np.zeros(len(NAMES))
            slopes[used] = values[:-1]
            entry[name] = {key: round(float(slope), 6) for key, slope in zip(NAMES, slopes)} | {"offset": round(float(values[-1]), 6)}
        entries.append(entry)
    return entries


def apply(entries: list[dict], held_out: HeldOut) -> np.ndarray:
    long = held_out.linear[2] > 0
    logits = np.empty(held_out.heads.shape)
    for head, entry in enumerate(entries):
        inputs = held_out.inputs(head)
        values = [inputs @ [entry[kind][name] for name in NAMES] + entry[kind]["offset"] for kind in ("short", "long")]
        logits[:, head] = np.where(long, values[1], values[0])
    probabilities = 1 / (1 + np.exp(-logits))
    probabilities[:, :3] = np.maximum.accumulate(probabilities[:, :3], axis=1)
    return probabilities


def cross_fitted(held_out: HeldOut) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of the linear model and of both, each text by a calibration that was fitted without its fold."""
    blocks, place = np.unique(held_out.block, return_inverse=True)
    fold = np.random.default_rng(3).integers(0, FOLDS, len(blocks))[place]
    weights = np.where(held_out.natural, 1, BURIED_WEIGHT)
    alone, both = np.empty(held_out.heads.shape), np.empty(held_out.heads.shape)
    for k in range(FOLDS):
        train = fold != k
        linear = fit_calibration(*(part[train] for part in held_out.linear), held_out.heads[train], weights[train])
        alone[~train] = apply_calibration(linear, *held_out.linear)[~train]
        both[~train] = apply(fit(held_out, train), held_out)[~train]
    return alone, both


def levels_of(probabilities: np.ndarray) -> np.ndarray:
    return np.diff(np.column_stack([np.zeros(len(probabilities)), probabilities[:, :3], np.ones(len(probabilities))])).argmax(1)


def summary(level: np.ndarray, probabilities: np.ndarray, decided: np.ndarray) -> str:
    return (
        f"kappa {cohen_kappa_score(level, levels_of(probabilities), weights='quadratic'):.3f} "
        f"(policy {cohen_kappa_score(level, decided, weights='quadratic'):.3f}), "
        f"AUROC {roc_auc_score(level == 0, probabilities[:, 0]):.3f}, "
        f"recall at 5% {recall_at(probabilities[:, 0], level == 0, 0.05):.3f}, "
        f"overlooked {(decided[level == 0] >= 2).mean():.3f}, false alarms {(decided[level == 3] <= 1).mean():.3f}"
    )


def gain(held_out: HeldOut, rows: np.ndarray, alone: np.ndarray, both: np.ndarray) -> str:
    """Difference in kappa with its 95% interval, from resampling blocks of lines, because neighbours are twins."""
    blocks, place = np.unique(held_out.block[rows], return_inverse=True)
    members = [np.where(place == block)[0] for block in range(len(blocks))]
    level, first, second = held_out.level[rows], levels_of(alone[rows]), levels_of(both[rows])
    random_source = np.random.default_rng(5)
    differences = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([members[i] for i in random_source.integers(0, len(members), len(members))])
        kappas = [cohen_kappa_score(level[chosen], given[chosen], weights="quadratic") for given in (first, second)]
        differences.append(kappas[1] - kappas[0])
    low, high = np.quantile(differences, [0.025, 0.975])
    return f"gain {np.mean(differences):.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--without")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    name = "" if options.without is None else f"without-{options.without}"
    held_out = HeldOut(BUILD / name / "held-out.npz", BUILD / "encoder" / name / f"held-out-{options.seed}.npz")
    alone, both = cross_fitted(held_out)
    natural = held_out.natural
    thresholds = {"alone": None, "both": None}
    for kind, probabilities in (("alone", alone), ("both", both)):
        thresholds[kind] = urgency_thresholds(probabilities[natural], held_out.level[natural], FALSE_ALARMS)
    for title, rows in (
        ("English", natural & held_out.english), ("other languages", natural & ~held_out.english), ("buried copies", ~natural)
    ):
        print(f"\n{title}, n={rows.sum()}")
        for kind, probabilities in (("alone", alone), ("both", both)):
            decided = decide(probabilities[rows], thresholds[kind])
            print(f"  linear {kind:<6} {summary(held_out.level[rows], probabilities[rows], decided)}")
        print(f"  {gain(held_out, rows, alone, both)}")
    print("\nencoder run only where p(soon or graver) and p(immediate) of the linear model lie between bounds:")
    for low, high in BANDS:
        runs = (alone[:, 2] >= low) & (alone[:, 0] <= high)
        mixed = np.where(runs[:, None], both, alone)
        decided = decide(mixed[natural], thresholds["both"])
        print(f"  {low:.2f} {high:.2f}: runs on {runs[natural].mean():.2f} {summary(held_out.level[natural], mixed[natural], decided)}")
    labels = [label_threshold(both[natural, head], held_out.heads[natural, head]) for head in range(3, held_out.heads.shape[1])]
    result = {
        "calibration": fit(held_out, np.ones(len(held_out.keys), bool)),
        "thresholds": {
            "urgency": thresholds["both"],
            "categories": dict(zip(CATEGORIES, labels)),
            "signals": dict(zip(SIGNALS, labels[len(CATEGORIES) :])),
        },
    }
    (BUILD / "encoder" / name / "encoder.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
