import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleMessages } from "../../src/benchmark/sample-messages.js";

const decode = (messages: readonly Uint8Array[]): string[] => messages.map((bytes) => new TextDecoder().decode(bytes));

describe("sampleMessages", () => {
  it.each([1, 20, 60, 200, 1000])("makes messages of exactly %d words", (words) => {
    const { name, messages } = sampleMessages(words, 20, 1);
    expect(name).toBe(`${words} words`);
    expect(decode(messages).map((text) => text.split(" ").length)).toEqual(new Array(20).fill(words));
  });

  it("makes the same ones of the same seed, and others of another", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
        const first = decode(sampleMessages(20, 5, seed).messages);
        expect(decode(sampleMessages(20, 5, seed).messages)).toEqual(first);
        expect(decode(sampleMessages(20, 5, seed + 1).messages)).not.toEqual(first);
      }),
      { numRuns: 20 },
    );
  });

  it("makes mostly different ones", () => {
    expect(new Set(decode(sampleMessages(20, 200, 1).messages)).size).toBeGreaterThan(190);
  });
});
