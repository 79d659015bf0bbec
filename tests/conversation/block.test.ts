import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK_BYTES, openBlock, sealBlock } from "../../src/conversation/block.js";
import { createState, STATE_LENGTH, type State } from "../../src/conversation/state.js";
import { type EarshotErrorCode, isEarshotError } from "../../src/errors.js";

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;
const SEAL = { key: new Uint8Array(32).fill(7), boundTo: ["base@1", "policy@1"] };

function stateOf(values: readonly number[]): State {
  const state = createState();
  state.set(values);
  return state;
}

function codeOf(action: () => unknown): EarshotErrorCode | "none" {
  try {
    action();
  } catch (error) {
    if (isEarshotError(error)) return error.code;
  }
  return "none";
}

describe("a block", () => {
  const block = sealBlock(stateOf([1, 2, 3]), NOW, SEAL);

  it("gives back every number", () => {
    const numbers = fc.array(fc.double({ noNaN: true }), { minLength: STATE_LENGTH, maxLength: STATE_LENGTH });
    fc.assert(
      fc.property(numbers, (values) => {
        const sealed = sealBlock(stateOf(values), NOW, SEAL);
        expect(sealed).toHaveLength(BLOCK_BYTES);
        expect([...openBlock(sealed, NOW, DAY, SEAL)]).toEqual(values);
      }),
      { numRuns: 20 },
    );
  });

  it("can be part of a larger buffer", () => {
    const larger = new Uint8Array(BLOCK_BYTES + 3);
    larger.set(block, 3);
    expect(openBlock(larger.subarray(3), NOW, DAY, SEAL)[2]).toBe(3);
  });

  it("is good within a process without a key", () => {
    const { boundTo } = SEAL;
    expect(openBlock(sealBlock(createState(), NOW, { boundTo }), NOW, DAY, { boundTo })).toEqual(createState());
    expect(codeOf(() => openBlock(block, NOW, DAY, { boundTo }))).toBe("CONVERSATION_INVALID");
  });

  it("is refused with any byte changed", () => {
    for (let index = 0; index < BLOCK_BYTES; index += 1) {
      const forged = Uint8Array.from(block);
      forged[index] ^= 1 << (index % 8);
      const code = codeOf(() => openBlock(forged, NOW, DAY, SEAL));
      expect(code, `byte ${index}`).toBe(index === 4 ? "CONVERSATION_VERSION" : "CONVERSATION_INVALID");
    }
  });

  it.each([
    ["cut", () => openBlock(block.subarray(0, -1), NOW, DAY, SEAL), "CONVERSATION_INVALID"],
    ["empty", () => openBlock(new Uint8Array(), NOW, DAY, SEAL), "CONVERSATION_INVALID"],
    ["longer", () => openBlock(Uint8Array.of(...block, 0), NOW, DAY, SEAL), "CONVERSATION_INVALID"],
    ["no bytes", () => openBlock("EARC" as unknown as Uint8Array, NOW, DAY, SEAL), "CONVERSATION_INVALID"],
    [
      "of another key",
      () => openBlock(block, NOW, DAY, { ...SEAL, key: new Uint8Array(32).fill(8) }),
      "CONVERSATION_INVALID",
    ],
    [
      "of another pack",
      () => openBlock(block, NOW, DAY, { ...SEAL, boundTo: ["base@2", "policy@1"] }),
      "CONVERSATION_VERSION",
    ],
    ["too old", () => openBlock(block, NOW + DAY + 1, DAY, SEAL), "CONVERSATION_EXPIRED"],
    ["from the future", () => openBlock(block, NOW - DAY - 1, DAY, SEAL), "CONVERSATION_EXPIRED"],
    ["just young enough", () => openBlock(block, NOW + DAY, DAY, SEAL), "none"],
  ] as const)("%s: %#", (_, action, expected) => {
    expect(codeOf(action)).toBe(expected);
  });
});
