import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEarshotError } from "../../src/errors.js";
import { accumulate, findRow, readLinearModel, writeLogits } from "../../src/model/linear.js";
import { encodeModel, type ModelParts, rowByLooking } from "../support/tiny-pack.js";

const WORD = 0xc0000001;
const PAIR = 0x80000001;
const NGRAM = 0x00000001;
const parts: ModelParts = {
  columns: 2,
  families: 3,
  bins: 3,
  slotBits: 4,
  rowBits: 8,
  rows: [
    [WORD, [127, -127]],
    [PAIR, [10, 20]],
    [NGRAM, [1, 2]],
  ],
  scales: [1, 1, 2, 2, 0.5, 0.25],
  biases: [0.5, -0.5],
};
const model = readLinearModel(encodeModel(parts));

describe("readLinearModel", () => {
  it("reads what was written", () => {
    expect(model).toMatchObject({ columns: 2, rows: 3, bins: 3, families: 3, slotBits: 4, rowBits: 8 });
    expect([...model.scales]).toEqual(parts.scales);
  });

  it.each([
    ["an empty file", () => new Uint8Array()],
    ["another magic number", () => encodeModel(parts).fill(0, 0, 4)],
    ["a byte too few", () => encodeModel(parts).slice(0, -1)],
    ["a byte too many", () => Uint8Array.from([...encodeModel(parts), 0])],
    [
      "a row number that does not exist",
      () => encodeModel({ ...parts, rows: parts.rows.slice(0, 1) }).fill(0x7f, 96, 97),
    ],
    ["no empty slot", () => encodeModel({ ...parts, slotBits: 1, rows: parts.rows.slice(0, 2) })],
    ["a scale that is no number", () => encodeModel({ ...parts, scales: [Number.NaN, 1, 1, 1, 1, 1] })],
  ])("refuses %s", (_, file) => {
    expect(() => readLinearModel(file())).toThrow(expect.objectContaining({ code: "PACK_INVALID" }));
  });

  it("refuses or reads any bytes, and never hangs on what it read", () => {
    const valid = encodeModel(parts);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255))), fc.nat(0xffffffff), (changes, hash) => {
        const file = valid.slice();
        for (const [at, value] of changes) file[at] = value;
        try {
          const row = findRow(readLinearModel(file), hash);
          expect(row).toBeLessThan(3);
        } catch (error) {
          expect(isEarshotError(error) && error.code).toBe("PACK_INVALID");
        }
      }),
    );
  });
});

describe("findRow", () => {
  it("finds every row and, but for a check of 20 bits, nothing else", () => {
    const hashes = fc.uniqueArray(fc.nat(0xffffffff), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(hashes, fc.array(fc.nat(0xffffffff), { maxLength: 50 }), (known, others) => {
        const many: ModelParts = {
          ...parts,
          columns: 1,
          scales: [1, 1, 1],
          biases: [0],
          slotBits: 9,
          rowBits: 12,
          rows: known.map((hash) => [hash, [1]]),
        };
        const table = readLinearModel(encodeModel(many));
        const checks = new Set(known.map((hash) => hash & 0xfffff));
        if (checks.size < known.length) return;
        for (const hash of known) expect(findRow(table, hash)).toBe(rowByLooking(many, hash));
        for (const hash of others) if (!checks.has(hash & 0xfffff)) expect(findRow(table, hash)).toBe(-1);
      }),
    );
  });
});

describe("accumulate and writeLogits", () => {
  it("scales each family by itself, divides by the root of the count and adds bins and bias", () => {
    const sums = new Int32Array(6);
    const features = Uint32Array.from([WORD, PAIR, NGRAM, NGRAM, 0x12345]);
    accumulate(model, features, 4, sums);
    expect([...sums]).toEqual([2, 4, 10, 20, 127, -127]);
    const logits = new Float64Array(2);
    writeLogits(model, sums, 4, new Uint8Array(), logits);
    expect(logits[0]).toBeCloseTo((2 * 1 + 10 * 2 + 127 * 0.5) / 2 + 0.5);
    expect(logits[1]).toBeCloseTo((4 * 1 + 20 * 2 - 127 * 0.25) / 2 - 0.5);
  });

  it("gives the bias alone for no features", () => {
    const logits = new Float64Array(2);
    writeLogits(model, new Int32Array(6), 0, new Uint8Array(), logits);
    expect([...logits]).toEqual([0.5, -0.5]);
  });
});
