import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { CalibrationReport } from "../../src/evaluation/calibrate.js";
import type { EvaluationReport } from "../../src/evaluation/report.js";
import { DEFAULT_POLICY } from "../../src/policy/schema.js";
import { parseFailure, parseLines, run } from "./command.js";
import { CANARY, CANARY_ERRORS, CANARY_LINES, labelledInbox } from "./labelled-data.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-calibrate-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pathOf = (name: string): string => join(folder, name);
const write = (name: string, content: string): string => {
  writeFileSync(pathOf(name), content);
  return pathOf(name);
};
// Enough labelled lines are only among those that the model was trained on: what is tested is the command, not the model.
const lines = readFileSync(fileURLToPath(new URL("../../models/training/data/en-a.jsonl", import.meta.url)), "utf8");
const data = write("data.jsonl", `${lines.split("\n").slice(0, 600).join("\n")}\n`);

describe("earshot calibrate", () => {
  it("writes a policy that reaches its target when `score` and `evaluate` use it", async () => {
    const policy = pathOf("policy.json");
    const finished = await run([
      "calibrate",
      data,
      "--format",
      "json",
      "--output",
      policy,
      "--messages-per-hour",
      "30",
    ]);
    expect([finished.exitCode, finished.stderr]).toEqual([0, ""]);
    const report = JSON.parse(finished.stdout) as CalibrationReport;
    expect(report).toMatchObject({ lines: 600, rejected: 0, target: { sensitivity: 0.95 }, folds: 5 });
    expect(JSON.parse(readFileSync(policy, "utf8"))).toEqual(report.policy);
    for (const level of report.levels) {
      expect(level.alertsPerHour?.value).toBeCloseTo(30 * level.alerts.value, 12);
      expect(level.sensitivity.n).toBe(level.positives);
    }

    const evaluated = await run(["evaluate", data, "--format", "json", "--resamples", "20", "--policy", policy]);
    const { figures, policy: name } = JSON.parse(evaluated.stdout) as EvaluationReport;
    expect(name).toBe(`${report.policy.name}@${report.policy.version}`);
    expect(figures.recallImmediate?.value).toBeGreaterThanOrEqual(0.95);
    expect(figures.recallUrgentOrAbove?.value).toBeGreaterThanOrEqual(0.95);

    const [plain, own] = [
      parseLines((await run(["score", data])).stdout),
      parseLines((await run(["score", data, "--policy", policy])).stdout),
    ];
    expect(own[0].policy).toBe(name);
    expect(own.some(({ urgency }, line) => urgency !== plain[line].urgency)).toBe(true);
    expect(own.some(({ scores }, line) => scores?.urgency.immediate !== plain[line].scores?.urgency.immediate)).toBe(
      true,
    );
  });

  it("keeps to a share of false alarms instead, on a policy of one's own, and says so in words", async () => {
    const policy = write("own.json", JSON.stringify({ ...DEFAULT_POLICY, name: "ours" }));
    const output = pathOf("alarms.json");
    const parameters = ["--false-alarms", "0.1", "--policy", policy, "--output", output];
    const { exitCode, stdout } = await run(["calibrate", data, ...parameters]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^Thresholds chosen on 600 lines for false alarms at most 0\.1\npolicy ours-calibrated@1\.1\.0\+/,
    );
    expect(JSON.parse(readFileSync(output, "utf8"))).toMatchObject({
      name: "ours-calibrated",
      urgencyThresholds: { doubt: 1 },
    });
  });

  it("refuses too few lines, and says how many there are", async () => {
    const finished = await run(
      ["calibrate", "-"],
      '{"text":"hello","urgency":"routine"}\n{"text":"hello","urgency":"soon"}\n',
    );
    expect([finished.exitCode, finished.stdout]).toEqual([1, ""]);
    expect(parseFailure(finished)).toMatchObject({
      error: "DATA_TOO_FEW",
      immediate: 0,
      notImmediate: 2,
      urgentOrAbove: 0,
      belowUrgent: 2,
      needed: 30,
    });
  });

  it("passes over lines that it cannot use, names them by number, and puts no word of them into anything", async () => {
    const extra = write("canary.jsonl", `${CANARY_LINES.join("\n")}\n{"text":"${CANARY}","categories":[]}\n`);
    const output = pathOf("canary-policy.json");
    const finished = await run(["calibrate", data, extra, "--output", output]);
    expect(finished.exitCode).toBe(3);
    expect(parseLines(finished.stderr)).toEqual(
      [...CANARY_ERRORS, [11, "LABELS_MISSING"]].map(([line, error]) => ({ file: 2, line, error })),
    );
    for (const text of [finished.stdout, finished.stderr, readFileSync(output, "utf8")])
      expect(text.toLowerCase()).not.toContain(CANARY.toLowerCase());
  });

  it.each([
    ["a policy that is none", 2, "POLICY_INVALID", [data, "--policy", write("bad.json", '{"name":"x"}')]],
    ["a file that is not there", 2, "FILE_NOT_READABLE", [pathOf("none.jsonl")]],
    ["an output that cannot be written", 1, "OUTPUT_FAILED", [data, "--output", folder]],
  ])("refuses %s", async (_, exitCode, error, parameters) => {
    const finished = await run(["calibrate", ...parameters]);
    expect(finished.exitCode).toBe(exitCode);
    expect(parseFailure(finished)).toMatchObject({ error });
  });

  it.each([
    ["both targets", ["--sensitivity", "0.9", "--false-alarms", "0.1"]],
    ["a share of 1", ["--sensitivity", "1"]],
    ["a share that is none", ["--false-alarms", "many"]],
    ["no messages", ["--messages-per-hour", "0"]],
  ])("refuses %s", async (_, parameters) => {
    expect(await run(["calibrate", write("inbox.jsonl", labelledInbox()), ...parameters])).toMatchObject({
      exitCode: 2,
      stdout: "",
    });
  });
});
