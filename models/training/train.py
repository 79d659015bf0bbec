"""Trains the linear model of the pack `base` (build_pack.sh runs all steps).

    python models/training/train.py DATA_FOLDER [--without FILE]

Writes linear.bin, linear.json (calibration, thresholds, counts) and held-out.npz (logits of each text by weights that
were fitted without it) to models/training/build, or to its folder `without-FILE` when an authored file is left out to see how far the model carries over to another author.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from calibration import apply_calibration, fit_calibration, head_logits, head_targets, label_threshold, urgency_thresholds
from everyday import read_everyday
from features import BINS, BINS_ON, FAMILIES, Features, export_features
from linear import fit, importance, quantise, write_model
from texts import CATEGORIES, SIGNALS, URGENCIES, Text, bury, read_texts

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"

SEED = 11
# More than this makes long harmless messages look dangerous. The calibration of long messages needs more of them.
BURIED_SHARE, CALIBRATION_SHARE = 0.05, 0.1
# How much a buried copy counts in that calibration beside a long message as it was written.
BURIED_WEIGHT = 0.4
# Weights of n-grams, pairs with a gap, words and neighbours, and count bins, found on the development split.
FAMILY_WEIGHTS = (1.0, 3.0, 5.0)
BIN_WEIGHT = 0.1
STRENGTH = 20.0
ITERATIONS = 60
FOLDS = 3
MINIMUM_TEXTS = 2
# Features that are fitted, chosen by how far one gradient step from zero would take them; and those that are shipped.
CANDIDATES = 260_000
ROWS = 130_000
SLOT_BITS, ROW_BITS = 18, 18
BLOCKS_PER_WINDOW = 2
COLUMNS = 40
# Share of routine texts that may stand at urgent or above, on texts not trained on.
FALSE_ALARMS = 0.1


class Problem:
    """Texts as a matrix: a row a text, a column a feature (of those in at least MINIMUM_TEXTS training texts) or bin."""

    def __init__(self, texts: list[Text], features: Features) -> None:
        self.texts, self.features = texts, features
        self.train = np.array([not text.only_calibrates for text in texts])
        counts = features.sum_by_text()
        frequency = np.bincount(counts[self.train].indices, minlength=counts.shape[1])
        self.kept = np.where(frequency >= MINIMUM_TEXTS)[0]
        families = features.families[self.kept]
        # Inverse document frequency, so that the penalty lets rare words weigh more; it is folded into the weights.
        rarity = np.log((1 + self.train.sum()) / (1 + frequency[self.kept])) + 1
        counts = counts[:, self.kept].tocsr()
        self.factors = np.empty(len(self.kept), np.float32)
        for family in range(FAMILIES):
            own = families == family
            self.factors[own] = FAMILY_WEIGHTS[family] * rarity[own] / rarity[counts.indices[own[counts.indices]]].mean()
        self.scaling = sparse.diags(self.factors)
        self.text_counts = np.maximum(features.text_counts(), 1)
        norms = sparse.diags((1 / np.sqrt(self.text_counts)).astype(np.float32))
        self.bins = self._bin_matrix()
        self.targets = self._targets()
        matrix = (norms @ counts @ self.scaling).tocsr()
        errors = self.targets - self.targets[self.train].mean(0)
        steps = matrix[self.train].T @ errors[self.train]
        candidates = np.sort(np.argsort(-(steps**2).sum(1), kind="stable")[:CANDIDATES])
        self.kept, self.factors = self.kept[candidates], self.factors[candidates]
        self.scaling = sparse.diags(self.factors)
        self.matrix = sparse.hstack([matrix[:, candidates], self.bins], format="csr", dtype=np.float32)

    def _bin_matrix(self) -> sparse.csr_matrix:
        bins = self.features.bins
        pointers = np.arange(0, bins.size + 1, BINS_ON)
        return sparse.csr_matrix(
            (np.full(bins.size, BIN_WEIGHT, np.float32), bins.ravel(), pointers), shape=(len(bins), BINS)
        )

    def _targets(self) -> np.ndarray:
        targets = np.zeros((len(self.texts), len(URGENCIES) + len(CATEGORIES) + len(SIGNALS)), np.float32)
        for row, text in enumerate(self.texts):
            targets[row, URGENCIES.index(text.urgency)] = 1
            for category in text.categories:
                targets[row, len(URGENCIES) + CATEGORIES.index(category)] = 1
            for signal in text.signals:
                targets[row, len(URGENCIES) + len(CATEGORIES) + SIGNALS.index(signal)] = 1
        return targets

    def head_logits(self, rows: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Head logits of the whole texts, the highest of any window, and the number of windows."""
        features = self.features
        whole = head_logits(self.matrix[rows] @ weights[:-1] + weights[-1])
        window = np.full_like(whole, -np.inf)
        windows = np.zeros(len(rows), int)
        position = np.full(len(self.texts), -1)
        position[rows] = np.arange(len(rows))
        blocks = np.where(position[features.text_of_block] >= 0)[0]
        sums = (features.blocks[blocks][:, self.kept] @ self.scaling) @ weights[: len(self.kept)]
        owner, counts = features.text_of_block[blocks], features.block_counts[blocks]
        for i in range(BLOCKS_PER_WINDOW - 1, len(blocks)):
            first = i - BLOCKS_PER_WINDOW + 1
            if owner[first] != owner[i]:
                continue
            norm = 1 / np.sqrt(max(1, counts[first : i + 1].sum()))
            logits = sums[first : i + 1].sum(0) * norm + weights[-1]
            row = position[owner[i]]
            window[row] = np.maximum(window[row], head_logits(logits[None])[0])
            windows[row] += 1
        # A text of one window is its own window.
        windows[windows == 1] = 0
        return whole, np.where(np.isfinite(window), window, whole), windows


