import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { encodeMessage } from "../../src/client/encode.js";
import { readJsonLine } from "../../src/text/json-line.js";

const encoder = new TextEncoder();
const decode = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("encodeMessage", () => {
  it.each([
    ["plain", "hello", '{"id":"7","text":"hello"}\n'],
    ["quotation marks and backslashes", 'a "b" \\ c', '{"id":"7","text":"a \\"b\\" \\\\ c"}\n'],
    ["control characters", "a\n\t\u0000\u001fb", '{"id":"7","text":"a\\u000a\\u0009\\u0000\\u001fb"}\n'],
    ["other scripts", "né 😢 هل", '{"id":"7","text":"né 😢 هل"}\n'],
    ["empty", "", '{"id":"7","text":""}\n'],
  ])("writes %s text as a line of JSON", (_kind, text, expected) => {
    expect(decode(encodeMessage(text, { id: "7", age: undefined }))).toBe(expected);
    expect(decode(encodeMessage(encoder.encode(text), { id: "7" }))).toBe(expected);
  });

  it("writes no field before the text when nothing is known", () => {
    expect(decode(encodeMessage("a", {}))).toBe('{"text":"a"}\n');
  });

  it("is JSON of the same text, whatever that is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (text, id) => {
        const line = decode(encodeMessage(text, { id }));
        expect(JSON.parse(line)).toEqual({ id, text });
        expect(line.indexOf("\n")).toBe(line.length - 1);
      }),
    );
  });

  it("brings all bytes to the service as they are, UTF-8 or not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const line = encodeMessage(bytes, { language: "en" });
        const text = new Uint8Array(1000);
        const { textLength, fields } = readJsonLine(line, 0, line.length - 1, false, text);
        expect(text.subarray(0, textLength)).toEqual(bytes);
        expect(fields).toEqual({ language: "en" });
      }),
    );
  });

  it("leaves the caller's bytes as they are", () => {
    const bytes = encoder.encode('leave "me"');
    const copy = bytes.slice();
    encodeMessage(bytes, {});
    expect(bytes).toEqual(copy);
  });

  it("has wiped its copy of a string, and lets no short array move about in memory", () => {
    const encodeInto = vi.spyOn(TextEncoder.prototype, "encodeInto");
    const line = encodeMessage("secret", {});
    const [, copy] = encodeInto.mock.calls[0];
    expect(encodeInto.mock.results[0].value.written).toBe(6);
    expect(copy.every((byte) => byte === 0)).toBe(true);
    for (const { buffer } of [copy, line]) expect(buffer.byteLength).toBeGreaterThan(64);
  });

  it.each([[undefined], [7], [["a"]], [{ length: 1 }]])("refuses %j as a text", (text) => {
    expect(() => encodeMessage(text as never, {})).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });

  it("refuses fields that cannot be JSON", () => {
    expect(() => encodeMessage("a", { id: 1n })).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });
});
