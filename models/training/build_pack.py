"""Puts the pack `base` together from what the trainers wrote: files, hashes, calibration, thresholds.

    python models/training/build_pack.py [--without FILE] [--without-encoder]

With --without it takes the model that was trained without FILE and writes the pack beside that. With --without-encoder
it writes a pack of the first stage alone, to models/training/build/first-stage.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from encoder_windows import MAXIMUM_WINDOWS, STRIDE, VOCABULARY, WINDOW
from texts import CATEGORIES, SIGNALS, URGENCIES
from train import BLOCKS_PER_WINDOW, FALSE_ALARMS

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"
PACK = HERE.parent / "packs" / "base"
VERSION = "0.2.0"
# As in export-features.ts, which cut the training texts into these blocks.
BLOCK_WORDS = 16
TEXT_VERSION = 1
README_MARK = "<!-- figures of models/training/report.py -->"
README_FIGURES = ("kappa", "AUROC immediate", "overlooked", "false alarms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--without")
    parser.add_argument("--without-encoder", action="store_true")
    options = parser.parse_args()
    without = options.without
    name = "" if without is None else f"without-{without}"
    model, encoder = BUILD / name, BUILD / "encoder" / name
    pack = BUILD / "first-stage" if options.without_encoder else PACK if without is None else model / "pack"
    pack.mkdir(parents=True, exist_ok=True)
    rules = [part for path in sorted((HERE / "rules").glob("*.rules")) for part in ("--rules", str(path))]
    compiler = ["npx", "tsx", "models/training/compile-rules.ts", "--out", str(BUILD / "rules.bin")]
    subprocess.run([*compiler, *rules], cwd=HERE.parents[1], check=True)
    linear = json.loads((model / "linear.json").read_text())
    language = json.loads((BUILD / "language.json").read_text())
    report_path = BUILD / "report.json"
    report = json.loads(report_path.read_text()) if report_path.exists() else {"languages": {}, "groups": {}}
    languages = report["languages"]
    sources = [model / "linear.bin", BUILD / "language.bin", BUILD / "rules.bin"]
    second_stage = {}
    thresholds = linear["thresholds"]
    if not options.without_encoder:
        sources += [encoder / "encoder.onnx", BUILD / "encoder" / "vocabulary.bin"]
        combined = json.loads((encoder / "encoder.json").read_text())
        thresholds = combined["thresholds"]
        second_stage["encoder"] = {
            "file": "encoder.onnx",
            "vocabulary": "vocabulary.bin",
            "pieces": VOCABULARY,
            "windowPieces": WINDOW,
            "stridePieces": STRIDE,
            "maximumWindows": MAXIMUM_WINDOWS,
            "calibration": combined["calibration"],
        }
    files = []
    for source in sources:
        shutil.copyfile(source, pack / source.name)
        content = source.read_bytes()
        files.append({"path": source.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    manifest = {
        "schemaVersion": 1,
        "name": "base",
        "version": VERSION,
        "licence": "CC-BY-4.0",
        "labels": {"urgency": URGENCIES, "categories": CATEGORIES, "signals": SIGNALS},
        "textVersion": TEXT_VERSION,
        "files": files,
        "linear": {"file": "linear.bin", "blockWords": BLOCK_WORDS, "blocksPerWindow": BLOCKS_PER_WINDOW},
        "language": {"file": "language.bin", **language},
        "rules": {"file": "rules.bin"},
        **second_stage,
        "calibration": linear["calibration"],
        "thresholds": thresholds,
        "languages": [
            {
                "tag": tag,
                "trainingTexts": count,
                "developmentTexts": languages.get(tag, {}).get("n", 0),
                "kappa": languages.get(tag, {}).get("kappa"),
            }
            for tag, count in sorted(linear["texts"].items())
        ],
        "trainingData": [
            {"name": "Earshot authored messages", "licence": "CC-BY-4.0", "texts": sum(linear["texts"].values())},
            {"name": "Everyday talk of open collections (MODEL_CARD.md)", "licence": "several", "texts": linear["everyday"]},
            {"name": "Open text for language and pre-training (MODEL_CARD.md)", "licence": "several", "texts": 0},
        ],
    }
    (pack / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    (pack / "MODEL_CARD.md").write_text(model_card(linear["texts"]))
    if pack == PACK and report["groups"]:
        update_readme(report["groups"])


def update_readme(groups: dict) -> None:
    """Writes the table between the two marks of the README from the last report."""
    rows = ["| | n | kappa | AUROC immediate | overlooked | false alarms |", "| --- | --- | --- | --- | --- | --- |"]

    def row(title: str, count: int, figures: dict) -> str:
        cells = ["{:.3f} [{:.3f}, {:.3f}]".format(*figures[name]) for name in README_FIGURES]
        return f"| {title} | {count:,} | " + " | ".join(cells) + " |"

    for title in ("English", "other languages"):
        group = groups[title]
        rows.append(row(title, group["n"], group["columns"]["default policy"]))
        if "TF-IDF floor" in group["columns"]:
            rows.append(row(f"{title}, TF-IDF floor", group["n"], group["columns"]["TF-IDF floor"]))
    rows.append(row("one line buried in others", groups["buried"]["n"], groups["buried"]["columns"]["default policy"]))
    path = HERE.parents[1] / "README.md"
    before, _, rest = path.read_text().partition(README_MARK)
    _, _, after = rest.partition(README_MARK)
    path.write_text(f"{before}{README_MARK}\n\n" + "\n".join(rows) + f"\n\n{README_MARK}{after}")


def model_card(texts: dict[str, int]) -> str:
    """The card with the figures of the last report, so that it cannot state others."""

    def read(name: str) -> str:
        path = BUILD / name
        return path.read_text().strip("\n") if path.exists() else "not measured"

    values = {
        "version": VERSION,
        "texts": f"{sum(texts.values()):,}",
        "language_count": str(len(texts)),
        "languages": "\n".join(f"| {tag} | {count:,} |" for tag, count in sorted(texts.items())),
        "false_alarms": f"{FALSE_ALARMS:.0%}",
        "encoder_shape": "3 transformer layers, 192 wide, 16,384 byte-level pieces, 8-bit weights",
        **{name: read(f"{name.replace('_', '-')}.txt") for name in ("report", "left_out", "combine", "agreement", "open_sets")},
    }
    card = (HERE / "model_card.md").read_text()
    for name, value in values.items():
        card = card.replace("{{" + name + "}}", value)
    return card


if __name__ == "__main__":
    main()
