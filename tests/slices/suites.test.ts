import { describe, expect, it } from "vitest";
import { CATEGORIES, SIGNALS, URGENCIES } from "../../src/labels.js";
import { readSuites, type Suite, type SuiteLine } from "./suites.js";

const suites = readSuites();
/** Each of these two is the other's counterpart; every other suite holds several levels. */
const ONE_LEVEL: Readonly<Record<string, string>> = { "everyday-sms": "routine", "understated-immediate": "immediate" };
const FIELDS = ["text", "language", "urgency", "categories", "signals", "slice"];

/** Numbers of the lines that fail a check, so that no message shows in a failing test. */
function linesThat({ lines }: Suite, fails: (line: SuiteLine) => boolean): number[] {
  return lines.flatMap((line, index) => (fails(line) ? [index + 1] : []));
}

describe.each(suites)("$name", (suite) => {
  it("has the fields of a labelled line and only known labels", () => {
    const known = (labels: readonly string[], of: readonly string[]): boolean =>
      new Set(labels).size === labels.length && labels.every((label) => of.includes(label));
    const wrong = linesThat(suite, (line) => {
      const fields = line.pair === undefined ? FIELDS : [...FIELDS, "pair"];
      return !(
        Object.keys(line).join() === fields.join() &&
        line.slice === suite.name &&
        line.text.trim() !== "" &&
        URGENCIES.includes(line.urgency) &&
        known(line.categories, CATEGORIES) &&
        known(line.signals, SIGNALS)
      );
    });
    expect(wrong).toEqual([]);
  });

  it("cannot be passed by one answer to everything", () => {
    const counts = URGENCIES.map((level) => suite.lines.filter(({ urgency }) => urgency === level).length);
    const only = ONE_LEVEL[suite.name];
    if (only !== undefined) expect(counts).toEqual(URGENCIES.map((level) => (level === only ? suite.lines.length : 0)));
    else {
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
      expect(Math.max(...counts)).toBeLessThan(suite.lines.length * 0.75);
    }
  });
});

describe("all suites", () => {
  it("repeat no message", () => {
    const texts = suites.flatMap(({ lines }) => lines.map(({ text }) => text));
    expect(texts.length - new Set(texts).size).toBe(0);
  });

  it("name in sets only versions of one sentence with one label", () => {
    const sets = new Map<string, SuiteLine[]>();
    for (const line of suites.flatMap((suite) => suite.lines))
      if (line.pair !== undefined) sets.set(line.pair, [...(sets.get(line.pair) ?? []), line]);
    expect(sets.size).toBeGreaterThanOrEqual(30);
    for (const [name, lines] of sets) {
      const labels = lines.map(({ urgency, categories, signals }) => JSON.stringify([urgency, categories, signals]));
      expect(new Set(labels).size, `labels of ${name}`).toBe(1);
      expect(lines.length, `lines of ${name}`).toBeGreaterThanOrEqual(4);
      expect(lines.length, `lines of ${name}`).toBeLessThanOrEqual(6);
    }
  });
});
