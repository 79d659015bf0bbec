"""Collects the text that the encoder is pre-trained on.

    python models/training/encoder_corpus.py DATA_FOLDER

DATA_FOLDER holds `corpus/` (unlabelled text) and the open labelled sets, of which only the text of training rows is read;
nothing of a folder `nc` (no commercial use) is. Writes corpus.jsonl to models/training/build/encoder.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from pathlib import Path

from texts import read_texts

HERE = Path(__file__).resolve().parent
OUTPUT = HERE / "build" / "encoder"

SEED = 7
# Megabytes taken of each English collection: conversation first; long runs of booking talk and of prose thinned out.
MEGABYTES = {
    "changelog-podcasts": 34, "classic-books": 18, "standard-ebooks": 14, "crd3-dialogue": 14, "irc-disentanglement": 6,
    "duraspace-irc": 2, "qmsum-meetings": 6, "topical-chat": 6, "taskmaster": 1, "schema-guided-dialogue": 2,
    "synthetic-persona-chat": 3, "anthropic-evals": 4, "hh-rlhf-harmless-test": 2, "casino-negotiation": 2,
    "ud-english-ewt": 2, "clinc-oos-queries": 1, "polyai-queries": 1, "nlu-evaluation-queries": 1, "college-success": 2,
    "medquad-health": 2, "nasa-mission-transcripts": 1, "african-storybook": 1, "civil-comments": 4,
}  # fmt: skip
# Collections of many languages, and megabytes of each of ours.
MULTILINGUAL = {
    "smilechat-zh": 10, "common-voice-sentences": 3, "tatoeba-laser": 3, "ntrex-128": 1, "chatterbot-corpus": 3,
}  # fmt: skip
OPEN_SETS = ["raw-en-distress", "raw-harm", "raw-multilingual"]
OPEN_SET_MEGABYTES = 3
# The messages that the encoder is for are few, so they are read more than once.
AUTHORED_COPIES = 3

LANGUAGES = ["en", "ar", "bn", "de", "es", "fil", "fr", "hi", "id", "it", "pt", "ru", "sw", "tr", "zh"]
SAME = {
    "zh-Hans": "zh", "zh-Hant": "zh", "zh-HK": "zh", "tl": "fil", "pt-BR": "pt", "es-MX": "es", "fr-CA": "fr",
    "en-GB": "en", "en-US": "en", "en-IN": "en", "arb": "ar", "arz": "ar", "hi-Latn": "hi",
}  # fmt: skip


def of_language(tag: str) -> str:
    return SAME.get(tag, tag)


def take(texts: list[str], megabytes: float, random_source: random.Random) -> list[str]:
    random_source.shuffle(texts)
    taken, size = [], 0
    for text in texts:
        if size > megabytes * 1e6:
            break
        taken.append(text)
        size += len(text.encode())
    return taken


def read_corpus(path: Path) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    with gzip.open(path, "rt", encoding="utf8") as file:
        for line in file:
            tag, _, text = line.rstrip("\n").partition("\t")
            if of_language(tag) in LANGUAGES:
                texts.setdefault(of_language(tag), []).append(text)
    return texts


def read_open_set(path: Path) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    with gzip.open(path, "rt", encoding="utf8") as file:
        for line in file:
            row = json.loads(line)
            language = of_language(row.get("lang") or "en")
            if row["split"] == "train" and language in LANGUAGES:
                texts.setdefault(language, []).append(row["text"][:2000])
    return texts


def main() -> None:
    data = Path(sys.argv[1])
    random_source = random.Random(SEED)
    sizes: dict[str, float] = {}
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with (OUTPUT / "corpus.jsonl").open("w", encoding="utf8") as output:

        def write(language: str, texts: list[str], name: str) -> None:
            for text in texts:
                output.write(json.dumps({"language": language, "text": text}, ensure_ascii=False) + "\n")
            size = sum(len(text.encode()) for text in texts) / 1e6
            sizes[language] = sizes.get(language, 0) + size
            print(f"{name} {language}: {len(texts)} texts, {size:.1f} MB", flush=True)

        for name, megabytes in (MEGABYTES | MULTILINGUAL).items():
            for language, texts in sorted(read_corpus(data / "corpus" / f"{name}.txt.gz").items()):
                if name in MEGABYTES and language != "en":
                    continue
                write(language, take(texts, megabytes, random_source), name)
        for folder in OPEN_SETS:
            for path in sorted((data / folder).glob("*.jsonl.gz")):
                for language, texts in sorted(read_open_set(path).items()):
                    write(language, take(texts, OPEN_SET_MEGABYTES, random_source), path.name.removesuffix(".jsonl.gz"))
        authored = [text for text in read_texts(HERE / "data") if not text.is_development]
        for language in LANGUAGES:
            own = [text.text for text in authored if text.language == language]
            write(language, own * AUTHORED_COPIES, "authored")
    print({language: round(size, 1) for language, size in sorted(sizes.items())})


if __name__ == "__main__":
    main()
