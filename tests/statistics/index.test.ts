import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as statistics from "../../src/statistics/index.js";
import { readModules } from "../privacy/source-code.js";

const ROOT = join(import.meta.dirname, "../..");

describe("earshot/statistics", () => {
  it("exports these values and no others, none of which takes a source of chance", () => {
    expect(Object.keys(statistics).sort()).toEqual([
      "DIMENSIONS",
      "createBudget",
      "createStatistics",
      "renderStatisticsCsv",
    ]);
    expect(statistics.createStatistics).toHaveLength(1);
  });

  it("makes no random number but from the system's cryptographic generator, and none with floating point", () => {
    const modules = readModules(["statistics/index.ts"]);
    expect(modules.flatMap(({ imports }) => imports).sort()).toEqual([
      "node:crypto createHmac",
      "node:crypto randomBytes",
      "node:crypto randomFillSync",
    ]);
    const source = modules.map(({ file }) => readFileSync(join(ROOT, "src", file), "utf8")).join("\n");
    expect(source).not.toMatch(/Math\.random|seed/);
    const sampler = readFileSync(join(ROOT, "src/statistics/discrete-laplace.ts"), "utf8").split(
      "/**\n * The smallest w",
    )[0];
    expect(sampler).toContain("drawExponential");
    expect(sampler).not.toMatch(/Math\.|Number\(/);
  });

  it("is an entry of the package", () => {
    const { exports, tsup } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(exports["./statistics"]).toEqual({
      types: "./dist/statistics/index.d.ts",
      default: "./dist/statistics/index.js",
    });
    expect(tsup.entry).toContain("src/statistics/index.ts");
  });
});
