import { describe, expect, it } from "vitest";
import { calibrate } from "../../src/evaluation/calibrate.js";
import { evaluate } from "../../src/evaluation/evaluate.js";
import { renderCalibrationText, renderEvaluationText } from "../../src/evaluation/report-text.js";
import { lineOf } from "./support.js";

const QUICK = { seed: 7, resamples: 20 };
const LINES = Array.from({ length: 100 }, (_, line) =>
  lineOf([line / 200, 0.1], line < 50 ? "routine" : "immediate", line < 55 ? "soon" : "immediate", {
    language: line < 90 ? "en" : "sw",
    slice: "a-slice-with-a-name-that-is-long",
    categories: ["suicide"],
    signals: [],
  }),
);

describe("renderEvaluationText", () => {
  it("shows what there is, at most 100 columns wide", async () => {
    const text = renderEvaluationText({ ...(await evaluate(LINES, QUICK)), rejected: 3 });
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    for (const part of [
      /^100 lines: 100 with urgency, 100 with categories, 100 with signals$/m,
      /^3 lines could not be read/m,
      /Seed 7, 20\s+resamples/,
      /^recall of immediate +0\.900 +0\.786 to 0\.957 +50$/m,
      /^immediate +45 +0 +5 +0$/m,
      /^suicide +100 +- +0\.00 \(0\.00-0\.04\) +0\.00 \(0\.00-0\.00\)$/m,
      /^sw +10 +too few: under 20$/m,
      /^a-slice-with-a-name-that… {2,}100 +0\.90/m,
    ])
      expect(text).toMatch(part);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("leaves out what the labels do not give", async () => {
    const assessment = { urgency: "soon", categories: [], signals: [] } as const;
    const text = renderEvaluationText(await evaluate([{ categories: ["suicide"], assessment }], QUICK));
    expect(text).not.toMatch(/recall of immediate|true level|signal |could not be read|NaN|undefined/);
    expect(text).toMatch(/^1 lines without scores/m);
  });
});

describe("renderCalibrationText", () => {
  it("shows both levels and where the figures come from", async () => {
    const lines = LINES.map((line) => ({ ...line, assessment: { ...line.assessment, urgency: "routine" as const } }));
    const report = await calibrate(lines, { messagesPerHour: 12, sampling: QUICK });
    const text = renderCalibrationText({ ...report, rejected: 1 });
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    for (const part of [
      /^Thresholds chosen on 100 lines for sensitivity at least 0\.95$/m,
      /^policy earshot-default-calibrated@1\.1\.0\+[0-9a-f]{8}$/m,
      /^1 lines could not be read/m,
      /^immediate: threshold 0\.\d+, 50 lines at the level, 50 below$/m,
      /^urgent or above: threshold/m,
      /probability mapped with slope/,
      /^sensitivity +[01]\.\d{3} +0\.\d{3} to [01]\.\d{3} +50$/m,
      /^alerts an hour +\d+\.\d{3}/m,
    ])
      expect(text).toMatch(part);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    const other = await calibrate(lines, { target: { falseAlarms: 0.2 }, sampling: QUICK });
    expect(renderCalibrationText(other)).toContain("false alarms at most 0.2");
  });
});
