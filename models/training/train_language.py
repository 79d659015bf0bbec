"""Trains language identification of the pack `base` from open sentences and the authored texts.

    python models/training/train_language.py CORPUS_FOLDER

Writes language.bin and language.json to models/training/build, and prints how often it is right on held-out lines.
"""

from __future__ import annotations

import collections
import gzip
import hashlib
import json
import random
import sys
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from features import export_features
from linear import fit, importance, quantise, write_model
from texts import read_texts

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"

CORPORA = ["tatoeba-laser", "common-voice-sentences", "ntrex-128", "chatterbot-corpus"]
SEED = 5
LINES = 900
MINIMUM_LINES = 500
CHARACTERS = 90
MINIMUM_TEXTS = 4
STRENGTH = 20.0
ITERATIONS = 40
ROWS = 24_000
SLOT_BITS, ROW_BITS = 16, 16
WORDS = 16
# Under one half, because most of what reaches a service is in the languages that it serves.
SUPPORTED_FROM = 0.1

# Tags of the corpora that are one language here: national varieties, scripts, and close relatives that chat mixes.
SAME = {
    "zh-Hans": "zh", "zh-Hant": "zh", "zh-HK": "zh", "yue": "zh", "wuu": "zh", "tl": "fil", "pt-BR": "pt", "es-MX": "es",
    "fr-CA": "fr", "en-GB": "en", "en-US": "en", "en-IN": "en", "arb": "ar", "arz": "ar", "arq": "ar", "az-Latn": "az",
    "sr-Latn": "sr", "sr-Cyrl": "sr", "tg-Cyrl": "tg", "ckb-Arab": "ckb", "sd-Arab": "sd", "prs": "fa", "kmr": "ku",
    "nn": "no", "nb": "no", "bs": "hr",
}  # fmt: skip
# Living languages of some size that the corpora have enough of; dialects that only take probability from these are not.
LANGUAGES = """
af am ar az be bg bn bo ca ceb ckb cs cy da de dv el en es et eu fa fi fil fr ga gl gu ha he hi hmn hr hu hy id ig is it
ja ka kk km kn ko ku ky lg lo lt lv mg mi mk ml mn mr ms mt my ne nl no nso ny om or pa pl ps pt ro ru rw sd si sk sl sm
sn so sq sr ss sv sw ta te tg th ti tk tn tr tt ug uk ur uz vi wo xh yo zh zu
""".split()


