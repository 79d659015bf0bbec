import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EarshotErrorCode, isEarshotError } from "../../src/errors.js";
import { type JsonLineFields, type JsonLineResult, readJsonLine } from "../../src/text/json-line.js";
import { createSink } from "../../src/text/json-string.js";

const encoder = new TextEncoder();

type Outcome = { readonly code: EarshotErrorCode } | { readonly result: JsonLineResult; readonly text: number[] };
interface Accepted {
  readonly fields: JsonLineFields;
  readonly text: string;
  readonly textTruncated?: boolean;
  readonly unknownFields?: number;
}

interface Settings {
  readonly textBytes?: number;
  readonly truncatedLine?: boolean;
}

const GUARD_BYTES = 9;

/** Reads the line from the middle of a buffer full of `guard`, and checks that nothing but the text is written. */
function readGuarded(line: Uint8Array, guard: number, { textBytes = 256, truncatedLine = false }: Settings): Outcome {
  const input = new Uint8Array(line.length + 2 * GUARD_BYTES).fill(guard);
  input.set(line, GUARD_BYTES);
  const inputBefore = input.slice();
  const output = new Uint8Array(textBytes + 2 * GUARD_BYTES).fill(guard);
  const text = output.subarray(GUARD_BYTES, GUARD_BYTES + textBytes);
  // Views at an offset, so that an index into the underlying buffer would show.
  const view = input.subarray(1);
  const start = GUARD_BYTES - 1;
  let outcome: Outcome;
  let untouchedFrom = GUARD_BYTES;
  try {
    const result = readJsonLine(view, start, start + line.length, truncatedLine, text);
    expect(result.textLength).toBeLessThanOrEqual(textBytes);
    outcome = { result, text: [...text.subarray(0, result.textLength)] };
    untouchedFrom += result.textLength;
  } catch (error) {
    if (!isEarshotError(error)) throw error;
    expect(error.details).toEqual({});
    outcome = { code: error.code };
    // What had been written is wiped.
    while (output[untouchedFrom] === 0) untouchedFrom++;
  }
  const isUntouched = (bytes: Uint8Array) => bytes.every((byte) => byte === guard);
  expect(isUntouched(output.subarray(0, GUARD_BYTES)) && isUntouched(output.subarray(untouchedFrom))).toBe(true);
  expect(Buffer.compare(input, inputBefore)).toBe(0);
  return outcome;
}

/** Reads the line between different neighbours: a byte read past its end would change the outcome for one of them. */
function read(line: string | Uint8Array, settings: Settings = {}): Outcome {
  const bytes = typeof line === "string" ? encoder.encode(line) : line;
  const [first, ...others] = ['"', "}", "1", "\\", "u", ",", "\x80"].map((guard) =>
    readGuarded(bytes, guard.charCodeAt(0), settings),
  );
  for (const other of others) if (!isDeepStrictEqual(other, first)) expect(other).toEqual(first);
  return first;
}

const accepted = ({ fields, text, textTruncated = false, unknownFields = 0 }: Accepted): Outcome => {
  const bytes = [...encoder.encode(text)];
  return { result: { fields, textLength: bytes.length, textTruncated, unknownFields }, text: bytes };
};

const joinBytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...encoder.encode(part)] : part)));

