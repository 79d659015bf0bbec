import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSlot, SLOT_BYTES } from "../../src/pool/slot.js";
import { MAXIMUM_TEXT_BYTES } from "../../src/triage.js";

const encoder = new TextEncoder();
const letters = (length: number): Uint8Array => new Uint8Array(length).fill(0x61);

describe("a slot", () => {
  it.each([
    ["nothing", 0, 0],
    ["one byte", 1, 1],
    ["as much as is scored", MAXIMUM_TEXT_BYTES, MAXIMUM_TEXT_BYTES],
    ["one byte more", MAXIMUM_TEXT_BYTES + 1, MAXIMUM_TEXT_BYTES + 1],
    ["far more", MAXIMUM_TEXT_BYTES + 5000, MAXIMUM_TEXT_BYTES + 1],
  ])("takes bytes: %s", (_, bytes, length) => {
    const slot = createSlot();
    expect(slot.fill(letters(bytes))).toEqual({ length, bytes, truncated: false });
    expect(new Uint8Array(slot.memory).subarray(0, length).every((byte) => byte === 0x61)).toBe(true);
    expect(new Uint8Array(slot.memory).subarray(length).every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    ["nothing", "", 0, false],
    ["as much as there is room for", "a".repeat(SLOT_BYTES), SLOT_BYTES, false],
    ["more", "a".repeat(SLOT_BYTES + 1), SLOT_BYTES, true],
    ["more, of two bytes each", "ж".repeat(SLOT_BYTES), SLOT_BYTES, true],
  ])("takes a string: %s", (_, text, length, truncated) => {
    expect(createSlot().fill(text)).toEqual({ length, bytes: length, truncated });
  });

  it.each([
    ["blanks", new Uint8Array(4).fill(0x0a), true],
    ["a letter at the end", Uint8Array.of(0x20, 0x20, 0x7a), false],
  ])("tells whether what it leaves out is blank: %s", (_, rest, isBlank) => {
    const text = new Uint8Array(MAXIMUM_TEXT_BYTES + rest.length).fill(0x20);
    text.set(rest, MAXIMUM_TEXT_BYTES);
    const slot = createSlot();
    const { length } = slot.fill(text);
    expect(new Uint8Array(slot.memory, 0, length).every((byte) => byte <= 0x20)).toBe(isBlank);
  });

  it("holds the text until it is wiped, and then nothing", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 2000 })), (text) => {
        const slot = createSlot();
        const { length } = slot.fill(text);
        const expected = typeof text === "string" ? encoder.encode(text) : text;
        expect(new Uint8Array(slot.memory).slice(0, length)).toEqual(Uint8Array.from(expected));
        slot.wipe();
        expect(new Uint8Array(slot.memory).every((byte) => byte === 0)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});
