import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createTriage } from "../../src/triage.js";
import { findRegressions, measure, type Recorded, scoreSuite } from "./measure.js";
import { RECORDED_FILE, readSuites } from "./suites.js";

const recorded: Recorded = JSON.parse(readFileSync(RECORDED_FILE, "utf8"));
const suites = readSuites();
const triage = await createTriage();
const measured = Object.fromEntries(
  await Promise.all(
    suites.map(async (suite) => [suite.name, measure(suite.lines, await scoreSuite(triage, suite))] as const),
  ),
);

afterAll(() => triage.close());

describe("the shipped pack on the suites", () => {
  it.each([...new Set([...Object.keys(recorded.suites), ...Object.keys(measured)])])(
    "is nowhere worse than recorded: %s",
    (name) => {
      const own = (figures: Recorded["suites"]): Recorded["suites"] =>
        Object.fromEntries(Object.entries(figures).filter(([suite]) => suite === name));
      expect(findRegressions(own(recorded.suites), own(measured))).toEqual([]);
    },
  );
});