describe("readJsonLine", () => {
  it.each<[string, Accepted]>([
    ['{"text":"hello"}', { fields: {}, text: "hello" }],
    ['{"text":""}', { fields: {}, text: "" }],
    [' \t\r\n{ \t\r\n"text" \t\r\n: \t\r\n"a" \t\r\n} \t\r\n', { fields: {}, text: "a" }],
    ['{"id":"7","text":"a"}', { fields: { id: "7" }, text: "a" }],
    ['{"text":"a","id":"7"}', { fields: { id: "7" }, text: "a" }],
    ['{"id":7,"text":"a"}', { fields: { id: "7" }, text: "a" }],
    ['{"id":-12345678901234567890,"text":"a"}', { fields: { id: "-12345678901234567890" }, text: "a" }],
    ['{"id":"","text":"a"}', { fields: { id: "" }, text: "a" }],
    ['{"id":"é€😀\\n\\ud800","text":"a"}', { fields: { id: "é€😀\n\ufffd" }, text: "a" }],
    [`{"id":"${"é".repeat(128)}","text":"a"}`, { fields: { id: "é".repeat(128) }, text: "a" }],
    ['{"language":"sw","text":"a"}', { fields: { language: "sw" }, text: "a" }],
    ['{"language":"zh-Hant-TW-1994","text":"a"}', { fields: { language: "zh-Hant-TW-1994" }, text: "a" }],
    ['{"language":"x-sheng","text":"a"}', { fields: { language: "x-sheng" }, text: "a" }],
    ['{"country":"KE","text":"a"}', { fields: { country: "KE" }, text: "a" }],
    ['{"country":"ke","text":"a"}', { fields: { country: "KE" }, text: "a" }],
    ['{"age":0,"text":"a"}', { fields: { age: 0 }, text: "a" }],
    ['{"age":-0,"text":"a"}', { fields: { age: 0 }, text: "a" }],
    ['{"age":14.99,"text":"a"}', { fields: { age: 14 }, text: "a" }],
    ['{"age":1.2E+2,"text":"a"}', { fields: { age: 120 }, text: "a" }],
    ['{"conversation":"c/1","text":"a"}', { fields: { conversation: "c/1" }, text: "a" }],
    ['{"at":1767225600.5,"text":"a"}', { fields: { at: 1767225600.5 }, text: "a" }],
    ['{"at":"2026-01-01T00:00:00Z","text":"a"}', { fields: { at: "2026-01-01T00:00:00Z" }, text: "a" }],
    [
      '{"id":null,"language":null,"country":null,"age":null,"conversation":null,"at":null,"text":"a"}',
      { fields: {}, text: "a" },
    ],
    ['{"\\u0074e\\u0078t":"a","\\u0069d":"7"}', { fields: { id: "7" }, text: "a" }],
    ['{"text":"\\"\\\\\\/\\b\\f\\n\\r\\t"}', { fields: {}, text: '"\\/\b\f\n\r\t' }],
    ['{"text":"\\u0000\\u007f\\u0080\\u07FF\\u0800\\uffff"}', { fields: {}, text: "\0\x7f\x80\u07ff\u0800\uffff" }],
    ['{"text":"\\ud83d\\ude00 \\uD800\\uDC00 \\uDBFF\\uDFFF"}', { fields: {}, text: "😀 \u{10000} \u{10ffff}" }],
    ['{"text":"\\ud836\\udc00"}', { fields: {}, text: "\u{1d800}" }],
    ['{"text":"\\ud83d"}', { fields: {}, text: "\ufffd" }],
    ['{"text":"\\ud83dx\\ude00"}', { fields: {}, text: "\ufffdx\ufffd" }],
    ['{"text":"\\ud83d\\ud83d\\ude00"}', { fields: {}, text: "\ufffd😀" }],
    ['{"text":"\\ud83d\\n"}', { fields: {}, text: "\ufffd\n" }],
    ['{"text":"\\ude00\\ud83d"}', { fields: {}, text: "\ufffd\ufffd" }],
    ['{"text":"é€😀\u2028"}', { fields: {}, text: "é€😀\u2028" }],
    [
      '{"text":"a","o":{"text":"b","id":[1,{}]},"Text":1,"texts":[],"":true,"f":false,"n":null,"x":-0.5e-7}',
      { fields: {}, text: "a", unknownFields: 7 },
    ],
    ['{"x":1,"x":2,"text":"a"}', { fields: {}, text: "a", unknownFields: 2 }],
    [`{"${"x".repeat(300)}":1,"text":"a"}`, { fields: {}, text: "a", unknownFields: 1 }],
  ])("reads %s", (line, expected) => {
    expect(read(line)).toEqual(accepted(expected));
  });

  it.each<[EarshotErrorCode, string]>([
    ...[
      "",
      " ",
      "null",
      '"text"',
      "[]",
      "1",
      "{",
      "}",
      '{"text"',
      '{"text":',
      '{"text":"a',
      '{"text":"a"',
      '{"text":"a",',
      '{"text":"a",}',
      '{,"text":"a"}',
      '{"text":"a"}}',
      '{"text":"a"} {}',
      '{"text":"a"}\0',
      '\ufeff{"text":"a"}',
      '{"text" "a"}',
      '{"text":"a" "id":"b"}',
      "{text:1}",
      "{'text':'a'}",
      '{1:"a"}',
      '{"text":"a\u0000"}',
      '{"text":"a\n"}',
      '{"text":"a\u001f"}',
      '{"te\txt":"a"}',
      '{"text":"\\x"}',
      '{"text":"\\"}',
      '{"text":"\\u12"}',
      '{"text":"\\u12G4"}',
      '{"text":"\\ud83d\\u12"}',
      '{"text":"\\U0041"}',
      '{"text":"a","x":01}',
      '{"text":"a","x":-}',
      '{"text":"a","x":+1}',
      '{"text":"a","x":.5}',
      '{"text":"a","x":1.}',
      '{"text":"a","x":1e}',
      '{"text":"a","x":1e+}',
      '{"text":"a","x":0x1}',
      '{"text":"a","x":1',
      '{"text":"a","x":tru}',
      '{"text":"a","x":nulL}',
      '{"text":"a","x":NaN}',
      '{"text":"a","x":}',
      '{"text":"a","x":[1,]}',
      '{"text":"a","x":[1 2]}',
      '{"text":"a","x":[1}',
      '{"text":"a","x":{"y":1]}',
      '{"text":"a"/**/}',
      '{"text":"a",\u00a0"x":1}',
      '{"age":"x","text":"a",',
    ].map((line): [EarshotErrorCode, string] => ["LINE_NOT_JSON", line]),
    ["TEXT_MISSING", "{}"],
    ["TEXT_MISSING", '{"Text":"a","te":"xt"}'],
    ["TEXT_MISSING", '{"x":{"text":"a"}}'],
    ...["null", "1", "true", "[]", '{"text":"a"}'].map((value): [EarshotErrorCode, string] => {
      return ["TEXT_NOT_STRING", `{"text":${value}}`];
    }),
    ["FIELD_DUPLICATE", '{"text":"a","text":"b"}'],
    ["FIELD_DUPLICATE", '{"text":"a","\\u0074ext":1}'],
    ["FIELD_DUPLICATE", '{"id":null,"text":"a","id":"7"}'],
    ["FIELD_DUPLICATE", '{"at":1,"text":"a","at":1}'],
    ...[
      '"id":1.0',
      '"id":1e3',
      '"id":1E3',
      '"id":true',
      '"id":[]',
      '"id":{}',
      `"id":"${"x".repeat(257)}"`,
      `"id":"${"x".repeat(255)}é"`,
      `"id":1${"0".repeat(64)}`,
      '"language":""',
      '"language":"e"',
      '"language":"en_US"',
      '"language":"en-"',
      '"language":"-en"',
      '"language":"en--US"',
      '"language":"1a"',
      '"language":"abcdefghi"',
      '"language":"aa-bbbbbbbb-cccccccc-dddddddd-eeeeeeee"',
      '"language":"éé"',
      '"language":1',
      '"country":"K"',
      '"country":"KEN"',
      '"country":"K1"',
      '"country":"é"',
      '"country":254',
      '"age":-1',
      '"age":-0.5',
      '"age":121',
      '"age":120.5',
      '"age":1e999',
      '"age":"14"',
      '"age":false',
      '"conversation":5',
      `"conversation":"${"x".repeat(257)}"`,
      '"at":1e999',
      `"at":"${"x".repeat(65)}"`,
      `"at":1.${"0".repeat(63)}`,
      '"at":[]',
    ].map((field): [EarshotErrorCode, string] => ["FIELD_INVALID", `{"text":"a",${field}}`]),
    ["FIELD_INVALID", '{"age":true}'],
    ["FIELD_INVALID", '{"age":true,"text":"a","text":"b"}'],
  ])("throws %s for %s", (code, line) => {
    expect(read(line)).toEqual({ code });
  });

  it.each([
    ["[", "]"],
    ['{"text":', "}"],
  ])("reads 64 levels of %s and no more", (open, close) => {
    const line = (depth: number) => `{"text":"a","x":${open.repeat(depth - 1)}1${close.repeat(depth - 1)}}`;
    expect(read(line(64))).toEqual(accepted({ fields: {}, text: "a", unknownFields: 1 }));
    expect(read(line(65))).toEqual({ code: "LINE_NOT_JSON" });
    expect(read(line(50_000))).toEqual({ code: "LINE_NOT_JSON" });
  });

  it.each<[string, number[]]>([
    ["a stray continuation byte", [0x80]],
    ["a lead byte alone", [0xe2]],
    ["two thirds of a character", [0xe2, 0x82]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["an overlong three-byte character", [0xe0, 0x9f, 0xbf]],
    ["an overlong four-byte character", [0xf0, 0x8f, 0xbf, 0xbf]],
    ["an encoded surrogate", [0xed, 0xa0, 0x80]],
    ["past the last code point", [0xf4, 0x90, 0x80, 0x80]],
    ["bytes that UTF-8 never has", [0xf5, 0xff]],
  ])("passes %s through in the text and refuses it elsewhere", (_, illFormed) => {
    const outcome = read(joinBytes('{"text":"a', illFormed, 'b\\n","id":"7"}'));
    const text = [...joinBytes("a", illFormed, "b\n")];
    const result = { fields: { id: "7" }, textLength: text.length, textTruncated: false, unknownFields: 0 };
    expect(outcome).toEqual({ result, text });
    for (const [before, after] of [
      ['{"text":"a","id":"', '"}'],
      ['{"text":"a","x":"', '"}'],
      ['{"text":"a","x":[{"y":["', '"]}]}'],
      ['{"text":"a","x":[{"', '":1},"z"]}'],
      ['{"x":1,"', '":1,"text":"a"}'],
    ]) {
      expect(read(joinBytes(before, illFormed, after))).toEqual({ code: "LINE_NOT_UTF8" });
    }
    expect(read(joinBytes('{"text":"a","x":"', illFormed, '"'))).toEqual({ code: "LINE_NOT_JSON" });
    // A fault does not stick to the next line.
    expect(read('{"text":"a","x":"y"}')).toEqual(accepted({ fields: {}, text: "a", unknownFields: 1 }));
  });

  it.each<[number, string, string, boolean]>([
    [3, "abc", "abc", false],
    [2, "abc", "ab", true],
    [0, "abc", "", true],
    [3, "a€b", "a", true],
    [4, "a€b", "a€", true],
    [3, "a\\u20acb", "a", true],
    [4, "\\u0061\\u20ac\\n", "a€", true],
    [3, "\\ud83d\\ude00b", "", true],
    [1, "\\nb", "\n", true],
  ])("stops at a full text buffer of %d bytes: %s", (textBytes, written, text, textTruncated) => {
    const outcome = read(`{"text":"${written}","id":"7"}`, { textBytes });
    expect(outcome).toEqual(accepted({ fields: { id: "7" }, text, textTruncated }));
  });

  it.each<[string, Accepted | EarshotErrorCode]>([
    ['{"id":"7","text":"abc', { fields: { id: "7" }, text: "abc" }],
    ['{"id":"7","text":"abc"', { fields: { id: "7" }, text: "abc" }],
    ['{"id":"7","text":"abc"}', { fields: { id: "7" }, text: "abc" }],
    ['{"text":"abc\\', { fields: {}, text: "abc" }],
    ['{"text":"abc\\u20a', { fields: {}, text: "abc" }],
    ['{"text":"abc\\ud83d', { fields: {}, text: "abc" }],
    ['{"text":"abc\\ud83d\\', { fields: {}, text: "abc" }],
    ['{"text":"abc\\ud83d\\u', { fields: {}, text: "abc" }],
    ['{"text":"abc\\ud83d\\ude0', { fields: {}, text: "abc" }],
    ['{"text":"","x":"', { fields: {}, text: "", unknownFields: 1 }],
    ['{"text":"abc","age":1', { fields: {}, text: "abc" }],
    ['{"text":"abc","age":12,"id":"7', { fields: { age: 12 }, text: "abc" }],
    ['{"text":"abc","i', { fields: {}, text: "abc" }],
    ['{"text":"abc","x":[tru', { fields: {}, text: "abc", unknownFields: 1 }],
    ['{"text":"', "LINE_TOO_LONG"],
    ['{"text":', "LINE_TOO_LONG"],
    ['{"text', "LINE_TOO_LONG"],
    ['{"x":"abc', "LINE_TOO_LONG"],
    ['{"x":{"text":"abc', "LINE_TOO_LONG"],
    ["  ", "LINE_TOO_LONG"],
    ["", "LINE_TOO_LONG"],
    ['{"text":"abc" x', "LINE_NOT_JSON"],
    ['{"text":"abc","x":[1,,', "LINE_NOT_JSON"],
    ["plain words", "LINE_NOT_JSON"],
    ['{"age":-1,"text":"abc', "FIELD_INVALID"],
    ['{"text":1,"x":"', "TEXT_NOT_STRING"],
    ['{"x":1}  ', "TEXT_MISSING"],
  ])("salvages a cut line: %s", (line, expected) => {
    const outcome = read(line, { truncatedLine: true });
    if (typeof expected === "string") expect(outcome).toEqual({ code: expected });
    else expect(outcome).toEqual(accepted({ ...expected, textTruncated: true }));
  });

  it("leaves out a character that the cut parts", () => {
    for (const part of [[0xe2], [0xe2, 0x82], [0xf0], [0xf0, 0x9f, 0x98]]) {
      const outcome = read(joinBytes('{"text":"abc', part), { truncatedLine: true });
      expect(outcome).toEqual(accepted({ fields: {}, text: "abc", textTruncated: true }));
    }
  });

  it("wipes what it wrote of the text when it throws", () => {
    const text = new Uint8Array(16);
    for (const line of ['{"text":"abc",', '{"text":"abc","age":-1}', '{"text":"abc","text":"d"}', '{"text":"abc']) {
      const bytes = encoder.encode(line);
      expect(() => readJsonLine(bytes, 0, bytes.length, false, text)).toThrow();
      expect(text).toEqual(new Uint8Array(16));
    }
  });
});

/** Picks a number below `limit`, from a recorded list, so that a failure shrinks. */
type Pick = (limit: number) => number;
const anyPick = fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }).map((numbers): Pick => {
  let index = 0;
  return (limit) => numbers[index++ % numbers.length] % limit;
});

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "/": "\\/",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Writes a string as JSON, each character in one of the ways that JSON allows. */
function writeString(value: string, pick: Pick): string {
  const written = [...value].map((character) => {
    const style = pick(4);
    if (style === 0 && character in SHORT_ESCAPES) return SHORT_ESCAPES[character];
    const mustEscape = character < " " || character === '"' || character === "\\";
    if (style >= 2 && !mustEscape) return character;
    return Array.from({ length: character.length }, (_, index) => {
      const digits = character.charCodeAt(index).toString(16).padStart(4, "0");
      return `\\u${style === 1 ? digits : digits.toUpperCase()}`;
    }).join("");
  });
  return `"${written.join("")}"`;
}

