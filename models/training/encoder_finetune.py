"""Fine-tunes the pre-trained encoder: first on open labelled sets with a head each, then on the authored texts.

    python models/training/encoder_finetune.py DATA_FOLDER [--without FILE] [--seed 0]

Writes to models/training/build/encoder (or its folder `without-FILE`): open.pt after the first part, encoder.pt after
the second, and held-out.npz with the logits of every text by an encoder that was not trained on it (folds of train.py;
development texts by the encoder of all training texts), for encoder_combine.py.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from calibration import head_logits
from encoder_net import WIDTH, Encoder
from encoder_windows import MASK, PADDING, SEPARATOR, WINDOW, windows_of
from everyday import read_everyday
from texts import CATEGORIES, SIGNALS, URGENCIES, Text, bury, read_texts
from torch import Tensor, nn
from train import BURIED_SHARE, CALIBRATION_SHARE, FOLDS, SEED

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUTPUT = HERE / "build" / "encoder"

LABELS = len(URGENCIES) + len(CATEGORIES) + len(SIGNALS)
LABEL_WEIGHT = 8.0
BATCH = 48
OPEN_EPOCHS, EPOCHS = 1, 4
RATE, HEAD_RATE, WEIGHT_DECAY = 5e-4, 2e-3, 0.02
DROPOUT, HEAD_DROPOUT = 0.1, 0.2
# Share of pieces hidden in training, so that no single word carries a label.
HIDDEN_SHARE = 0.08
# Copies of each text with slips of the keyboard; in each epoch one in so many texts is read in such a form.
NOISY_COPIES, NOISY_SHARE = 2, 0.3
# Of the everyday texts one in so many is enough for a model that has read open text before.
EVERYDAY_EVERY = 3

# Open sets: file, field of the label (or none), and how many rows at most. Each distinct value is a class of its own.
OPEN_SETS = [
    ("raw-en-distress/goemotions", None, 12_000), ("raw-en-distress/sad", None, 6_000),
    ("raw-en-distress/cssrs_severity", None, 1_000), ("raw-en-distress/counselchat", None, 1_000),
    ("raw-en-distress/rmh_subreddits", None, 1_000), ("raw-en-distress/suicide_risk_lexicon", None, 4_000),
    ("raw-harm/davidson2017", None, 5_000), ("raw-harm/edos", "category", 7_000),
    ("raw-harm/hatemoji-build", "type", 3_000), ("raw-harm/guest-misogyny", "level_2", 3_000),
    ("raw-harm/stormfront", "label", 3_000), ("raw-multilingual/mlma-hate", "hostility", 6_000),
    ("raw-multilingual/germeval2018", "fine", 4_000), ("raw-multilingual/afrisenti", None, 4_000),
    ("raw-multilingual/nusax", None, 3_000), ("raw-multilingual/swsr-zh", "sexist", 3_000),
    ("raw-multilingual/cold-zh", "offensive", 3_000),
]  # fmt: skip

ABBREVIATIONS = {
    "you": "u", "are": "r", "your": "ur", "please": "pls", "because": "cuz", "people": "ppl", "tomorrow": "tmrw",
    "tonight": "2nite", "with": "w", "about": "abt", "know": "kno", "going to": "gonna", "want to": "wanna", "i am": "im",
    "do not": "dont", "thanks": "thx", "que": "q", "porque": "pq", "por que": "pq", "também": "tb", "vous": "vs",
}  # fmt: skip


class Classifier(nn.Module):
    """Logits of a text: the mean over its windows of a linear map of the start's state, the mean and the highest."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.encoder = Encoder(DROPOUT)
        self.dropout = nn.Dropout(HEAD_DROPOUT)
        self.head = nn.Linear(3 * WIDTH, outputs)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.training):
            states = self.encoder(ids)
        states = states.float()
        used = (ids != PADDING).unsqueeze(-1)
        mean = (states * used).sum(1) / used.sum(1)
        highest = states.masked_fill(~used, -1e4).amax(1)
        return self.head(self.dropout(torch.cat([states[:, 0], mean, highest], -1)))


