"""Authored texts, the development split, and copies in which one line is buried in routine talk."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

URGENCIES = ["immediate", "urgent", "soon", "routine"]
CATEGORIES = [
    "suicide", "self_harm", "mental_health", "substance_use", "family_violence", "neglect", "sexual_violence",
    "online_sexual_exploitation", "bullying", "community_violence", "harmful_practices", "exploitation",
    "armed_conflict", "discrimination", "physical_health", "online_safety", "relationships", "education",
]  # fmt: skip
SIGNALS = [
    "intent", "plan", "means", "now", "injury", "perpetrator_near", "threatened", "coerced_secrecy", "images",
    "hopeless", "alone", "young", "third_party", "past", "denied", "not_literal", "asks_help",
]  # fmt: skip

# Neighbouring lines are near twins with different labels, so that splits go by blocks of lines, never by line.
DEVELOPMENT_CYCLE, DEVELOPMENT_FROM = 500, 440
FOLD_BLOCK = 60


@dataclass
class Text:
    text: str
    language: str
    urgency: str
    categories: list[str]
    signals: list[str]
    file: str
    line: int
    buried: bool = False
    # Held-out predictions of it are used to fit the calibration of long messages; the weights are not fitted on it.
    only_calibrates: bool = False
    # Everyday talk of other collections: the weights are fitted on it, and nothing else.
    only_trains: bool = False

    @property
    def key(self) -> str:
        """Names the text, or the copy of it, in files of held-out predictions."""
        return f"{self.file}:{self.line}:{int(self.buried)}:{int(self.only_calibrates)}"

    @property
    def is_development(self) -> bool:
        return self.line % DEVELOPMENT_CYCLE >= DEVELOPMENT_FROM

    def fold(self, folds: int) -> int:
        return (self.line // FOLD_BLOCK + len(self.file)) % folds


def read_texts(folder: Path) -> list[Text]:
    texts = []
    for path in sorted(folder.glob("*.jsonl")):
        if path.stem == "conversations":
            continue
        for line, row in enumerate(path.read_text(encoding="utf8").splitlines()):
            value = json.loads(row)
            texts.append(Text(file=path.stem, line=line, **value))
    return texts


def bury(texts: list[Text], share: float, seed: int, only_calibrates: bool = False) -> list[Text]:
    """Copies of a share of the texts, each wrapped in one to three routine lines of the same language and file split.

    Routine lines are wrapped as often as others, so that length and everyday talk say nothing about the level; the copy
    keeps the label of the line that was wrapped.
    """
    random_source = random.Random(seed)
    talk: dict[str, list[Text]] = {}
    for text in texts:
        if text.urgency == "routine" and not text.categories:
            talk.setdefault(text.language, []).append(text)
    copies = []
    for text in texts:
        around = talk.get(text.language, [])
        if len(around) < 20 or len(text.text) > 400 or random_source.random() >= share:
            continue
        parts = [other.text for other in random_source.sample(around, random_source.randint(1, 3))]
        parts.insert(random_source.randint(0, len(parts)), text.text)
        copies.append(
            Text(
                text=random_source.choice([" ", "\n", ". "]).join(parts),
                language=text.language,
                urgency=text.urgency,
                categories=text.categories,
                signals=text.signals,
                file=text.file,
                line=text.line,
                buried=True,
                only_calibrates=only_calibrates,
            )
        )
    return copies
