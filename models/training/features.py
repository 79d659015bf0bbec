"""Feature matrices of texts, made by the TypeScript code that scores them later."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sparse

ROOT = Path(__file__).resolve().parents[2]
BINS, BINS_ON = 25, 7
FAMILIES = 3


@dataclass
class Features:
    """Counts per block of words: `blocks` has a row per block and a column per distinct feature hash."""

    hashes: np.ndarray
    blocks: sparse.csr_matrix
    text_of_block: np.ndarray
    block_counts: np.ndarray
    bins: np.ndarray
    words: np.ndarray

    @property
    def families(self) -> np.ndarray:
        return (self.hashes >= 1 << 31).astype(int) + (self.hashes >= 3 << 30).astype(int)

    def sum_by_text(self) -> sparse.csr_matrix:
        texts = len(self.words)
        membership = sparse.csr_matrix(
            (np.ones(len(self.text_of_block), np.float32), (self.text_of_block, np.arange(len(self.text_of_block)))),
            shape=(texts, len(self.text_of_block)),
        )
        return (membership @ self.blocks).tocsr()

    def text_counts(self) -> np.ndarray:
        return np.bincount(self.text_of_block, self.block_counts, len(self.words))


def export_features(texts: list[str]) -> Features:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "texts.jsonl"), Path(folder, "features.bin")
        with source.open("w", encoding="utf8") as file:
            for text in texts:
                file.write(json.dumps({"text": text}) + "\n")
        script = "models/training/export-features.ts"
        subprocess.run(["npx", "tsx", script, str(source), str(target)], cwd=ROOT, check=True)
        numbers = np.fromfile(target, np.uint32)
    words, bins, counts, owners, parts = [], [], [], [], []
    at = 0
    for index in range(len(texts)):
        words.append(numbers[at])
        bins.append(numbers[at + 1 : at + 1 + BINS_ON])
        block_count = int(numbers[at + 1 + BINS_ON])
        at += 2 + BINS_ON
        sizes = numbers[at : at + block_count]
        at += block_count
        size = int(sizes.sum())
        counts.extend(int(value) for value in sizes)
        owners.extend([index] * block_count)
        parts.append(numbers[at : at + size])
        at += size
    assert at == len(numbers)
    hashes, columns = np.unique(np.concatenate(parts), return_inverse=True)
    pointers = np.concatenate([[0], np.cumsum(counts)])
    blocks = sparse.csr_matrix(
        (np.ones(len(columns), np.float32), columns.astype(np.int32), pointers), shape=(len(counts), len(hashes))
    )
    blocks.sum_duplicates()
    return Features(hashes, blocks, np.array(owners), np.array(counts), np.array(bins), np.array(words))