function writeValue(value: unknown, pick: Pick): string {
  const space = () => ["", "", " ", "\t", "\n", "\r", "  \n"][pick(7)];
  const list = (items: string[], open: string, close: string) => `${open}${items.join(",") || space()}${close}`;
  if (typeof value === "string") return space() + writeString(value, pick) + space();
  if (Array.isArray(value)) {
    return (
      space() +
      list(
        value.map((item) => writeValue(item, pick)),
        "[",
        "]",
      ) +
      space()
    );
  }
  if (typeof value === "object" && value !== null) return space() + writeObject(Object.entries(value), pick) + space();
  return space() + JSON.stringify(value) + space();
}

function writeObject(entries: readonly (readonly [string, unknown])[], pick: Pick): string {
  return `{${entries.map(([key, value]) => `${writeValue(key, pick)}:${writeValue(value, pick)}`).join(",")}}`;
}

const KNOWN = ["text", "id", "language", "country", "age", "conversation", "at"];
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc
    .array(fc.oneof(fc.integer({ min: 0xd7f0, max: 0xe00f }), fc.nat(0xffff)), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
);
const anyUnknown = fc.array(
  fc.tuple(
    fc.string({ unit: "binary" }).filter((key) => !KNOWN.includes(key)),
    fc.jsonValue({ maxDepth: 3 }),
  ),
  { maxLength: 4 },
);
const anyFields = fc.record(
  {
    id: fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.maxSafeInteger(), fc.constant(null)),
    language: fc.constantFrom("en", "sw", "zh-Hant", "pt-BR", null),
    country: fc.constantFrom("KE", "de", "Br", null),
    age: fc.oneof(fc.double({ min: 0, max: 120 }), fc.integer({ min: 0, max: 120 }), fc.constant(null)),
    conversation: fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.constant(null)),
    at: fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constant(null),
    ),
  },
  { requiredKeys: [] },
);

