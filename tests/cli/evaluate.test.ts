import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { EvaluationReport } from "../../src/evaluation/report.js";
import { URGENCIES, type Urgency } from "../../src/labels.js";
import { DEFAULT_POLICY } from "../../src/policy/schema.js";
import { documentedErrors, isAssessment, parseFailure, parseLines, run } from "./command.js";
import { CANARY, CANARY_ERRORS, CANARY_LINES, labelledInbox } from "./labelled-data.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-evaluate-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pathOf = (name: string): string => join(folder, name);
const write = (name: string, content: string): string => {
  writeFileSync(pathOf(name), content);
  return pathOf(name);
};
const inbox = write("inbox.jsonl", labelledInbox());
const QUICK = ["--resamples", "20"];

async function evaluateJson(...parameters: readonly string[]): Promise<EvaluationReport> {
  const { stdout } = await run(["evaluate", "--format", "json", ...QUICK, ...parameters]);
  return JSON.parse(stdout);
}

describe("earshot evaluate", () => {
  it("measures exactly what `earshot score` gives", async () => {
    const errors = pathOf("errors.jsonl");
    const [report, scored] = [
      await evaluateJson(inbox, "--errors", errors),
      parseLines((await run(["score", inbox])).stdout),
    ];
    const labels = labelledInbox()
      .trimEnd()
      .split("\n")
      .map((line, index): Urgency | undefined => (isAssessment(scored[index]) ? JSON.parse(line).urgency : undefined));
    const confusion = URGENCIES.map((truth) =>
      URGENCIES.map(
        (given) => scored.filter((result, index) => labels[index] === truth && result.urgency === given).length,
      ),
    );
    expect(report).toMatchObject({ lines: 75, rejected: 5, confusion, pack: scored[0].pack, policy: scored[0].policy });
    const misses = labels.flatMap((truth, index) => {
      const { urgency, scores } = scored[index];
      if (truth === undefined || truth === urgency) return [];
      return [{ file: 1, line: index + 1, trueLevel: truth, level: urgency, immediate: scores?.urgency.immediate }];
    });
    expect(misses.length).toBeGreaterThan(0);
    expect(parseLines(readFileSync(errors, "utf8"))).toEqual(misses);
  });

  it("says on standard error which lines it could not read, goes on, and ends with 3", async () => {
    const { exitCode, stdout, stderr } = await run(["evaluate", ...QUICK, inbox]);
    expect(exitCode).toBe(3);
    expect(parseLines(stderr)).toEqual(
      [...documentedErrors("inbox.jsonl")].map(([line, error]) => ({ file: 1, line, error })),
    );
    expect(stdout).toMatch(
      /^75 lines: 75 with urgency, 75 with categories, 75 with signals\n5 lines could not be read/,
    );
  });

  it("reads several files and standard input, and writes to files", async () => {
    const first = write("first.jsonl", '{"text":"hello there","urgency":"routine","slice":"one"}\nnone\n');
    const report = pathOf("report.json");
    const { exitCode, stdout, stderr } = await run(
      ["evaluate", "--format", "json", "--output", report, first, "-"],
      '{"text":"hello there","urgency":"routine","slice":"two"}\n{}\n',
    );
    expect([exitCode, stdout]).toEqual([3, ""]);
    expect(parseLines(stderr)).toEqual([
      { file: 1, line: 2, error: "LINE_NOT_JSON" },
      { file: 2, line: 1 + 1, error: "TEXT_MISSING" },
    ]);
    expect(JSON.parse(readFileSync(report, "utf8"))).toMatchObject({
      lines: 2,
      figures: { accuracy: { n: 2 } },
      slices: [
        { id: "one", lines: 1, tooFew: true },
        { id: "two", lines: 1, tooFew: true },
      ],
    });
  });

  it("scores with the language that a line states, or identifies it when asked", async () => {
    const text = '{"text":"what time do you open on saturday? thank you","urgency":"routine","language":"qq"}\n';
    const path = write("language.jsonl", text);
    const told = await evaluateJson(path);
    const identified = await evaluateJson("--identify-language", path);
    // An unsupported language raises to soon.
    expect(told.figures.accuracy?.value).toBe(0);
    expect(identified.figures.accuracy?.value).toBe(1);
    for (const { languages } of [told, identified]) expect(languages).toMatchObject([{ id: "qq" }]);
  });

  it("scores with a policy of one's own", async () => {
    const policy = write(
      "policy.json",
      JSON.stringify({ ...DEFAULT_POLICY, name: "all-now", urgencyThresholds: { immediate: 1e-9 } }),
    );
    const report = await evaluateJson("--policy", policy, inbox);
    expect(report.policy).toMatch(/^all-now@/);
    expect(report.figures.recallImmediate?.value).toBe(1);
  });

  it("repeats itself, and changes its intervals with the seed only", async () => {
    const [one, again, other] = [
      await evaluateJson(inbox),
      await evaluateJson(inbox),
      await evaluateJson("--seed", "2", inbox),
    ];
    expect(again).toEqual(one);
    expect(other.figures.kappa?.value).toBe(one.figures.kappa?.value);
    expect(other.figures.kappa).not.toEqual(one.figures.kappa);
  });

  it("writes one page that needs nothing else", async () => {
    const html = pathOf("page.html");
    await run(["evaluate", ...QUICK, inbox, "--html", html]);
    const page = readFileSync(html, "utf8");
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain("<svg");
    expect(page).not.toMatch(/<script|(src|href)=|https?:(?!\/\/www\.w3\.org\/)/i);
  });

  it.each([
    ["text", []],
    ["json", ["--format", "json"]],
  ])("puts no word of a line into anything it writes: %s", async (name, parameters) => {
    const data = write("canary.jsonl", `${CANARY_LINES.join("\n")}\n`);
    const [html, errors] = [pathOf(`${name}.html`), pathOf(`${name}.jsonl`)];
    const finished = await run(["evaluate", ...QUICK, ...parameters, "--html", html, "--errors", errors, data]);
    expect(finished.exitCode).toBe(3);
    expect(parseLines(finished.stderr)).toEqual(CANARY_ERRORS.map(([line, error]) => ({ file: 1, line, error })));
    const written = [finished.stdout, finished.stderr, readFileSync(html, "utf8"), readFileSync(errors, "utf8")];
    for (const text of written) expect(text.toLowerCase()).not.toContain(CANARY.toLowerCase());
    expect(finished.stdout).not.toContain("pills");
  });

  it.each([
    ["a file that is not there", 2, "FILE_NOT_READABLE", [pathOf("none.jsonl")]],
    ["a policy that is none", 2, "POLICY_INVALID", [inbox, "--policy", inbox]],
    ["a pack that is not there", 2, "PACK_NOT_FOUND", [inbox, "--pack", pathOf("none")]],
    [
      "an output that cannot be written",
      1,
      "OUTPUT_FAILED",
      [write("good.jsonl", '{"text":"a","urgency":"soon"}\n'), "--output", folder],
    ],
    ["errors that cannot be written", 1, "OUTPUT_FAILED", [inbox, "--errors", folder]],
    ["a file without lines", 1, "DATA_TOO_FEW", [write("empty.jsonl", "")]],
  ])("refuses %s", async (_, exitCode, error, parameters) => {
    const finished = await run(["evaluate", ...QUICK, ...parameters]);
    expect(finished.exitCode).toBe(exitCode);
    expect(parseFailure(finished)).toMatchObject({ error });
  });

  it.each([
    ["no file", []],
    ["a format that is none", [inbox, "--format", "pdf"]],
    ["no resamples", [inbox, "--resamples", "0"]],
  ])("refuses %s", async (_, parameters) => {
    expect(await run(["evaluate", ...parameters])).toMatchObject({ exitCode: 2, stdout: "" });
  });
});
