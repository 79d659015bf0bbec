import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPatternIndex, findInBytes } from "../../src/audit/pattern-index.js";
import type { Pattern, PatternKind } from "../../src/audit/patterns.js";

function offsets(patterns: readonly Pattern[], bytes: Uint8Array): number[] {
  const found: number[] = [];
  findInBytes(createPatternIndex(patterns), bytes, (_, offset) => found.push(offset));
  return found.sort((left, right) => left - right);
}

function allOffsets(pattern: Uint8Array, bytes: Uint8Array): number[] {
  const found: number[] = [];
  const haystack = Buffer.from(bytes);
  for (let at = haystack.indexOf(pattern); at >= 0; at = haystack.indexOf(pattern, at + 1)) found.push(at);
  return found;
}

const text = (content: string, kind: PatternKind = "utf8"): Pattern => ({ kind, bytes: Buffer.from(content) });

describe("createPatternIndex", () => {
  it.each([
    ["at the start", "abcdefgh....", [0]],
    ["at the end", "....abcdefgh", [4]],
    ["at an odd place", ".abcdefgh", [1]],
    ["twice", "abcdefghabcdefgh.", [0, 8]],
    ["not at all", "abcdefg.abcdefg.", []],
    ["not when cut off", "...abcdefg", []],
    ["not in nothing", "", []],
  ])("finds a pattern %s", (_, content, expected) => {
    expect(offsets([text("abcdefgh")], Buffer.from(content))).toEqual(expected);
  });

  it("finds what a plain search finds, for any bytes, lengths and places", () => {
    // Few different bytes, so that near misses and overlaps are frequent.
    const letters = fc.constantFrom(0, 1, 2, 255);
    const pattern = fc
      .array(letters, { minLength: 7, maxLength: 40 })
      .filter((bytes) => bytes.every((_, index) => bytes.slice(index, index + 4).some((byte) => byte !== 0)));
    fc.assert(
      fc.property(
        pattern,
        fc.array(letters, { maxLength: 30 }),
        fc.array(letters, { maxLength: 30 }),
        (wanted, before, after) => {
          const bytes = Uint8Array.from([...before, ...wanted, ...after]);
          const wantedBytes = Uint8Array.from(wanted);
          expect(offsets([{ kind: "utf8", bytes: wantedBytes }], bytes)).toEqual(allOffsets(wantedBytes, bytes));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("keeps thousands of patterns apart", () => {
    const patterns = Array.from({ length: 5000 }, (_, index) => text(`pattern-${index}-end`));
    const visited: string[] = [];
    findInBytes(createPatternIndex(patterns), Buffer.from("..pattern-4321-end..pattern-17-end"), ({ bytes }) =>
      visited.push(Buffer.from(bytes).toString()),
    );
    expect(visited).toEqual(["pattern-4321-end", "pattern-17-end"]);
  });

  it("finds numbers only where the processor would put them", () => {
    const numbers: Pattern = { kind: "id_i32", bytes: Buffer.from(Int32Array.of(901, 902, 903, 904).buffer) };
    expect(offsets([numbers], Buffer.concat([Buffer.alloc(4), numbers.bytes]))).toEqual([4]);
    expect(offsets([numbers], Buffer.concat([Buffer.alloc(3), numbers.bytes]))).toEqual([]);
  });

  it("reports matches before the limit only", () => {
    const words = new Int32Array(8);
    Buffer.from(words.buffer).set(Buffer.from("abcdefghabcdefgh"));
    const found: number[] = [];
    createPatternIndex([text("abcdefgh")]).find(words, 28, 8, (_, offset) => found.push(offset));
    expect(found).toEqual([0]);
  });

  it.each([
    ["too short", Buffer.from("abcd")],
    ["all zero", Buffer.alloc(20)],
  ])("refuses a pattern that is %s", (_, bytes) => {
    expect(() => createPatternIndex([{ kind: "utf8", bytes }])).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID" }),
    );
  });

  it("finds nothing without patterns", () => {
    expect(offsets([], Buffer.from("anything at all"))).toEqual([]);
  });
});
