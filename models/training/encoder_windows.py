"""How the encoder reads a message, as `createEncoder` in src/model/encoder.ts does: pieces and windows."""

from __future__ import annotations

import numpy as np

VOCABULARY = 16_384
PADDING, START, MASK, SEPARATOR = range(4)
# Pieces of a row, the start among them; windows of a message overlap by half.
LENGTH = 128
WINDOW, STRIDE = LENGTH - 1, 64
MAXIMUM_WINDOWS = 8


def windows_of(pieces: np.ndarray) -> list[np.ndarray]:
    """The windows of a text: one every stride, and the last one ends with the text."""
    last = max(0, len(pieces) - WINDOW)
    starts = [*range(0, last, STRIDE), last][:MAXIMUM_WINDOWS]
    return [np.concatenate([[START], pieces[start : start + WINDOW]]) for start in starts]
