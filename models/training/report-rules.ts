import { readFileSync } from "node:fs";
import { URGENCIES, type Urgency } from "../../src/labels.js";
import { createRuleScratch, loadRules, matchRules } from "../../src/model/rules.js";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";
import { encodeRules } from "./encode-rules.js";
import type { SourceRule } from "./parse-rules.js";

/** A message with the level that it was labelled with. */
export interface LabelledLine {
  /** File and line, to find it again. */
  readonly source: string;
  readonly text: string;
  /** Index into URGENCIES. */
  readonly level: number;
}

/** Rows come in blocks of this many; the first `TRAINING_ROWS` of each block may be looked at, the others are kept apart. */
const BLOCK_ROWS = 500;
const TRAINING_ROWS = 440;
const LETTERS = "IUSR";
const ROUTINE = URGENCIES.indexOf("routine");

/** Reads authored lines (`.txt`: `letter | categories | signals | text`) or JSON Lines with `text` and `urgency`. */
export function readLabelledLines(path: string, heldOut: boolean): LabelledLine[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line, index) => ({ line, index }))
    .filter(({ line, index }) => line !== "" && index % BLOCK_ROWS < TRAINING_ROWS !== heldOut)
    .map(({ line, index }) => ({ source: `${path}:${index + 1}`, ...readLine(line, path.endsWith(".txt")) }));
}

function readLine(line: string, isAuthored: boolean): { text: string; level: number } {
  if (isAuthored) {
    const [letter, , , ...text] = line.split(" | ");
    return { text: text.join(" | ").replaceAll("\\n", "\n"), level: LETTERS.indexOf(letter.trim()) };
  }
  const { text, urgency } = JSON.parse(line) as { text: string; urgency: Urgency };
  return { text, level: URGENCIES.indexOf(urgency) };
}

/** A table of what each rule catches by true level, most false alarms first, and what all of them catch together. */
export function reportRules(rules: readonly SourceRule[], lines: readonly LabelledLine[]): string {
  const levels = matchAll(rules, lines);
  const caught = lines.filter((_, index) => levels[index] < URGENCIES.length);
  const rows = rules.map((rule) => {
    const counts = URGENCIES.map(() => 0);
    matchAll([rule], caught).forEach((level, index) => {
      if (level < URGENCIES.length) counts[caught[index].level]++;
    });
    const cells = counts.map((count) => String(count).padStart(6)).join("");
    const name = URGENCIES[rule.level].padEnd(9);
    return {
      falseAlarms: counts[ROUTINE],
      text: `${cells}  ${name} ${rule.file}:${rule.line}  ${rule.pattern.text}\n`,
    };
  });
  rows.sort((a, b) => b.falseAlarms - a.falseAlarms);
  const header = "     I     U     S     R  matches by true level\n";
  return `${header}${rows.map((row) => row.text).join("")}${summarise(lines, levels)}`;
}

/** The lines for which `isWrong(true level, level of the rules)` holds, with where they are. */
export function listLines(
  rules: readonly SourceRule[],
  lines: readonly LabelledLine[],
  isWrong: (trueLevel: number, level: number) => boolean,
): string {
  const levels = matchAll(rules, lines);
  return lines
    .filter((line, index) => isWrong(line.level, levels[index]))
    .map((line) => `${line.source}  ${line.text.replaceAll("\n", " ")}\n`)
    .join("");
}

/** Level of the gravest match for each line, `URGENCIES.length` for none. */
function matchAll(rules: readonly SourceRule[], lines: readonly LabelledLine[]): number[] {
  const loaded = loadRules(encodeRules(rules));
  const encoder = new TextEncoder();
  const longest = lines.reduce((maximum, line) => Math.max(maximum, encoder.encode(line.text).length), 0);
  const text = createNormalizedText(longest);
  const scratch = createRuleScratch(loaded, text.wordStarts.length);
  return lines.map((line) => {
    const bytes = encoder.encode(line.text);
    normalize(bytes, 0, bytes.length, text);
    return matchRules(loaded, text, scratch).level;
  });
}

/** Of the lines of each true level, the share that the rules put at each level or above. */
function summarise(lines: readonly LabelledLine[], levels: readonly number[]): string {
  const rows = URGENCIES.map((name, trueLevel) => {
    const own = levels.filter((_, index) => lines[index].level === trueLevel);
    const share = (limit: number): string => {
      const count = own.filter((level) => level <= limit).length;
      return `${((100 * count) / Math.max(1, own.length)).toFixed(1).padStart(6)}% at ${URGENCIES[limit]} or above`;
    };
    return `${name.padEnd(9)} ${String(own.length).padStart(5)} lines: ${[0, 1, 2].map(share).join(", ")}\n`;
  });
  return rows.join("");
}
