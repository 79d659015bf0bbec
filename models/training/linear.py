"""The linear model: fitting, choosing rows, 8-bit weights, and the file that `src/model/linear.ts` reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from scipy.optimize import minimize

MAGIC, VERSION = 0x4C534145, 1
# As in src/model/linear.ts.
SPREAD = 0x9E3779B1
# Typical p(1 - p) of a label.
CURVATURE = 0.1


def fit(
    matrix: sparse.csr_matrix,
    targets: np.ndarray,
    softmax_columns: int,
    strength: float,
    iterations: int,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Multinomial logistic regression on the first columns, independent ones on the rest, with an L2 penalty.

    Minimises `strength * loss + squared norm / 2` with L-BFGS from zero (or `start`); convex, so that no seed matters.
    The last row of the result holds the biases, which are not penalised.
    """
    rows, width = matrix.shape
    columns = targets.shape[1]
    transposed = matrix.T.tocsr()
    targets = targets.astype(np.float32)
    # Steps are taken in units of each weight's own curvature, roughly, or frequent features would hold up all others.
    squares = np.asarray(matrix.multiply(matrix).sum(0)).ravel()
    units = 1 / np.sqrt(1 + strength * CURVATURE * np.append(squares, rows))
    units = units.astype(np.float32)[:, None]

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(width + 1, columns).astype(np.float32) * units
        logits = matrix @ weights[:-1] + weights[-1]
        probabilities = np.empty_like(logits)
        loss = 0.0
        if softmax_columns:
            part = logits[:, :softmax_columns]
            highest = part.max(1, keepdims=True)
            powers = np.exp(part - highest)
            sums = powers.sum(1, keepdims=True)
            probabilities[:, :softmax_columns] = powers / sums
            loss += float((np.log(sums) + highest).sum() - (part * targets[:, :softmax_columns]).sum())
        part = logits[:, softmax_columns:]
        probabilities[:, softmax_columns:] = 1 / (1 + np.exp(-part))
        loss += float((np.logaddexp(0, part) - part * targets[:, softmax_columns:]).sum())
        errors = probabilities - targets
        gradient = np.empty((width + 1, columns), np.float32)
        gradient[:-1] = strength * (transposed @ errors) + weights[:-1]
        gradient[-1] = strength * errors.sum(0)
        value = strength * loss + 0.5 * float((weights[:-1] ** 2).sum())
        return value, (gradient * units).ravel().astype(np.float64)

    initial = np.zeros((width + 1, columns)) if start is None else start / units
    result = minimize(
        objective, initial.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": iterations, "maxcor": 5}
    )
    return result.x.reshape(width + 1, columns).astype(np.float32) * units


def importance(matrix: sparse.csr_matrix, weights: np.ndarray) -> np.ndarray:
    """How much a feature moves the logits over the training texts: root of its summed squares times its squared row."""
    squares = np.asarray(matrix.multiply(matrix).sum(0)).ravel()
    return np.sqrt(squares * (weights**2).sum(1))


def quantise(weights: np.ndarray, families: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """8-bit weights and the scale of each family and column, by the column's largest weight.

    Cutting the largest weights off instead costs recall: the strongest words are the rare ones that matter.
    """
    scales = np.zeros((count, weights.shape[1]), np.float32)
    integers = np.zeros(weights.shape, np.int8)
    for family in range(count):
        own = families == family
        if not own.any():
            continue
        scales[family] = np.maximum(np.abs(weights[own]).max(0), 1e-12) / 127
        integers[own] = np.round(weights[own] / scales[family])
    return integers, scales


def write_model(
    path: Path,
    hashes: np.ndarray,
    integers: np.ndarray,
    scales: np.ndarray,
    bin_weights: np.ndarray,
    biases: np.ndarray,
    slot_bits: int,
    row_bits: int,
) -> None:
    """Writes the file; rows are placed in slots by open addressing, in the order of their hashes."""
    slots = np.zeros(1 << slot_bits, np.uint32)
    last = len(slots) - 1
    for row, value in enumerate(hashes.tolist()):
        slot = (value * SPREAD & 0xFFFFFFFF) >> (32 - slot_bits)
        while slots[slot] != 0:
            slot = 0 if slot == last else slot + 1
        slots[slot] = ((value << row_bits) & 0xFFFFFFFF) | (row + 1)
    header = np.array(
        [MAGIC, VERSION, integers.shape[1], len(integers), len(bin_weights), len(scales), slot_bits, row_bits],
        np.uint32,
    )
    with path.open("wb") as file:
        for part in (header, scales, bin_weights, biases):
            file.write(np.ascontiguousarray(part, part.dtype if part.dtype == np.uint32 else np.float32).tobytes())
        file.write(slots.tobytes())
        file.write(np.ascontiguousarray(integers).tobytes())
