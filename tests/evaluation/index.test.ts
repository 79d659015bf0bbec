import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as evaluation from "../../src/evaluation/index.js";
import { readModules } from "../privacy/source-code.js";

const ROOT = join(import.meta.dirname, "../..");

describe("earshot/evaluation", () => {
  it("exports these values and no others", () => {
    expect(Object.keys(evaluation).sort()).toEqual(
      [
        "DEFAULT_SAMPLING",
        "FEWEST_CALIBRATION_LINES",
        "FEWEST_GROUP_LINES",
        "FIGURES",
        "areaUnderCurve",
        "bootstrap",
        "calibrate",
        "calibrationError",
        "confusionMatrix",
        "countLabels",
        "evaluate",
        "labelF1",
        "macroF1",
        "orderByScore",
        "policyForCalibration",
        "precisionRecallCurve",
        "proportion",
        "quadraticKappa",
        "recallAtFalseAlarms",
        "reliabilityBins",
      ].sort(),
    );
  });

  it("loads nothing from outside, no triage and no drawing", () => {
    const modules = readModules(["evaluation/index.ts"]);
    expect(modules.flatMap(({ imports }) => imports)).toEqual([]);
    const units = new Set(modules.map(({ file }) => file.split("/")[0]));
    expect([...units].sort()).toEqual(["errors.ts", "evaluation", "labels.ts", "policy", "text"]);
  });

  it("is an entry of the package", () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(exports["./evaluation"]).toEqual({
      types: "./dist/evaluation/index.d.ts",
      default: "./dist/evaluation/index.js",
    });
  });
});
