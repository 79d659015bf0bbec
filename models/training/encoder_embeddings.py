"""First values of the encoder's table of pieces: the leading directions of which pieces stand near which.

    python models/training/encoder_embeddings.py

Positive pointwise mutual information of neighbours, factored by a randomised singular value decomposition (Levy and
Goldberg, "Neural word embedding as implicit matrix factorization", 2014). Half a minute of it is worth more than
millions of pieces of pre-training from random values (../README.md). Writes embeddings.npy.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from encoder_net import WIDTH
from encoder_windows import SEPARATOR, VOCABULARY
from sklearn.utils.extmath import randomized_svd

OUTPUT = Path(__file__).resolve().parent / "build" / "encoder"

SEED = 1
REACH = 4
# Rare neighbours count for more than their share, or they would drown in noise.
SMOOTHING = 0.75
PART = 4_000_000
PARTS = 5


def main() -> None:
    tokens = np.fromfile(OUTPUT / "tokens.bin", np.uint16)
    counts = sparse.csr_matrix((VOCABULARY, VOCABULARY), dtype=np.float32)
    starts = np.linspace(0, len(tokens) - PART, PARTS).astype(int)
    for start in starts:
        part = tokens[start : start + PART].astype(np.int32)
        text = np.cumsum(part == SEPARATOR)
        for distance in range(1, REACH + 1):
            same = (text[distance:] == text[:-distance]) & (part[:-distance] != SEPARATOR)
            left, right = part[:-distance][same], part[distance:][same]
            weights = np.full(len(left), 1 / distance, np.float32)
            counts += sparse.csr_matrix((weights, (left, right)), shape=counts.shape)
    counts = (counts + counts.T).tocoo()
    totals = np.bincount(counts.row, counts.data, VOCABULARY)
    smoothed = totals**SMOOTHING / (totals**SMOOTHING).sum()
    information = np.log(counts.data / totals[counts.row] / smoothed[counts.col])
    positive = information > 0
    matrix = sparse.csr_matrix(
        (information[positive].astype(np.float32), (counts.row[positive], counts.col[positive])), shape=counts.shape
    )
    left, values, _ = randomized_svd(matrix, WIDTH, n_iter=3, random_state=SEED)
    table = left * np.sqrt(values)
    table /= table.std() + 1e-9
    np.save(OUTPUT / "embeddings.npy", table.astype(np.float32))
    print(f"{matrix.nnz} pairs of pieces")


if __name__ == "__main__":
    main()
