import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Body, readWhole, takeBody } from "../../src/server/body.js";

const AHEAD = 64;

/** A request without a connection, with every piece that was given to it. */
function makeBody(): {
  incoming: IncomingMessage;
  body: Body;
  pieces: Buffer[];
  seen: () => number;
  give(text: string): void;
} {
  const incoming = new IncomingMessage(new Socket());
  const pieces: Buffer[] = [];
  let seen = 0;
  const body = takeBody(incoming, AHEAD, () => {
    seen += 1;
  });
  return {
    incoming,
    body,
    pieces,
    seen: () => seen,
    give(text) {
      const piece = Buffer.from(text);
      pieces.push(piece);
      incoming.push(piece);
    },
  };
}

const whole = (body: Body, maximum = 1_000, timeoutMs = 1_000): Promise<string> =>
  readWhole(body, maximum, timeoutMs, () => {}).then(({ bytes, length }) =>
    Buffer.from(bytes.subarray(0, length)).toString(),
  );
const isWiped = (pieces: readonly Buffer[]): boolean => pieces.every((piece) => piece.every((byte) => byte === 0));

describe("takeBody", () => {
  it("gives the bytes and wipes the pieces, in any pieces", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 8 }), async (texts) => {
        const { incoming, body, pieces, give } = makeBody();
        const result = whole(body);
        for (const text of texts) {
          give(text);
          await setImmediate();
        }
        incoming.push(null);
        expect(await result).toBe(Buffer.concat(texts.map((text) => Buffer.from(text))).toString());
        expect(isWiped(pieces)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("wipes what was read, as far as it was read", async () => {
    const { body, pieces, give } = makeBody();
    give("abcdef");
    await setImmediate();
    const into = new Uint8Array(8);
    expect(body.read(into, 2, 4)).toBe(4);
    expect([...into]).toEqual([0, 0, 97, 98, 99, 100, 0, 0]);
    expect(pieces[0].toString()).toBe("\0\0\0\0ef");
    expect(body.waiting).toBe(2);
    expect(body.read(into, 0, 8)).toBe(2);
    expect(body.read(into, 0, 8)).toBe(-1);
    expect(isWiped(pieces)).toBe(true);
  });

  it("asks the sender to pause when enough waits, and to go on when it was read", async () => {
    const { incoming, body, give } = makeBody();
    give("a".repeat(AHEAD - 1));
    await setImmediate();
    expect(incoming.isPaused()).toBe(false);
    give("b");
    await setImmediate();
    expect(incoming.isPaused()).toBe(true);
    body.read(new Uint8Array(1), 0, 1);
    expect(incoming.isPaused()).toBe(false);
  });

  it.each(["flowing", "paused"])("wipes everything when the connection breaks off: %s", async (mode) => {
    const { incoming, body, pieces, give } = makeBody();
    for (let count = 0; count < 5; count += 1) {
      give("secret".repeat(mode === "paused" ? AHEAD : 1));
      await setImmediate();
    }
    expect(incoming.isPaused()).toBe(mode === "paused");
    expect(isWiped(pieces)).toBe(false);
    const changed = body.changed();
    incoming.destroy();
    await changed;
    await setImmediate();
    expect(isWiped(pieces)).toBe(true);
    expect(() => body.read(new Uint8Array(1), 0, 1)).toThrow(expect.objectContaining({ code: "REQUEST_ABORTED" }));
    await expect(whole(body)).rejects.toMatchObject({ code: "REQUEST_ABORTED" });
  });

  it("wipes what comes when it is discarded, and says how much that was", async () => {
    const { body, pieces, give } = makeBody();
    give("before");
    await setImmediate();
    body.discard();
    expect(isWiped(pieces)).toBe(true);
    const enough = body.discarded(10, 60_000);
    give("12345");
    await setImmediate();
    give("67890");
    await enough;
    expect(isWiped(pieces)).toBe(true);
    expect(body.waiting).toBe(0);
    await body.discarded(1_000, 10);
  });

  it("tells of every piece", async () => {
    const { body, seen, give } = makeBody();
    give("a");
    await setImmediate();
    body.discard();
    give("b");
    await setImmediate();
    expect(seen()).toBe(2);
  });
});

describe("readWhole", () => {
  it.each([
    [10, 10, undefined],
    [11, 10, "BODY_TOO_LARGE"],
    [AHEAD + 10, 10, "BODY_TOO_LARGE"],
  ])("%i bytes of %i: %s", async (length, maximum, code) => {
    const { incoming, body, give } = makeBody();
    const result = whole(body, maximum);
    give("x".repeat(length));
    incoming.push(null);
    if (code === undefined) expect(await result).toBe("x".repeat(length));
    else await expect(result).rejects.toMatchObject({ code, details: { maximumBytes: maximum } });
  });

  it("gives up a body that does not come to its end in time", async () => {
    const { body, pieces, give } = makeBody();
    const result = whole(body, 100, 20);
    give("half");
    await expect(result).rejects.toMatchObject({ code: "REQUEST_TIMEOUT" });
    expect(isWiped(pieces)).toBe(true);
  });

  it("states what it holds", async () => {
    const { incoming, body, give } = makeBody();
    const held: number[] = [];
    const result = readWhole(body, 100, 1_000, (bytes) => held.push(bytes));
    give("12345");
    await setImmediate();
    incoming.push(null);
    await result;
    expect(Math.max(...held)).toBe(10);
  });
});
