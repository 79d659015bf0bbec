import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createContributionBound, type PersonKey } from "../../src/statistics/contributions.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("createContributionBound", () => {
  it("admits the first records of each person, whatever others do", () => {
    const people = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 40 });
    fc.assert(
      fc.property(people, fc.integer({ min: 1, max: 4 }), (order, limit) => {
        const bound = createContributionBound(limit);
        const before = new Map<number, number>();
        for (const person of order) {
          const times = before.get(person) ?? 0;
          expect(bound.admit(person)).toBe(times < limit);
          before.set(person, times + 1);
        }
      }),
    );
  });

  it.each<[string, PersonKey, PersonKey, boolean]>([
    ["the same number", 7, 7, true],
    ["both zeros", 0, -0, true],
    ["other numbers", 7, -7, false],
    ["great numbers", Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1, false],
    ["the same bytes", bytes("a"), bytes("a"), true],
    ["other bytes", bytes("a"), bytes("a\0"), false],
    ["a number and the bytes that hold it", 7, new Uint8Array(BigInt64Array.of(7n).buffer), false],
  ])("knows whether %s are one person", (_, first, second, isSame) => {
    const bound = createContributionBound(1);
    bound.admit(first);
    expect(bound.admit(second)).toBe(!isSame);
  });

  it.each([1.5, Number.NaN, 2 ** 60, new Uint8Array(0), "a" as never, undefined as never])("refuses %o", (person) => {
    expect(() => createContributionBound(1).admit(person)).toThrow(expect.objectContaining({ code: "FIELD_INVALID" }));
  });

  it("forgets everybody", () => {
    const bound = createContributionBound(1);
    bound.admit(1);
    bound.reset();
    expect(bound.admit(1)).toBe(true);
  });

  it("keeps no id, and nothing by which another process or release could recognise one", () => {
    const kept: string[] = [];
    const spy = vi.spyOn(Map.prototype, "set").mockImplementation(function (this: unknown, key) {
      kept.push(String(key));
      return this as never;
    });
    const [first, second] = [createContributionBound(1), createContributionBound(1)];
    first.admit(bytes("zyxcanary"));
    second.admit(bytes("zyxcanary"));
    first.reset();
    first.admit(bytes("zyxcanary"));
    spy.mockRestore();
    expect(new Set(kept).size).toBe(3);
    for (const key of kept) expect(key).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  });
});
