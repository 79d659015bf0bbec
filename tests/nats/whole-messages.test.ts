import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWholeMessages } from "../../src/nats/whole-messages.js";

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
const textOf = (found: Uint8Array | undefined): string | undefined => found && Buffer.from(found).toString("latin1");

const MESSAGES = [
  'INFO {"server_id":"a"}\r\n',
  "PING\r\n",
  "pong\r\n",
  "+OK\r\n",
  "-ERR 'x'\r\n",
  "MSG a.b 1 5\r\nhello\r\n",
  "MSG a.b 1 reply.1 0\r\n\r\n",
  "msg a 12 3\r\n\r\n\r\r\n",
  "HMSG a 1 reply 12 17\r\nNATS/1.0\r\n\r\nPING\n\r\n",
] as const;

describe("createWholeMessages", () => {
  it.each(MESSAGES)("gives %j once its last byte has come, and nothing before", (message) => {
    const messages = createWholeMessages();
    const all = bytes(message);
    for (let at = 0; at < all.length - 1; at += 1) expect(messages.take(all.slice(at, at + 1))).toBeUndefined();
    expect(textOf(messages.take(all.slice(-1)))).toBe(message);
  });

  it.each([
    ["a word that no server says", "SUB a 1\r\n"],
    ["a length that is no number", "MSG a 1 x1\r\nh\r\n"],
    ["a message that goes on after its length", "MSG a 1 1\r\nhello\r\n"],
  ])("refuses %s without a word of it", (_, stream) => {
    const messages = createWholeMessages();
    expect(() => messages.take(bytes(stream))).toThrow(expect.objectContaining({ code: "INTERNAL", details: {} }));
  });

  it("takes a payload of a megabyte in pieces", () => {
    const messages = createWholeMessages();
    const message = bytes(`MSG a 1 1048576\r\n${"x".repeat(1_048_576)}\r\nPING\r\n`);
    const found: (string | undefined)[] = [];
    for (let at = 0; at < message.length; at += 60_000)
      found.push(textOf(messages.take(message.slice(at, at + 60_000))));
    expect(found.filter((one) => one !== undefined).join("")).toBe(textOf(message));
  });

  it("gives the stream back in whole messages, however it is cut, and wipes every part that it was given", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...MESSAGES), { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (sent, sizes) => {
          const stream = bytes(sent.join(""));
          const messages = createWholeMessages();
          const ends = new Set<number>();
          sent.reduce((end, message) => ends.add(end + message.length) && end + message.length, 0);
          let received = "";
          for (let at = 0, turn = 0; at < stream.length; turn += 1) {
            const part = stream.slice(at, at + sizes[turn % sizes.length]);
            at += part.length;
            received += textOf(messages.take(part)) ?? "";
            expect(part.every((byte) => byte === 0)).toBe(true);
            expect(received === "" || ends.has(received.length)).toBe(true);
          }
          expect(received).toBe(sent.join(""));
        },
      ),
    );
  });

  it("wipes what comes after it was closed, and gives nothing more", () => {
    const messages = createWholeMessages();
    messages.take(bytes("MSG a 1 5\r\nhe"));
    messages.close();
    const rest = bytes("llo\r\n");
    expect(messages.take(rest)).toBeUndefined();
    expect(rest.every((byte) => byte === 0)).toBe(true);
  });
});