def fit_heads(matrix: sparse.csr_matrix, targets: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """Levels and other labels apart: one search for all of them converges for none."""
    levels = len(URGENCIES)
    parts = ((slice(None, levels), levels), (slice(levels, None), 0))
    return np.hstack(
        [
            fit(matrix, targets[:, part], softmax, STRENGTH, ITERATIONS, None if start is None else start[:, part])
            for part, softmax in parts
        ]
    )


def fit_fold(problem: Problem, fold: int) -> tuple[np.ndarray, tuple]:
    only_trains = np.array([text.only_trains for text in problem.texts])
    of_fold = np.array([text.fold(FOLDS) == fold for text in problem.texts]) & ~only_trains
    rows = np.where(problem.train & ~of_fold)[0]
    weights = fit_heads(problem.matrix[rows], problem.targets[rows])
    held_out = np.where(of_fold)[0]
    return held_out, problem.head_logits(held_out, weights)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--without")
    options = parser.parse_args()
    without = options.without
    output = BUILD if without is None else BUILD / f"without-{without}"
    output.mkdir(parents=True, exist_ok=True)
    originals = [text for text in read_texts(HERE / "data") if text.file != without]
    train = [text for text in originals if not text.is_development]
    buried = bury(train, BURIED_SHARE, SEED)
    everyday = read_everyday(options.data)
    texts = train + buried + bury(train, CALIBRATION_SHARE, SEED + 1, only_calibrates=True) + everyday
    print(f"{len(train)} texts to train, {len(buried)} of them again inside routine talk, {len(everyday)} of everyday talk", flush=True)
    problem = Problem(texts, export_features([text.text for text in texts]))
    print(f"{problem.matrix.shape[1]} features", flush=True)

    with ProcessPoolExecutor(2) as pool:
        folds = list(pool.map(fit_fold, [problem] * FOLDS, range(FOLDS)))
    rows = np.concatenate([held_out for held_out, _ in folds])
    whole, window, windows = (np.concatenate([result[part] for _, result in folds]) for part in range(3))
    np.savez(output / "held-out.npz", keys=[texts[row].key for row in rows], whole=whole, window=window, windows=windows)
    targets = head_targets(problem.targets[rows])
    natural = np.array([not problem.texts[row].buried for row in rows])
    calibration = fit_calibration(whole, window, windows, targets, np.where(natural, 1, BURIED_WEIGHT))
    probabilities = apply_calibration(calibration, whole, window, windows)
    level = problem.targets[rows, : len(URGENCIES)].argmax(1)
    thresholds = urgency_thresholds(probabilities[natural], level[natural], FALSE_ALARMS)
    labels = [
        label_threshold(probabilities[natural, head], targets[natural, head]) for head in range(3, targets.shape[1])
    ]
    print(f"thresholds {thresholds}", flush=True)

    matrix, targets = problem.matrix[problem.train], problem.targets[problem.train]
    weights = fit_heads(matrix, targets)
    columns = len(problem.kept)
    chosen = np.sort(np.argsort(-importance(matrix[:, :columns], weights[:columns]), kind="stable")[:ROWS])
    chosen_all = np.concatenate([chosen, np.arange(columns, columns + BINS)])
    weights = fit_heads(matrix[:, chosen_all].tocsr(), targets, weights[np.append(chosen_all, columns + BINS)])

    def padded(values: np.ndarray) -> np.ndarray:
        return np.pad(values, ((0, 0), (0, COLUMNS - values.shape[1])))

    folded = padded(weights[: len(chosen)]) * problem.factors[chosen][:, None]
    hashes = problem.features.hashes[problem.kept[chosen]]
    integers, scales = quantise(folded, problem.features.families[problem.kept[chosen]], FAMILIES)
    bin_weights = padded(weights[len(chosen) : -1]) * BIN_WEIGHT
    biases = padded(weights[-1:])[0]
    write_model(output / "linear.bin", hashes, integers, scales, bin_weights, biases, SLOT_BITS, ROW_BITS)
    summary = {
        "calibration": calibration,
        "thresholds": {
            "urgency": thresholds,
            "categories": dict(zip(CATEGORIES, labels)),
            "signals": dict(zip(SIGNALS, labels[len(CATEGORIES) :])),
        },
        "everyday": len(everyday),
        "texts": {language: sum(text.language == language for text in train) for language in sorted({t.language for t in train})},
    }
    (output / "linear.json").write_text(json.dumps(summary))


if __name__ == "__main__":
    main()
