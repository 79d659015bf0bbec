"""Measures the built command on the development lines, end to end, beside the floor.

    npm run build && python models/training/report.py [--pack FOLDER] [--only FILE]

With --only, all lines of one authored file are measured: for a pack that was trained without it. Without it, the
figures go to models/training/build/report.json, from where build_pack.py takes them for the manifest and the README.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
from measure import RESAMPLES, Predictions, figures, with_intervals
from sklearn.metrics import cohen_kappa_score
from texts import CATEGORIES, URGENCIES, Text, bury, read_texts

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def score(texts: list[Text], pack: str | None) -> list[dict]:
    command = ["node", "dist/cli/main.js", "score", "-", "--format", "jsonl", *(["--pack", pack] if pack else [])]
    lines = "".join(json.dumps({"text": text.text}) + "\n" for text in texts)
    result = subprocess.run(command, cwd=ROOT, input=lines.encode(), capture_output=True, check=True)
    return [json.loads(line) for line in result.stdout.splitlines()]


def true_values(texts: list[Text]) -> tuple[np.ndarray, np.ndarray]:
    levels = np.array([URGENCIES.index(text.urgency) for text in texts])
    return levels, np.array([[category in text.categories for category in CATEGORIES] for text in texts])


def predictions(texts: list[Text], results: list[dict]) -> Predictions:
    levels, categories = true_values(texts)
    shares = np.array([[result["scores"]["urgency"][level] for level in URGENCIES] for result in results])
    return Predictions(
        levels,
        np.array([URGENCIES.index(result["urgency"]) for result in results]),
        np.cumsum(shares, axis=1)[:, :3],
        categories,
        np.array([[category in result["categories"] for category in CATEGORIES] for result in results]),
    )


def most_likely(ours: Predictions) -> Predictions:
    """The same scores without policy and rules, at the most likely level: like with like beside the floor."""
    shares = np.diff(np.column_stack([np.zeros(len(ours.level)), ours.cumulative, np.ones(len(ours.level))]), axis=1)
    return replace(ours, level=shares.argmax(1))


def read_floor(texts: list[Text]) -> Predictions | None:
    path = HERE / "build" / "floor.npz"
    if not path.exists():
        return None
    floor = np.load(path)
    place = {line: row for row, line in enumerate(floor["lines"])}
    rows = np.array([place[f"{text.file}:{text.line}"] for text in texts])
    cumulative = floor["cumulative"][rows]
    shares = np.diff(np.column_stack([np.zeros(len(rows)), cumulative, np.ones(len(rows))]), axis=1)
    levels, categories = true_values(texts)
    return Predictions(levels, shares.argmax(1), cumulative, categories, floor["categories"][rows])


def gain(ours: Predictions, other: Predictions) -> str:
    """How much higher our quadratic kappa at the most likely level is, with a 95% interval from resampling texts."""
    random_source = np.random.default_rng(4)
    count = len(ours.level)
    differences = []
    for _ in range(RESAMPLES):
        rows = random_source.integers(0, count, count)
        kappas = [cohen_kappa_score(p.true_level[rows], p.level[rows], weights="quadratic") for p in (ours, other)]
        differences.append(kappas[0] - kappas[1])
    low, high = np.quantile(differences, [0.025, 0.975])
    return f"{np.mean(differences):.3f} [{low:.3f}, {high:.3f}]"


def print_table(title: str, columns: dict[str, Predictions]) -> dict[str, dict[str, tuple[float, float, float]]]:
    count = len(next(iter(columns.values())).level)
    print(f"\n{title}, n={count}")
    measured = {name: with_intervals(p) for name, p in columns.items()}
    print("  " + " " * 18 + "".join(f"{name:>26}" for name in columns))
    for figure in next(iter(measured.values())):
        cells = [f"{m[figure][0]:.3f} [{m[figure][1]:.3f}, {m[figure][2]:.3f}]" for m in measured.values()]
        print(f"  {figure:<18}" + "".join(f"{cell:>26}" for cell in cells))
    return measured


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pack")
    parser.add_argument("--only")
    options = parser.parse_args()
    every = read_texts(HERE / "data")
    texts = [text for text in every if text.is_development]
    if options.only:
        texts = [text for text in every if text.file == options.only]
    results = score(texts, options.pack)
    ours = predictions(texts, results)
    if options.only:
        print_table(f"all of {options.only}", {"default policy": ours, "most likely level": most_likely(ours)})
        return
    floor = read_floor(texts)
    alone = HERE / "build" / "first-stage"
    first_stage = predictions(texts, score(texts, str(alone))) if alone.exists() else None
    languages = np.array([text.language for text in texts])
    groups = {"all": np.ones(len(texts), bool), "English": languages == "en", "other languages": languages != "en"}
    measured = {}
    for title, rows in groups.items():
        columns = {"default policy": ours.rows(rows), "most likely level": most_likely(ours).rows(rows)}
        if first_stage is not None:
            columns["first stage, policy"] = first_stage.rows(rows)
            columns["first, most likely"] = most_likely(first_stage).rows(rows)
        if floor is not None:
            columns["TF-IDF floor"] = floor.rows(rows)
        measured[title] = {"n": int(rows.sum()), "columns": print_table(title, columns)}
        if first_stage is not None:
            both, one = (most_likely(p).rows(rows) for p in (ours, first_stage))
            print(f"  kappa gained by the second stage at the most likely level {gain(both, one)}")
    counts = np.zeros((len(URGENCIES), len(URGENCIES)), int)
    np.add.at(counts, (ours.true_level, ours.level), 1)
    print("\nlines by true level (rows) and given level at the default policy: " + ", ".join(URGENCIES))
    for name, row in zip(URGENCIES, counts):
        print(f"  {name:<9} " + " ".join(f"{count:>5}" for count in row))
    print("\nper language:  n  accuracy  kappa  AUROC immediate  overlooked  false alarms  category F1")
    summary = {}
    for language in sorted(set(languages)):
        own = figures(ours.rows(languages == language))
        summary[language] = {"n": int((languages == language).sum()), "kappa": round(own["kappa"], 3)}
        names = ("accuracy", "kappa", "AUROC immediate", "overlooked", "false alarms", "category F1")
        print(f"  {language:<4} {summary[language]['n']:>5}  " + "  ".join(f"{own[name]:.3f}" for name in names))
    detected = np.array([result["language"]["tag"].split("-")[0] for result in results])
    unsupported = np.array([not result["language"]["supported"] for result in results])
    print(f"\nlanguage told right {np.mean(detected == languages):.3f}, taken for unsupported {unsupported.mean():.3f}")
    buried = bury(texts, 1.0, seed=99)
    wrapped = predictions(buried, score(buried, options.pack))
    wrapped_figures = print_table("the same lines inside one to three routine lines", {"default policy": wrapped})
    measured["buried"] = {"n": len(buried), "columns": wrapped_figures}
    (HERE / "build" / "report.json").write_text(json.dumps({"languages": summary, "groups": measured}))


if __name__ == "__main__":
    main()
