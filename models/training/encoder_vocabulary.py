"""Makes the encoder's vocabulary: byte strings for greedy longest match (src/text/tokenize.ts), from the corpus.

    python models/training/encoder_vocabulary.py

Byte-pair merges find the pieces; their order is not used, because longest match cuts text into as many pieces as the
merges do and needs one walk along a trie (../README.md says what was measured). Writes vocabulary.bin: per piece one
byte for its length, then the bytes. The first pieces are empty (padding, start, mask, separator), then the 256 bytes.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

OUTPUT = Path(__file__).resolve().parent / "build" / "encoder"

SEED = 3
PIECES = 16_384
SPECIAL = 4
LONGEST_PIECE = 24
# English is most of what is read and all that much of it is pre-trained on; the other languages share the rest.
MEGABYTES = {"en": 10.0}
OTHER_MEGABYTES = 1.2


def byte_of_letter() -> dict[str, int]:
    """The letters by which the byte-level pre-tokenizer writes bytes (the table of GPT-2)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + place): byte for place, byte in enumerate(others)}


def sample() -> list[str]:
    lines: dict[str, list[str]] = {}
    with (OUTPUT / "corpus.jsonl").open(encoding="utf8") as corpus, (OUTPUT / "normalized.txt").open(encoding="utf8") as texts:
        for row, text in zip(corpus, texts, strict=True):
            lines.setdefault(json.loads(row)["language"], []).append(text.rstrip("\n"))
    random_source = random.Random(SEED)
    chosen = []
    for language, texts in sorted(lines.items()):
        random_source.shuffle(texts)
        left = MEGABYTES.get(language, OTHER_MEGABYTES) * 1e6
        for text in texts:
            left -= len(text.encode())
            if left < 0:
                break
            chosen.append(text)
    return chosen


def main() -> None:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r" ?[^ .?!]+| ?[.?!]"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=PIECES - SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=LONGEST_PIECE,
        show_progress=False,
    )
    tokenizer.train_from_iterator(sample(), trainer)
    byte_of = byte_of_letter()
    pieces = {bytes(byte_of[letter] for letter in piece) for piece in tokenizer.get_vocab()}
    single = [bytes([byte]) for byte in range(256)]
    longer = sorted(piece for piece in pieces if len(piece) > 1)
    with (OUTPUT / "vocabulary.bin").open("wb") as file:
        for piece in [b""] * SPECIAL + single + longer:
            file.write(bytes([len(piece)]) + piece)
    print(f"{SPECIAL + len(single) + len(longer)} pieces, {sum(piece.startswith(b' ') for piece in longer)} begin a word")


if __name__ == "__main__":
    main()