def export_pieces(texts: list[str]) -> list[np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "texts.jsonl"), Path(folder, "pieces.bin")
        with source.open("w", encoding="utf8") as file:
            for text in texts:
                file.write(json.dumps({"text": text}) + "\n")
        command = ["npx", "tsx", "models/training/export-tokens.ts", str(OUTPUT / "vocabulary.bin"), str(source), str(target)]
        subprocess.run(command, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
        pieces = np.fromfile(target, np.uint16).astype(np.int64)
    parts = np.split(pieces, np.where(pieces == SEPARATOR)[0] + 1)[:-1]
    assert len(parts) == len(texts)
    return [part[:-1] for part in parts]


def noisy(text: str, random_source: random.Random) -> str:
    """The text with the slips and shortcuts of hurried typing."""
    for word, short in ABBREVIATIONS.items():
        if random_source.random() < 0.5:
            text = text.replace(f" {word} ", f" {short} ")
    if random_source.random() < 0.4:
        text = text.translate(str.maketrans("", "", ",.'’!?"))
    words = text.split(" ")
    for place, word in enumerate(words):
        if len(word) < 4 or random_source.random() > 0.12:
            continue
        at = random_source.randrange(1, len(word) - 1)
        slip = random_source.randrange(4)
        if slip == 0:
            word = word[:at] + word[at + 1 :]
        elif slip == 1:
            word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        elif slip == 2:
            word = word[: at + 1] + word[at:]
        else:
            word = word[0] + "".join(letter for letter in word[1:-1] if letter not in "aeiou") + word[-1]
        words[place] = word
    return " ".join(words)


def authored_targets(texts: list[Text]) -> np.ndarray:
    names = [*URGENCIES, *CATEGORIES, *SIGNALS]
    return np.array([[name == text.urgency or name in text.categories + text.signals for name in names] for text in texts], np.float32)


def authored_loss(logits: Tensor, targets: Tensor) -> Tensor:
    levels = len(URGENCIES)
    level_loss = functional.cross_entropy(logits[:, :levels], targets[:, :levels])
    return level_loss + LABEL_WEIGHT * functional.binary_cross_entropy_with_logits(logits[:, levels:], targets[:, levels:])


def batches(lengths: np.ndarray, random_source: np.random.Generator) -> list[np.ndarray]:
    """Texts of like length together, in a random order."""
    order = random_source.permutation(len(lengths))
    chunks = [order[at : at + 40 * BATCH] for at in range(0, len(order), 40 * BATCH)]
    parts = [
        chunk[np.argsort(lengths[chunk], kind="stable")][at : at + BATCH] for chunk in chunks for at in range(0, len(chunk), BATCH)
    ]
    return [parts[i] for i in random_source.permutation(len(parts))]


def forward(model: Classifier, pieces: list[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Logits of all windows, and the text that each is of."""
    windows = [(text, window) for text, own in enumerate(pieces) for window in windows_of(own)]
    ids = torch.full((len(windows), max(len(window) for _, window in windows)), PADDING)
    for row, (_, window) in enumerate(windows):
        ids[row, : len(window)] = torch.from_numpy(window)
    if model.training:
        hidden = (torch.rand(ids.shape) < HIDDEN_SHARE) & (ids > SEPARATOR)
        ids[hidden] = MASK
    return model(ids), torch.tensor([text for text, _ in windows])


def mean_by_text(logits: Tensor, owner: Tensor, count: int) -> Tensor:
    sums = torch.zeros(count, logits.shape[1]).index_add(0, owner, logits)
    return sums / torch.bincount(owner, minlength=count).unsqueeze(1)


def optimise(model: Classifier, lengths: np.ndarray, epochs: int, loss_of: object, seed: int, name: str) -> None:
    """AdamW with a short rise and a linear fall of the rate. `loss_of(rows, random_source)` is the loss of some texts."""
    random_source = np.random.default_rng(seed)
    head = list(model.head.parameters())
    body = list(model.encoder.parameters())
    optimizer = torch.optim.AdamW([{"params": body, "lr": RATE}, {"params": head, "lr": HEAD_RATE}], weight_decay=WEIGHT_DECAY)
    plan = [part for _ in range(epochs) for part in batches(lengths, random_source)]
    rise = max(1, len(plan) // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / rise, 1 - step / (len(plan) + 1)))
    model.train()
    mean, began = None, time.time()
    for step, rows in enumerate(plan):
        loss = loss_of(rows, random_source)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % 100 == 99:
            print(f"{name} {step + 1}/{len(plan)} loss {mean:.3f} {time.time() - began:.0f} s", flush=True)


def read_open_sets(data: Path) -> tuple[list[str], list[np.ndarray], int]:
    """Texts, for each its targets (NaN where a set says nothing), and the number of columns."""
    texts, places, columns = [], [], 0
    for name, field, most in OPEN_SETS:
        with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf8") as file:
            rows = [row for row in map(json.loads, file) if row["split"] == "train"][:most]

        def classes_of(row: dict) -> list[str]:
            label = row["label"]
            if field is not None:
                label = label[field]
            elif isinstance(label, dict):
                label = [f"{key}={value}" for key, value in sorted(label.items()) if not isinstance(value, (list, float))]
            return [str(value) for value in (label if isinstance(label, list) else [label])]

        classes = sorted({value for row in rows for value in classes_of(row)})[:60]
        for row in rows:
            texts.append(row["text"][:1500])
            places.append((columns, len(classes), [columns + classes.index(v) for v in classes_of(row) if v in classes]))
        columns += len(classes)
    targets = []
    for first, count, on in places:
        own = np.full(columns, np.nan, np.float32)
        own[first : first + count] = 0
        own[on] = 1
        targets.append(own)
    return texts, targets, columns


def train_on_open_sets(data: Path, seed: int) -> None:
    texts, targets, columns = read_open_sets(data)
    pieces = [own[:WINDOW] for own in export_pieces(texts)]
    print(f"{len(texts)} texts of open sets, {columns} classes", flush=True)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    torch.manual_seed(seed)
    model = Classifier(columns)
    model.encoder.load_state_dict(torch.load(OUTPUT / "pretrained.pt"))
    stacked = torch.from_numpy(np.stack(targets))

    def loss_of(rows: np.ndarray, _: np.random.Generator) -> Tensor:
        logits, _ = forward(model, [pieces[row] for row in rows])
        wanted = stacked[torch.from_numpy(rows)]
        known = ~torch.isnan(wanted)
        # Per text the sum over its set's classes: sets of many classes would else hardly count.
        return functional.binary_cross_entropy_with_logits(logits[known], wanted[known], reduction="sum") / len(rows)

    optimise(model, np.array([len(own) for own in pieces]), OPEN_EPOCHS, loss_of, seed, "open sets")
    torch.save(model.encoder.state_dict(), OUTPUT / "open.pt")


def train_authored(forms: list[list[np.ndarray]], targets: np.ndarray, rows: np.ndarray, seed: int, name: str) -> Classifier:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    model = Classifier(LABELS)
    model.encoder.load_state_dict(torch.load(OUTPUT / "open.pt"))
    with torch.no_grad():
        share = np.clip(targets[rows].mean(0), 1e-3, 0.99)
        model.head.bias.copy_(torch.from_numpy(np.log(share / (1 - share))))
    stacked = torch.from_numpy(targets)

    def loss_of(chosen: np.ndarray, random_source: np.random.Generator) -> Tensor:
        texts = rows[chosen]
        own = [forms[row][random_source.integers(len(forms[row])) if random_source.random() < NOISY_SHARE else 0] for row in texts]
        logits, owner = forward(model, own)
        return authored_loss(mean_by_text(logits, owner, len(own)), stacked[torch.from_numpy(texts)])

    optimise(model, np.array([len(forms[row][0]) for row in rows]), EPOCHS, loss_of, seed, name)
    return model


@torch.no_grad()
def predict(model: Classifier, pieces: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Head logits (calibration.py) of the mean over the windows of each text, the highest, and how many windows it has."""
    model.eval()
    order = np.argsort([len(own) for own in pieces], kind="stable")
    whole, highest = np.empty((len(pieces), LABELS - 1), np.float32), np.empty((len(pieces), LABELS - 1), np.float32)
    counts = np.empty(len(pieces), int)
    for at in range(0, len(order), 64):
        rows = order[at : at + 64]
        logits, owner = forward(model, [pieces[row] for row in rows])
        whole[rows] = head_logits(mean_by_text(logits, owner, len(rows)).numpy())
        counts[rows] = np.bincount(owner.numpy(), minlength=len(rows))
        of_windows = head_logits(logits.numpy())
        for place, row in enumerate(rows):
            highest[row] = of_windows[owner.numpy() == place].max(0)
    return whole, highest, counts


def fit_part(job: tuple) -> tuple[np.ndarray, tuple, dict]:
    forms, targets, rows, held_out, seed, name = job
    model = train_authored(forms, targets, rows, seed, name)
    return held_out, predict(model, [forms[row][0] for row in held_out]), model.state_dict()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--without")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folds", type=int, default=FOLDS, help="0: only the encoder of all training texts")
    options = parser.parse_args()
    output = OUTPUT if options.without is None else OUTPUT / f"without-{options.without}"
    output.mkdir(parents=True, exist_ok=True)
    if not (OUTPUT / "open.pt").exists():
        train_on_open_sets(options.data, options.seed)
    originals = read_texts(HERE / "data")
    known = [text for text in originals if text.file != options.without]
    train = [text for text in known if not text.is_development]
    # The copies that train.py makes, and the texts to be measured.
    texts = train + bury(train, BURIED_SHARE, SEED) + bury(train, CALIBRATION_SHARE, SEED + 1, only_calibrates=True)
    texts += read_everyday(options.data)[::EVERYDAY_EVERY]
    measured = [text for text in originals if text.file == options.without or (options.without is None and text.is_development)]
    measured_copies = bury([text for text in measured if text.is_development], 1.0, SEED + 2)
    random_source = random.Random(options.seed)
    forms = [[text.text] for text in texts + measured + measured_copies]
    for form, text in zip(forms, texts):
        form.extend(noisy(text.text, random_source) for _ in range(NOISY_COPIES))
    pieces = export_pieces([form for own in forms for form in own])
    at = 0
    for own in forms:
        own[:] = pieces[at : at + len(own)]
        at += len(own)
    targets = authored_targets(texts + measured + measured_copies)
    trains = np.array([not text.only_calibrates for text in texts])
    fold = np.array([-1 if text.only_trains else text.fold(FOLDS) for text in texts])
    everything = np.where(trains)[0]
    beyond = np.arange(len(texts), len(forms))
    jobs = [(forms, targets, everything, beyond, options.seed, "all")]
    jobs += [
        (forms, targets, np.where(trains & (fold != k))[0], np.where(fold == k)[0], options.seed, f"fold {k}")
        for k in range(options.folds)
    ]
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(fit_part, jobs))
    torch.save(results[0][2], output / f"encoder-{options.seed}.pt")
    rows = np.concatenate([held_out for held_out, _, _ in results])
    whole, highest, windows = (np.concatenate([predicted[part] for _, predicted, _ in results]) for part in range(3))
    keys = [text.key for text in texts + measured + measured_copies]
    np.savez(
        output / f"held-out-{options.seed}.npz", keys=np.array([keys[row] for row in rows]), whole=whole, highest=highest,
        windows=windows, targets=targets[rows],
    )  # fmt: skip


if __name__ == "__main__":
    main()