def is_latin(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return bool(letters) and sum(character < "ɏ" for character in letters) > 0.8 * len(letters)


def read_lines(corpus: Path) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = collections.defaultdict(list)
    for name in CORPORA:
        with gzip.open(corpus / f"{name}.txt.gz", "rt", encoding="utf8") as file:
            for line in file:
                tag, _, text = line.rstrip("\n").partition("\t")
                tag = SAME.get(tag, tag)
                if tag in LANGUAGES:
                    lines[tag].append(text)
    authored = [text for text in read_texts(HERE / "data") if not text.is_development]
    for text in authored:
        romanised = text.language in ("ar", "bn", "hi", "zh", "ru") and is_latin(text.text)
        lines[f"{text.language}-Latn" if romanised else text.language].append("\x00" + text.text)
    return lines


def sample(lines: list[str], random_source: random.Random) -> list[str]:
    """Authored lines first, because they are what chat looks like; then the shortest corpora first, in a random order."""
    own = [line[1:] for line in lines if line.startswith("\x00")]
    others = [line for line in dict.fromkeys(lines) if not line.startswith("\x00")]
    random_source.shuffle(others)
    random_source.shuffle(own)
    return (own[:LINES] + others)[: LINES + min(len(own), LINES) // 2]


def cut(text: str, random_source: random.Random) -> str:
    """A piece of one to CHARACTERS characters at a word boundary, so that short messages are learned too."""
    words = text.split(" ")
    length = random_source.choice([12, 25, 40, 60, CHARACTERS])
    start = random_source.randrange(len(words))
    piece = ""
    for word in words[start:] + words[:start]:
        if piece and len(piece) + len(word) > length:
            break
        piece = f"{piece} {word}".strip()
    return piece[: CHARACTERS * 2]


def log_loss(logits: np.ndarray, targets: np.ndarray) -> float:
    highest = logits.max(1)
    sums = np.log(np.exp(logits - highest[:, None]).sum(1)) + highest
    return float((sums - logits[np.arange(len(targets)), targets]).mean())


def main() -> None:
    BUILD.mkdir(exist_ok=True)
    random_source = random.Random(SEED)
    lines = read_lines(Path(sys.argv[1]))
    tags = sorted(tag for tag, own in lines.items() if len(own) >= MINIMUM_LINES or tag.endswith("-Latn"))
    texts, languages, held_out = [], [], []
    for index, tag in enumerate(tags):
        own = sample(lines[tag], random_source)
        repeats = max(1, 500 // len(own))
        for line in own:
            is_held_out = hashlib.sha256(line.encode()).digest()[0] < 16
            for _ in range(1 if is_held_out else repeats):
                texts.append(cut(line, random_source))
                languages.append(index)
                held_out.append(is_held_out)
    languages, held_out = np.array(languages), np.array(held_out)
    print(f"{len(tags)} languages, {len(texts)} pieces", flush=True)
    features = export_features(texts)
    counts = features.sum_by_text()
    frequency = np.bincount(counts[~held_out].indices, minlength=counts.shape[1])
    kept = np.where(frequency >= MINIMUM_TEXTS)[0]
    norms = sparse.diags((1 / np.sqrt(np.maximum(features.text_counts(), 1))).astype(np.float32))
    matrix = (norms @ counts[:, kept]).tocsr().astype(np.float32)
    targets = np.eye(len(tags), dtype=np.float32)[languages]
    rows = np.where(~held_out)[0]
    # A first round only to choose rows: a third of the pieces is enough for that.
    first = fit(matrix[rows[::3]], targets[rows[::3]], len(tags), STRENGTH, ITERATIONS // 2)
    chosen = np.sort(np.argsort(-importance(matrix[rows[::3]], first[:-1]), kind="stable")[:ROWS])
    part = matrix[:, chosen].tocsr()
    weights = fit(part[rows], targets[rows], len(tags), STRENGTH, ITERATIONS, first[np.append(chosen, len(kept))])
    integers, scales = quantise(weights[:-1], np.zeros(len(chosen), int), 1)
    empty = np.zeros((0, len(tags)), np.float32)
    write_model(
        BUILD / "language.bin", features.hashes[kept[chosen]], integers, scales, empty, weights[-1], SLOT_BITS, ROW_BITS
    )
    test = np.where(held_out)[0]
    logits = part[test] @ (integers * scales[0]) + weights[-1]
    # One factor for all logits, so that a probability of .9 is right nine times in ten.
    scales_tried = np.arange(0.5, 6.01, 0.25)
    losses = [log_loss(logits * scale, languages[test]) for scale in scales_tried]
    scale = float(scales_tried[int(np.argmin(losses))])
    print(f"scale of the logits {scale}")
    logits = logits * scale
    guess = logits.argmax(1)
    right = guess == languages[test]
    long = features.words[test] >= 5
    print(f"held out n={len(test)}: right {right.mean():.3f}, of five words and more {right[long].mean():.3f}")
    own = sorted({text.language for text in read_texts(HERE / "data")})
    supported = np.array([tag.split("-")[0] in own for tag in tags])
    shares = np.exp(logits - logits.max(1, keepdims=True))
    shares = (shares * supported).sum(1) / shares.sum(1)
    is_supported = supported[languages[test]]
    print("held-out pieces of 1 to 4 words, and of 5 and more; supported means at least this probability")
    for threshold in (0.5, 0.2, SUPPORTED_FROM, 0.02):
        for name, rows in (("short", ~long), ("long", long)):
            lost = (shares[is_supported & rows] < threshold).mean()
            taken = (shares[~is_supported & rows] >= threshold).mean()
            print(f"  {threshold} {name}: supported taken for unsupported {lost:.3f}, the other way {taken:.3f}")
    summary = {"tags": tags, "words": WORDS, "supportedFrom": SUPPORTED_FROM, "calibration": {"scale": scale}}
    (BUILD / "language.json").write_text(json.dumps(summary))


if __name__ == "__main__":
    main()