interface GeneratedLine {
  readonly line: string;
  readonly unknownFields: number;
}

const anyLine = fc
  .tuple(anyText, anyUnknown, anyFields, anyPick)
  .map(([text, unknown, fields, pick]): GeneratedLine => {
    const entries: [string, unknown][] = [...unknown, ...Object.entries(fields)];
    entries.splice(pick(entries.length + 1), 0, ["text", text]);
    return { line: writeObject(entries, pick), unknownFields: unknown.length };
  });

const inUtf8 = (value: string): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(encoder.encode(value));

/** The fields as JSON.parse sees them, by the rules of the format; undefined when one breaks them. */
function expectedFields(value: Record<string, unknown>): JsonLineFields | undefined {
  const fields: Record<string, unknown> = {};
  const take = (name: string, isValid: (field: unknown) => boolean, convert: (field: never) => unknown): boolean => {
    const field = Object.hasOwn(value, name) ? value[name] : null;
    if (field === null) return true;
    if (!isValid(field)) return false;
    fields[name] = convert(field as never);
    return true;
  };
  const fits = (field: unknown, bytes: number) => typeof field === "string" && encoder.encode(field).length <= bytes;
  const isValid =
    take(
      "id",
      (field) => fits(field, 256) || Number.isInteger(field),
      (field) => inUtf8(String(field)),
    ) &&
    take(
      "language",
      (field) => fits(field, 35) && /^(?=..)[a-z]{1,8}(-[a-z0-9]{1,8})*$/i.test(String(field)),
      (field) => field,
    ) &&
    take(
      "country",
      (field) => typeof field === "string" && /^[a-z]{2}$/i.test(field),
      (field: string) => field.toUpperCase(),
    ) &&
    take(
      "age",
      (field) => typeof field === "number" && field >= 0 && field <= 120,
      (field) => Math.floor(field) + 0,
    ) &&
    take("conversation", (field) => fits(field, 256), inUtf8) &&
    take(
      "at",
      (field) => fits(field, 64) || Number.isFinite(field),
      (field) => (typeof field === "string" ? inUtf8(field) : field),
    );
  return isValid ? fields : undefined;
}

