"""Lists texts to look at again: where both models are sure of another level than the label, and where they disagree.

    python models/training/errors.py [--top 40] [--file en-a]

Training texts only, each judged by models that were trained without it (held-out.npz of train.py and
encoder_finetune.py): who writes training texts should not read development lines. The first kind are wrong labels or hard texts; the second say what to write more of. What is mended goes into data/*.jsonl.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from encoder_combine import HeldOut, apply, fit, levels_of
from texts import URGENCIES, read_texts
from train import BUILD

HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--top", type=int, default=40)
    parser.add_argument("--file")
    options = parser.parse_args()
    texts = {text.key: text for text in read_texts(HERE / "data")}
    held_out = HeldOut(BUILD / "held-out.npz", BUILD / "encoder" / "held-out-0.npz")
    rows = np.array([key in texts and options.file in (None, texts[key].file) for key in held_out.keys])
    both = apply(fit(held_out, held_out.natural), held_out)
    given = levels_of(both)
    shares = np.diff(np.column_stack([np.zeros(len(both)), both[:, :3], np.ones(len(both))]))
    distance = np.abs(given - held_out.level)
    sure = shares[np.arange(len(given)), given] - shares[np.arange(len(given)), held_out.level]

    def show(title: str, order: np.ndarray) -> None:
        print(f"\n{title}")
        for row in order[: options.top]:
            text = texts[held_out.keys[row]]
            levels = f"{text.urgency} -> {URGENCIES[given[row]]} {shares[row].max():.2f}"
            print(f"{text.file}:{text.line + 1} {levels} {','.join(text.categories) or '-'}: {text.text!r}")

    wrong = np.where(rows & (distance > 0))[0]
    show("Sure of another level", wrong[np.argsort(-(sure * distance)[wrong], kind="stable")])
    first, second = held_out.linear[0][:, 1], held_out.encoder[0][:, 1]
    first, second = ((part - part[rows].mean()) / part[rows].std() for part in (first, second))
    apart = np.abs(first - second)
    chosen = np.where(rows)[0]
    show("The two models disagree on urgent or graver", chosen[np.argsort(-apart[chosen], kind="stable")])
    print("\nShare given another level, by file:")
    for file in sorted({texts[held_out.keys[row]].file for row in np.where(rows)[0]}):
        own = np.array([row for row in np.where(rows)[0] if texts[held_out.keys[row]].file == file])
        overlooked = held_out.level[own] == 0
        print(
            f"  {file:<6} n={len(own)} other level {(distance[own] > 0).mean():.2f}, immediate overlooked "
            f"{(given[own][overlooked] >= 2).mean():.2f} of {overlooked.sum()}"
        )


if __name__ == "__main__":
    main()
