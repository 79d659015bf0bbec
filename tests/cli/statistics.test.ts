import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FIXTURES, parseFailure, run } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-statistics-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const CANARY = "zyxcanary";
/** So little noise that what is asked of these counts fails once in 10^100 runs. */
const LOUD = ["--epsilon", "10", "--contributions", "1", "--minimum", "0", "--by", "level"];
const contact = (more: object): string =>
  `${JSON.stringify({ schemaVersion: 1, urgency: "urgent", categories: [], signals: [], ...more })}\n`;
const PEOPLE = Array.from({ length: 500 }, (_, person) => contact({ person, at: "2026-03-01T22:15:00Z" })).join("");

describe("earshot statistics", () => {
  it("prints tables with what may be expected of them", async () => {
    const { exitCode, stdout, stderr } = await run(["statistics"], PEOPLE);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("level: each count ± 36 in 95 of 100 cases");
    expect(stdout).toContain("by at most 12.");
    expect(stdout).toContain("No account is kept");
    expect(stdout).toMatch(/do not add up/);
    for (const name of ["category", "age", "hour"]) expect(stdout).toContain(`\n${name}: each count`);
    expect(stdout).not.toContain("country:");
  });

  it("counts from a file or standard input, in the time zone that it is told", async () => {
    const path = join(folder, "people.jsonl");
    writeFileSync(path, PEOPLE);
    const options = ["statistics", ...LOUD.slice(0, -1), "hour", "--time-zone", "Africa/Nairobi", "--format", "json"];
    for (const { stdout } of [await run([...options, path]), await run([...options, "-"], PEOPLE)]) {
      const [{ cells }] = JSON.parse(stdout).tables;
      const counts = new Map(cells.map(({ values, count }: { values: string[]; count: number }) => [values[0], count]));
      expect(Math.abs((counts.get("01") as number) - 500)).toBeLessThan(100);
      expect(counts.get("22")).toBeLessThan(100);
      expect(counts.size).toBe(25);
    }
  });

  it("adds a table by country for those it is told", async () => {
    const { stdout } = await run(["statistics", "--countries", "KE,UG", "--format", "json"], PEOPLE);
    const { tables, sensitivity } = JSON.parse(stdout);
    expect(tables.at(-1).cells.map(({ values }: { values: string[] }) => values[0])).toEqual([
      "KE",
      "UG",
      "other or unknown",
    ]);
    expect(sensitivity).toBe(15);
  });

  it("writes CSV of lines that end as RFC 4180 says, with nothing but counts, and who keeps the account beside it", async () => {
    const output = join(folder, "counts.csv");
    const options = ["statistics", "--by", "level,total", "--format", "csv"];
    const printed = await run(options, PEOPLE);
    const written = await run([...options, "--output", output], PEOPLE);
    expect(written).toEqual({ exitCode: 0, stdout: "", stderr: '{"accounting":"operator"}\n' });
    for (const text of [printed.stdout, readFileSync(output, "utf8")]) {
      expect(text.split("\r\n")).toHaveLength(1 + 4 + 1 + 1);
      expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
      expect(text.startsWith("table,level,")).toBe(true);
    }
  });

  it("gives JSON in which nothing tells how many lines or people there were", async () => {
    const frame = async (input: string): Promise<unknown> => {
      const { stdout } = await run(["statistics", "--format", "json"], input);
      return JSON.parse(stdout, (key, value) => (key === "count" ? 0 : value));
    };
    const few = await frame(contact({ person: 1 }));
    expect(few).toEqual(await frame(PEOPLE));
    expect(few).toEqual(await frame(""));
    expect(few).toMatchObject({ epsilon: 1, contributions: 3, accounting: "operator" });
    expect(JSON.stringify(few)).not.toMatch(/seed/i);
  });

  it("names bad lines by number and code, without a word of them, and gives the counts all the same", async () => {
    const lines = [
      contact({ person: 1, text: CANARY }),
      `${CANARY}\n`,
      contact({}),
      contact({ person: CANARY, age: 300 }),
    ];
    const { exitCode, stdout, stderr } = await run(
      ["statistics", ...LOUD, "--format", "json"],
      `${lines.join("")}${PEOPLE}`,
    );
    expect(exitCode).toBe(3);
    expect(stderr).toBe(
      '{"line":1,"error":"TEXT_PRESENT"}\n{"line":2,"error":"LINE_NOT_JSON"}\n{"line":3,"error":"PERSON_MISSING"}\n{"line":4,"error":"FIELD_INVALID"}\n',
    );
    expect(stdout).not.toContain(CANARY);
    expect(Math.abs(JSON.parse(stdout).tables[0].cells[1].count - 500)).toBeLessThan(100);
  });

  it("counts one person only so often", async () => {
    const lines = Array.from({ length: 500 }, () => contact({ person: "one" })).join("");
    const { stdout } = await run(["statistics", ...LOUD, "--format", "json"], lines);
    expect(JSON.parse(stdout).tables[0].cells[1].count).toBeLessThan(100);
  });

  it("takes what score gives, with a person added", async () => {
    const scored = await run(["score", "--format", "jsonl", `${FIXTURES}inbox.jsonl`]);
    const lines = scored.stdout
      .trim()
      .split("\n")
      .map((text, person) => ({ ...JSON.parse(text), person }));
    const errors = lines.filter(({ error }) => error !== undefined).length;
    const input = lines.map((value) => `${JSON.stringify(value)}\n`).join("");
    const { exitCode, stderr } = await run(["statistics"], input);
    expect(exitCode).toBe(errors > 0 ? 3 : 0);
    expect(stderr.match(/LABELS_MISSING/g) ?? []).toHaveLength(errors);
    expect(lines.length - errors).toBeGreaterThan(10);
  });

  it("keeps an account that outlasts it, and gives nothing once the budget is spent", async () => {
    const file = join(folder, "budget.jsonl");
    const options = [
      "statistics",
      "--format",
      "json",
      "--epsilon",
      "0.5",
      "--budget-file",
      file,
      "--period",
      "2026-11",
    ];
    const first = await run([...options, "--budget", "1"], PEOPLE);
    expect(JSON.parse(first.stdout).accounting).toEqual({
      period: "2026-11",
      limit: 1,
      spentInPeriod: 0.5,
      spentInAllPeriods: 0.5,
    });
    expect((await run(options, PEOPLE)).exitCode).toBe(0);
    const refused = await run([...options, "--output", join(folder, "refused.json")], PEOPLE);
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(parseFailure(refused)).toMatchObject({ error: "BUDGET_SPENT", limit: 1, spent: 1, asked: 0.5 });
    expect(() => readFileSync(join(folder, "refused.json"))).toThrow();
    expect((await run([...options.slice(0, -1), "2026-12"], PEOPLE)).stdout).toContain('"spentInAllPeriods":1.5');
  });

  it("pays before it gives: what cannot be written is paid for", async () => {
    const file = join(folder, "paid.jsonl");
    const options = [
      "statistics",
      "--budget-file",
      file,
      "--budget",
      "1",
      "--output",
      join(folder, "no", "such", "folder"),
    ];
    const finished = await run(options, PEOPLE);
    expect(finished.exitCode).toBe(1);
    expect(parseFailure(finished)).toMatchObject({ error: "OUTPUT_FAILED" });
    expect(readFileSync(file, "utf8")).toContain('{"period":"all","epsilon":1}\n');
  });

  it("lets several runs at once have no more than there is", async () => {
    const options = ["statistics", "--budget-file", join(folder, "many.jsonl"), "--budget", "2", "--epsilon", "1"];
    const runs = await Promise.all([1, 2, 3, 4].map(() => run(options, "")));
    const released = runs.filter(({ exitCode }) => exitCode === 0).length;
    expect(released).toBeLessThanOrEqual(2);
    for (const finished of runs) if (finished.exitCode !== 0) expect(finished.stdout).toBe("");
  });

  it.each([
    ["no such file", [join(folder, "none.jsonl")], "FILE_NOT_READABLE"],
    ["an unknown table", ["--by", "level,name"], "STATISTICS_INVALID"],
    ["a table by country without countries", ["--by", "country"], "STATISTICS_INVALID"],
    ["a country that is none", ["--countries", "Kenya"], "STATISTICS_INVALID"],
    ["an unknown time zone", ["--time-zone", "Earth/Moon"], "STATISTICS_INVALID"],
    ["a budget that nobody remembers", ["--budget", "1"], "STATISTICS_INVALID"],
    ["a budget file that is not there", ["--budget-file", join(folder, "absent")], "FILE_NOT_READABLE"],
    ["an epsilon that protects nobody", ["--epsilon", "11"], "STATISTICS_INVALID"],
  ])("refuses %s", async (_, parameters, error) => {
    const finished = await run(["statistics", ...parameters], PEOPLE);
    expect(finished).toMatchObject({ exitCode: 2, stdout: "" });
    expect(parseFailure(finished)).toMatchObject({ error });
  });

  it.each([
    ["--epsilon", "0"],
    ["--epsilon", "0.0001"],
    ["--contributions", "0"],
    ["--minimum", "-1"],
    ["--format", "pdf"],
  ])("refuses %s %s", async (...parameters) => {
    expect(await run(["statistics", ...parameters], PEOPLE)).toMatchObject({ exitCode: 2, stdout: "" });
  });
});