describe("readJsonLine of a turn", () => {
  const readTurn = (
    line: string,
  ): { code: EarshotErrorCode } | { fields: JsonLineFields; state: string; text: string } => {
    const bytes = encoder.encode(line);
    const [text, stateBytes] = [new Uint8Array(64), new Uint8Array(8)];
    const state = createSink(stateBytes);
    const before = bytes.slice();
    try {
      const { fields, textLength } = readJsonLine(bytes, 0, bytes.length, false, text, state);
      expect(bytes).toEqual(before);
      return {
        fields,
        state: new TextDecoder().decode(stateBytes.subarray(0, state.length)),
        text: new TextDecoder().decode(text.subarray(0, textLength)),
      };
    } catch (error) {
      if (!isEarshotError(error)) throw error;
      expect([...text, ...stateBytes].some((byte) => byte !== 0)).toBe(false);
      return { code: error.code };
    }
  };

  it.each<[string, JsonLineFields, string]>([
    ['{"text":"a","speaker":"person","state":"AAAA"}', { speaker: "person" }, "AAAA"],
    ['{"state":"AA\\u0041A","speaker":"counsellor","text":"a"}', { speaker: "counsellor" }, "AAAA"],
    ['{"text":"a","speaker":"other","at":5}', { speaker: "other", at: 5 }, ""],
    ['{"text":"a","speaker":0}', { speaker: 0 }, ""],
    ['{"text":"a","speaker":12,"state":null}', { speaker: 12 }, ""],
    ['{"text":"a","speaker":null,"state":"12345678"}', {}, "12345678"],
  ])("%s", (line, fields, state) => {
    expect(readTurn(line)).toEqual({ fields, state, text: "a" });
  });

  it.each<[string, EarshotErrorCode]>([
    ['{"text":"a","speaker":"Person"}', "FIELD_INVALID"],
    ['{"text":"a","speaker":""}', "FIELD_INVALID"],
    ['{"text":"a","speaker":-1}', "FIELD_INVALID"],
    ['{"text":"a","speaker":1.5}', "FIELD_INVALID"],
    ['{"text":"a","speaker":9007199254740991}', "FIELD_INVALID"],
    ['{"text":"a","speaker":true}', "FIELD_INVALID"],
    ['{"text":"a","state":"123456789"}', "FIELD_INVALID"],
    ['{"text":"a","state":1}', "FIELD_INVALID"],
    ['{"text":"a","state":{}}', "FIELD_INVALID"],
    ['{"text":"a","state":"A","state":"A"}', "FIELD_DUPLICATE"],
    ['{"state":"AAAA"}', "TEXT_MISSING"],
    ['{"text":"a","state":"AAAA"', "LINE_NOT_JSON"],
  ])("%s: %s", (line, code) => {
    expect(readTurn(line)).toEqual({ code });
  });

  it("has no meaning in any other line", () => {
    const bytes = encoder.encode('{"text":"a","speaker":{},"state":7}');
    const { fields, unknownFields } = readJsonLine(bytes, 0, bytes.length, false, new Uint8Array(9));
    expect([fields, unknownFields]).toEqual([{}, 2]);
  });
});

