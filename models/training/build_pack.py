"""Puts the pack `base` together from what the trainers wrote: files, hashes, calibration, thresholds.

    python models/training/build_pack.py [--without FILE]

With --without it takes the model that was trained without FILE and writes the pack beside that.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from texts import CATEGORIES, SIGNALS, URGENCIES
from train import BLOCKS_PER_WINDOW, FALSE_ALARMS

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"
PACK = HERE.parent / "packs" / "base"
VERSION = "0.1.0"
# As in export-features.ts, which cut the training texts into these blocks.
BLOCK_WORDS = 16
TEXT_VERSION = 1
README_MARK = "<!-- figures of models/training/report.py -->"
README_FIGURES = ("kappa", "AUROC immediate", "overlooked", "false alarms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--without")
    without = parser.parse_args().without
    model = BUILD if without is None else BUILD / f"without-{without}"
    pack = PACK if without is None else model / "pack"
    pack.mkdir(parents=True, exist_ok=True)
    rules = [part for path in sorted((HERE / "rules").glob("*.rules")) for part in ("--rules", str(path))]
    compiler = ["npx", "tsx", "models/training/compile-rules.ts", "--out", str(BUILD / "rules.bin")]
    subprocess.run([*compiler, *rules], cwd=HERE.parents[1], check=True)
    linear = json.loads((model / "linear.json").read_text())
    language = json.loads((BUILD / "language.json").read_text())
    report_path = BUILD / "report.json"
    report = json.loads(report_path.read_text()) if report_path.exists() else {"languages": {}, "groups": {}}
    languages = report["languages"]
    files = []
    for name in ("linear.bin", "language.bin", "rules.bin"):
        shutil.copyfile((model if name == "linear.bin" else BUILD) / name, pack / name)
        content = (pack / name).read_bytes()
        files.append({"path": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
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
        "calibration": linear["calibration"],
        "thresholds": linear["thresholds"],
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
            {"name": "Tatoeba (language identification)", "licence": "CC-BY-2.0-FR", "texts": 0},
            {"name": "Common Voice sentences (language identification)", "licence": "CC0-1.0", "texts": 0},
            {"name": "NTREX-128 (language identification)", "licence": "CC-BY-SA-4.0", "texts": 0},
            {"name": "ChatterBot corpus (language identification)", "licence": "BSD-3-Clause", "texts": 0},
        ],
    }
    (pack / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    (pack / "MODEL_CARD.md").write_text(model_card(linear["texts"]))
    if without is None and report["groups"]:
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
        "report": read("report.txt"),
        "left_out": f"\n\n```\n{read('left-out.txt')}\n```",
    }
    card = (HERE / "model_card.md").read_text()
    for name, value in values.items():
        card = card.replace("{{" + name + "}}", value)
    return card


if __name__ == "__main__":
    main()
