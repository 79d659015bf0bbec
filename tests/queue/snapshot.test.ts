import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openState, sealState } from "../../src/queue/snapshot.js";
import type { QueueState } from "../../src/queue/state.js";

const key = randomBytes(32);
const state: QueueState = {
  waiting: [
    {
      ticket: { id: "canary-4711", level: "soon", priority: 0.3, categories: ["bullying"], since: 5 },
      sequence: 0,
      openedMs: 5,
    },
  ],
  held: [],
  overrides: [{ from: 0, to: 2, priority: 0.9, atMs: 7 }],
  nextSequence: 1,
  nextClaim: 1,
  untilAged: 3,
};
const sealed = sealState(state, key);
const changedAt = (index: number, bit = 1): Uint8Array => {
  const copy = sealed.slice();
  copy[index] ^= bit;
  return copy;
};

describe("a snapshot", () => {
  it("opens with its key", () => {
    expect(openState(sealed, key)).toEqual(state);
  });

  it("shows nothing of what it holds", () => {
    const seen = Buffer.from(sealed).toString("latin1");
    expect(seen).not.toContain("canary");
    expect(seen).not.toContain("bullying");
  });

  it("is never the same twice", () => {
    expect(sealState(state, key)).not.toEqual(sealed);
  });

  it("does not open when any bit of it was changed", () => {
    fc.assert(
      fc.property(fc.nat({ max: sealed.length - 1 }), fc.nat({ max: 7 }), (index, bit) => {
        expect(() => openState(changedAt(index, 1 << bit), key)).toThrow(
          expect.objectContaining({ code: index === 4 ? "SNAPSHOT_VERSION" : "SNAPSHOT_INVALID" }),
        );
      }),
    );
  });

  it("says which version wrote it", () => {
    const older = sealed.slice();
    older[4] = 0;
    expect(() => openState(older, key)).toThrow(
      expect.objectContaining({ code: "SNAPSHOT_VERSION", details: { version: 0, expected: 1 } }),
    );
  });

  it.each<[string, Uint8Array, Uint8Array]>([
    ["another key", sealed, randomBytes(32)],
    ["a cut end", sealed.subarray(0, -1), key],
    ["something appended", Buffer.concat([sealed, Buffer.of(0)]), key],
    ["nothing but a header", sealed.subarray(0, 20), key],
    ["nothing", new Uint8Array(0), key],
    ["another file", randomBytes(200), key],
    ["no bytes", "text" as unknown as Uint8Array, key],
  ])("does not open with %s", (_, bytes, withKey) => {
    expect(() => openState(bytes, withKey)).toThrow(expect.objectContaining({ code: "SNAPSHOT_INVALID" }));
  });

  it.each<[string, unknown]>([
    ["short", randomBytes(16)],
    ["long", randomBytes(33)],
    ["a password", "correct horse battery staple 123"],
  ])("refuses a key that is %s", (_, wrong) => {
    const invalid = expect.objectContaining({ code: "INPUT_INVALID" });
    expect(() => sealState(state, wrong as Uint8Array)).toThrow(invalid);
    expect(() => openState(sealed, wrong as Uint8Array)).toThrow(invalid);
  });
});
