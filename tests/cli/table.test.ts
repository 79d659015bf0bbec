import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { renderTable, type TableContent, type TableRow } from "../../src/cli/table.js";
import { URGENCIES } from "../../src/labels.js";
import { createTriage } from "../../src/triage.js";
import type { Assessment } from "../../src/types.js";
import { tinyPack } from "../support/tiny-pack.js";

const triage = await createTriage({ pack: tinyPack([]), now: () => new Date("2026-01-05T12:00:00Z") });
const assessment = await triage.assess("nothing of note", { country: "KE" });

function row(line: number, changes: Partial<Assessment> = {}): TableRow {
  return { line, assessment: { ...assessment, ...changes } };
}

function render(changes: Partial<TableContent>): string {
  return renderTable({
    rows: [row(1)],
    left: 0,
    rejected: [],
    countPerLevel: { immediate: 1, urgent: 2, soon: 3, routine: 4 },
    medianMicroseconds: 12.6,
    colour: false,
    showPreview: false,
    ...changes,
  });
}

describe("renderTable", () => {
  it.each(URGENCIES)("shows %s as a letter and a word, with and without colour", (urgency) => {
    const letter = `${urgency[0].toUpperCase()} ${urgency}`;
    const plain = render({ rows: [row(1, { urgency })] });
    const coloured = render({ rows: [row(1, { urgency })], colour: true });
    expect(plain).toContain(letter);
    expect(plain).toBe(stripVTControlCharacters(plain));
    expect(coloured).not.toBe(plain);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  it("names a message by its id, else by its line", () => {
    const table = render({ rows: [row(7), row(8, { id: "m08" })] });
    expect(table).toContain("line 7");
    expect(table).toContain("m08");
    expect(table).not.toContain("line 8");
  });

  it("keeps ids and language tags from steering the terminal", () => {
    const steering = "a\u001b[2J\u202e\u009b";
    const table = render({
      rows: [
        row(1, {
          id: steering,
          review: ["LANGUAGE_UNSUPPORTED"],
          language: { tag: steering, confidence: 1, supported: false },
        }),
      ],
    });
    expect(table.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it("shows three reasons, and the first helper with its number", () => {
    const reasons = ["one", "two", "three", "four"].map((code) => ({ code, weight: 1 }));
    const table = render({ rows: [row(1, { reasons })] });
    for (const code of ["one", "two", "three"]) expect(table).toContain(code);
    expect(table).not.toContain("four");
    expect(table.replaceAll(/\s+/g, " ")).toContain(assessment.referrals[0].service.split(" ")[0]);
  });

  it("shows a preview only where one was asked for", () => {
    const rows = [{ ...row(1), preview: "hello there" }];
    expect(render({ rows, showPreview: true })).toContain("hello there");
    expect(render({ rows })).not.toContain("hello there");
  });

  it("counts what it shows and what it does not", () => {
    const table = render({ left: 9 });
    expect(table).toContain("10 messages: 1 immediate, 2 urgent, 3 soon, 4 routine");
    expect(table).toContain("13 microseconds");
    expect(table).toContain("1 shown, 9 less grave ones not");
    expect(table).toContain("a person decides");
    expect(render({})).not.toContain("less grave");
  });

  it("names the rejected lines, and of very many the first", () => {
    const rejected = Array.from({ length: 1000 }, (_, index) => ({ line: index + 1, error: "LINE_NOT_JSON" as const }));
    const few = render({ rejected: rejected.slice(0, 2) });
    const many = render({ rejected });
    expect(few).toContain("2 lines could not be read");
    expect(few).toContain("line 1 LINE_NOT_JSON, line 2 LINE_NOT_JSON");
    expect(many).toContain("1000 lines could not be read");
    expect(many).toContain("line 1 LINE_NOT_JSON");
    expect(many.length).toBeLessThan(few.length + 2000);
  });
});
