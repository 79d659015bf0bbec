"""Everyday talk of open collections, as routine texts: what reaches every inbox, and what no author thinks of writing.

The weights are fitted on it; calibration, thresholds and figures are not, because its share of an inbox is unknown.
"""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

from texts import Text

SEED = 17
CHARACTERS = 400
# Lines of each collection. Those of conversation count most; game and software talk is full of harmless alarming words.
ENGLISH = {
    "taskmaster": 500, "clinc-oos-queries": 600, "polyai-queries": 400, "nlu-evaluation-queries": 400,
    "casino-negotiation": 500, "synthetic-persona-chat": 800, "topical-chat": 800, "irc-disentanglement": 1000,
    "duraspace-irc": 200, "changelog-podcasts": 800, "crd3-dialogue": 500, "qmsum-meetings": 500,
    "schema-guided-dialogue": 300, "ud-english-ewt": 300,
}  # fmt: skip
OTHERS = {"tatoeba-laser": 250, "chatterbot-corpus": 100}
LANGUAGES = ["ar", "bn", "de", "es", "fil", "fr", "hi", "id", "it", "pt", "ru", "sw", "tr", "zh"]
SAME = {"zh-Hans": "zh", "zh-Hant": "zh", "tl": "fil", "arb": "ar"}


def read_everyday(data: Path) -> list[Text]:
    """`data` holds `corpus` and `raw-harm`; of the labelled messages there only training rows that are no spam are read."""
    random_source = random.Random(SEED)
    texts: list[Text] = []

    def add(name: str, language: str, lines: list[str], count: int) -> None:
        lines = [line for line in dict.fromkeys(lines) if 0 < len(line) <= CHARACTERS]
        for line in random_source.sample(lines, min(count, len(lines))):
            texts.append(Text(line, language, "routine", [], [], f"everyday-{name}", len(texts), only_trains=True))

    with gzip.open(data / "raw-harm" / "sms-spam.jsonl.gz", "rt", encoding="utf8") as file:
        rows = [json.loads(line) for line in file]
    messages = [row["text"] for row in rows if row["label"] == "ham" and row["split"] == "train"]
    add("sms", "en", messages, len(messages))
    for name, count in (ENGLISH | OTHERS).items():
        lines: dict[str, list[str]] = {}
        with gzip.open(data / "corpus" / f"{name}.txt.gz", "rt", encoding="utf8") as file:
            for line in file:
                tag, _, text = line.rstrip("\n").partition("\t")
                lines.setdefault(SAME.get(tag, tag), []).append(text)
        for language in ["en"] if name in ENGLISH else LANGUAGES:
            add(name, language, lines.get(language, []), count)
    return texts