describe("readJsonLine against JSON.parse", () => {
  it("finds the same text and fields in any object, in any style of writing", () => {
    fc.assert(
      fc.property(anyLine, ({ line, unknownFields }) => {
        const parsed = JSON.parse(line);
        const fields = expectedFields(parsed);
        const text = [...encoder.encode(parsed.text)];
        const result = { fields, textLength: text.length, textTruncated: false, unknownFields };
        expect(read(line)).toEqual({ result, text });
      }),
      { numRuns: 400 },
    );
  });

  const anyByte = fc.oneof(fc.constantFrom(...encoder.encode('{}[]",:\\u0123456789abcdefEtrnl-+. \t\n')), fc.nat(255));
  const anyEdits = fc.array(fc.tuple(fc.nat(), fc.constantFrom("replace", "insert", "delete"), anyByte), {
    minLength: 1,
    maxLength: 3,
  });

  function checkAgainstParse(bytes: Uint8Array): void {
    const outcome = read(bytes);
    let line: string;
    try {
      line = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return;
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {
      parsed = undefined;
    }
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
      expect(outcome).toEqual({ code: "LINE_NOT_JSON" });
      return;
    }
    const value = parsed as Record<string, unknown>;
    const fields = expectedFields(value);
    if ("code" in outcome) {
      // JSON.parse does not tell 1 from 1.0, nor one field from two; examples cover both.
      if (outcome.code === "FIELD_INVALID") expect(fields === undefined || typeof value.id === "number").toBe(true);
      else if (outcome.code === "TEXT_MISSING") expect(Object.hasOwn(value, "text")).toBe(false);
      else if (outcome.code === "TEXT_NOT_STRING") expect(typeof value.text).not.toBe("string");
      else expect(outcome.code).toBe("FIELD_DUPLICATE");
      return;
    }
    expect(outcome.text).toEqual([...encoder.encode(value.text as string)]);
    // An integer id is kept as written, which JSON.parse may round.
    const isWritten = typeof value.id === "number";
    expect({ ...outcome.result.fields, ...(isWritten && { id: 0 }) }).toEqual({
      ...fields,
      ...(isWritten && { id: 0 }),
    });
  }

  it("accepts a damaged line exactly when JSON.parse does and its fields are valid", () => {
    fc.assert(
      fc.property(anyLine, anyEdits, ({ line }, edits) => {
        const bytes = [...encoder.encode(line)];
        for (const [place, kind, byte] of edits) {
          const inserted = kind === "delete" ? [] : [byte];
          bytes.splice(place % (bytes.length + 1), kind === "insert" ? 0 : 1, ...inserted);
        }
        checkAgainstParse(Uint8Array.from(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it("accepts any bytes exactly when JSON.parse does", () => {
    fc.assert(
      fc.property(fc.array(anyByte, { maxLength: 30 }), fc.boolean(), (bytes, isWrapped) => {
        checkAgainstParse(isWrapped ? joinBytes('{"text":"a","x":', bytes, "}") : Uint8Array.from(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it("finds a repeated field wherever it stands", () => {
    fc.assert(
      fc.property(anyUnknown, fc.constantFrom(...KNOWN), anyPick, (unknown, name, pick) => {
        const entries: [string, unknown][] = [...unknown, ["text", "a"], [name, null], [name, null]];
        for (let index = entries.length - 1; index > 0; index--) {
          const other = pick(index + 1);
          [entries[index], entries[other]] = [entries[other], entries[index]];
        }
        const isTextFirst = entries.find(([key]) => key === "text")?.[1] === "a";
        const code = name === "text" && !isTextFirst ? "TEXT_NOT_STRING" : "FIELD_DUPLICATE";
        expect(read(writeObject(entries, pick))).toEqual({ code });
      }),
    );
  });

  it("keeps whole characters of the beginning when the text buffer is too small", () => {
    fc.assert(
      fc.property(anyLine, fc.nat(60), ({ line }, textBytes) => {
        const whole = encoder.encode(JSON.parse(line).text);
        const outcome = read(line, { textBytes });
        if ("code" in outcome) expect.unreachable();
        expect(outcome.text).toEqual([...whole.subarray(0, outcome.text.length)]);
        expect(outcome.result.textTruncated).toBe(whole.length > textBytes);
        if (whole.length <= textBytes) expect(outcome.text.length).toBe(whole.length);
        else expect(outcome.text.length).toBeGreaterThan(textBytes - 4);
        new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(outcome.text));
      }),
      { numRuns: 300 },
    );
  });

  it("salvages a beginning of the text, and only fields that were whole, at any cut", () => {
    fc.assert(
      fc.property(anyLine, fc.double({ min: 0, max: 1, noNaN: true }), ({ line }, share) => {
        const bytes = encoder.encode(line);
        const parsed = JSON.parse(line);
        const whole = encoder.encode(parsed.text);
        const outcome = read(bytes.subarray(0, Math.floor(share * bytes.length)), { truncatedLine: true });
        if ("code" in outcome) {
          expect(outcome.code).toBe("LINE_TOO_LONG");
          return;
        }
        expect(outcome.result.textTruncated).toBe(true);
        expect(outcome.text).toEqual([...whole.subarray(0, outcome.text.length)]);
        new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(outcome.text));
        expect(expectedFields(parsed)).toMatchObject(outcome.result.fields);
      }),
      { numRuns: 500 },
    );
  });
});
