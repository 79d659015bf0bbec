import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createFileBudget } from "../../src/cli/budget-file.js";

const hooks = vi.hoisted(() => ({ beforeAppend: undefined as (() => void) | undefined }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const openSync: typeof fs.openSync = (path, flags, mode) => {
    if (flags === "a") hooks.beforeAppend?.();
    return fs.openSync(path, flags, mode);
  };
  return { ...fs, openSync };
});

const folder = mkdtempSync(join(tmpdir(), "earshot-budget-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "budget.jsonl");
beforeEach(() => {
  hooks.beforeAppend = undefined;
  rmSync(path, { force: true });
});

const HEAD = '{"schemaVersion":1,"limit":1}\n';
const open = (period = "2026-11", limit?: number) =>
  createFileBudget({ path, period, ...(limit !== undefined && { limit }) });
const refused = (code: string): unknown => expect.objectContaining({ code });

describe("createFileBudget", () => {
  it("makes a file, remembers each period in it, and says what all of them cost", () => {
    const first = open("2026-11", 1);
    first.spend(0.4);
    open("2026-12").spend(0.7);
    open().spend(0.6);
    expect(() => open().spend(0.001)).toThrow(refused("BUDGET_SPENT"));
    expect(first.accounting()).toEqual({ period: "2026-11", limit: 1, spentInPeriod: 1, spentInAllPeriods: 1.7 });
    expect(readFileSync(path, "utf8")).toBe(
      `${HEAD}{"period":"2026-11","epsilon":0.4}\n{"period":"2026-12","epsilon":0.7}\n{"period":"2026-11","epsilon":0.6}\n`,
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("never pays more than the limit of a period, and a refusal leaves the file as it was", () => {
    const release = fc.tuple(fc.constantFrom("a", "b"), fc.integer({ min: 1, max: 700 }));
    fc.assert(
      fc.property(fc.array(release, { maxLength: 12 }), (releases) => {
        rmSync(path, { force: true });
        const spent: Record<string, number> = { a: 0, b: 0 };
        for (const [period, thousandths] of releases) {
          const fits = spent[period] + thousandths <= 1000;
          if (fits) {
            open(period, 1).spend(thousandths / 1000);
            spent[period] += thousandths;
          } else {
            const before = readFileSync(path, "utf8");
            expect(() => open(period, 1).spend(thousandths / 1000)).toThrow(refused("BUDGET_SPENT"));
            expect(readFileSync(path, "utf8")).toBe(before);
          }
          if (existsSync(path)) expect(open(period).accounting().spentInPeriod).toBe(spent[period] / 1000);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("gives way to a run that paid in between", () => {
    writeFileSync(path, HEAD);
    hooks.beforeAppend = () => appendFileSync(path, '{"period":"2026-11","epsilon":0.6}\n');
    expect(() => open().spend(0.5)).toThrow(refused("BUDGET_SPENT"));
    hooks.beforeAppend = undefined;
    expect(open().accounting().spentInPeriod).toBe(1.1);
  });

  it.each([
    ["nothing", ""],
    ["no line end", HEAD.trimEnd()],
    ["a release that was cut", `${HEAD}{"period":"2026-11","eps`],
    ["no head", '{"period":"2026-11","epsilon":1}\n'],
    ["another version", '{"schemaVersion":2,"limit":1}\n'],
    ["an unknown field", '{"schemaVersion":1,"limit":1,"notes":""}\n'],
    ["a limit below 0", '{"schemaVersion":1,"limit":-1}\n'],
    ["a release that gives back", `${HEAD}{"period":"2026-11","epsilon":-1}\n`],
    ["a release between thousandths", `${HEAD}{"period":"2026-11","epsilon":0.0004}\n`],
    ["no JSON", `${HEAD}hello\n`],
  ])("refuses a file with %s, and leaves it as it is", (_, text) => {
    writeFileSync(path, text);
    expect(() => open().spend(0.1)).toThrow(refused("BUDGET_INVALID"));
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("refuses another limit than that of the file", () => {
    writeFileSync(path, HEAD);
    expect(() => open("2026-11", 5).spend(0.1)).toThrow(refused("BUDGET_INVALID"));
    expect(readFileSync(path, "utf8")).toBe(HEAD);
  });

  it("says that there is no file, and that it cannot be written", () => {
    expect(() => open().spend(0.1)).toThrow(refused("FILE_NOT_READABLE"));
    writeFileSync(path, HEAD);
    hooks.beforeAppend = () => {
      throw new Error("read-only");
    };
    expect(() => open().spend(0.1)).toThrow(refused("OUTPUT_FAILED"));
    chmodSync(path, 0o600);
  });

  it.each(["", "x".repeat(65)])("refuses the period '%s'", (period) => {
    expect(() => open(period)).toThrow(refused("STATISTICS_INVALID"));
  });
});
