import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEarshotError } from "../../src/errors.js";
import { type FieldKind, jsonPaths, readJsonFields } from "../../src/text/json-fields.js";

const encoder = new TextEncoder();
/** With U+FFFD for what is half a character. */
const wellFormed = (text: string): string => new TextDecoder().decode(encoder.encode(text));
const KINDS: Readonly<Record<string, FieldKind>> = {
  "comment.text": "text",
  "comment.type": "string",
  languages: "strings",
  flag: "boolean",
  "a.b.count": "number",
  open: "object",
  "open.known": "number",
};
const PATHS = jsonPaths(KINDS);

/** Reads from the middle of a buffer whose other bytes would change the outcome if they were read. */
function read(json: string | Uint8Array): { values: Record<string, unknown>; text: string } | string {
  const line = typeof json === "string" ? encoder.encode(json) : json;
  const outcomes = ['"', "}", "0"].map((guard) => {
    const bytes = new Uint8Array(line.length + 8).fill(guard.charCodeAt(0));
    bytes.set(line, 4);
    try {
      const { values, text } = readJsonFields(bytes, 4, 4 + line.length, PATHS);
      return { values: Object.fromEntries(values), text: new TextDecoder().decode(text) };
    } catch (error) {
      if (!isEarshotError(error)) throw error;
      expect(error.details).toEqual({});
      return error.code;
    }
  });
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[2]).toEqual(outcomes[0]);
  return outcomes[0];
}

describe("readJsonFields", () => {
  it.each<[string, Record<string, unknown>, string?]>([
    ["{}", {}],
    ['{"comment":{"text":"h\\u00e9\\n"}}', { comment: 0, "comment.text": 4 }, "hé\n"],
    ['{"comment":{"text":""}}', { comment: 0, "comment.text": 0 }],
    ['{"comment":{"text":null,"type":null}}', { comment: 0, "comment.text": null, "comment.type": null }],
    ['{"comment":null}', { comment: null }],
    ['{"text":"a","comment":{"type":"PLAIN_TEXT","other":{"text":"b"}}}', { comment: 1, "comment.type": "PLAIN_TEXT" }],
    ['{"languages":["en","zh-Hant"]}', { languages: ["en", "zh-Hant"] }],
    ['{"languages":[ ]}', { languages: [] }],
    [' {"flag" : true , "x":[{"flag":false}]} ', { flag: true }],
    ['{"flag":false}', { flag: false }],
    ['{"a":{"b":{"count":-1.5e2}}}', { a: 0, "a.b": 0, "a.b.count": -150 }],
    ['{"open":{"known":1,"x":2,"y":{"known":3}}}', { open: 2, "open.known": 1 }],
    ['{"open":{}}', { open: 0 }],
    ['{"open.known":1}', {}],
  ])("finds in %s what is there", (json, values, text = "") => {
    expect(read(json)).toEqual({ values, text });
  });

  it.each<[string, string]>([
    ["", "LINE_NOT_JSON"],
    ["[]", "LINE_NOT_JSON"],
    ['{"flag":true}}', "LINE_NOT_JSON"],
    ['{"flag":tru}', "LINE_NOT_JSON"],
    ['{"comment":{"text":"a}', "LINE_NOT_JSON"],
    ['{"languages":["en",]}', "LINE_NOT_JSON"],
    [`{"x":${"[".repeat(64)}${"]".repeat(64)}}`, "LINE_NOT_JSON"],
    ['{"comment":{"text":1}}', "TEXT_NOT_STRING"],
    ['{"comment":{"text":["a"]}}', "TEXT_NOT_STRING"],
    ['{"comment":{"text":"a","text":"b"}}', "FIELD_DUPLICATE"],
    ['{"comment":{"text":"a"},"comment":{"text":"b"}}', "FIELD_DUPLICATE"],
    ['{"comment":"a"}', "FIELD_INVALID"],
    ['{"comment":[]}', "FIELD_INVALID"],
    ['{"comment":{"type":1}}', "FIELD_INVALID"],
    ['{"languages":"en"}', "FIELD_INVALID"],
    ['{"languages":["en",null]}', "FIELD_INVALID"],
    [`{"languages":[${'"a",'.repeat(256)}"a"]}`, "FIELD_INVALID"],
    [`{"languages":["${"a".repeat(257)}"]}`, "FIELD_INVALID"],
    ['{"flag":"true"}', "FIELD_INVALID"],
    ['{"flag":1}', "FIELD_INVALID"],
    ['{"open":{"known":"1"}}', "FIELD_INVALID"],
    ['{"open":{"known":1e999}}', "FIELD_INVALID"],
    [`{"open":{"known":1${"0".repeat(64)}}}`, "FIELD_INVALID"],
    ['{"flag":1,"comment":{"text":1}}', "FIELD_INVALID"],
    ['{"flag":1,"comment":', "LINE_NOT_JSON"],
  ])("refuses %s", (json, code) => {
    expect(read(json)).toBe(code);
  });

  it("refuses metadata that is not UTF-8, and scores a text or passes over a field that is not", () => {
    const bytes = (...parts: (string | number)[]): Uint8Array =>
      Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...encoder.encode(part)] : [part])));
    expect(read(bytes('{"comment":{"type":"', 0xff, '"}}'))).toBe("LINE_NOT_UTF8");
    expect(read(bytes('{"comment":{"text":"', 0xff, '"}}'))).toMatchObject({ text: "\ufffd" });
    expect(read(bytes('{"x":"', 0xff, '"}'))).toEqual({ values: {}, text: "" });
  });

  it("leaves nothing of the text behind when it refuses", () => {
    const taken: Uint8Array[] = [];
    const Original = globalThis.Uint8Array;
    class Watched extends Original {
      constructor(length: number) {
        super(length);
        taken.push(this);
      }
    }
    const line = encoder.encode('{"comment":{"text":"a secret"},"flag":1}');
    globalThis.Uint8Array = Watched as unknown as Uint8ArrayConstructor;
    try {
      expect(() => readJsonFields(line, 0, line.length, PATHS)).toThrow();
    } finally {
      globalThis.Uint8Array = Original;
    }
    expect(taken.map(({ length }) => length)).toEqual([line.length]);
    expect(taken[0].every((byte) => byte === 0)).toBe(true);
  });

  it("finds what JSON.parse finds, whatever stands around it", () => {
    // Whitespace, order and extra members are arbitrary; a key may be the name of a field at another place.
    const member = fc.tuple(
      fc.constantFrom("text", "comment", "known", "other", "", "é"),
      fc.jsonValue({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.array(fc.string({ maxLength: 20 }), { maxLength: 5 }),
        fc.boolean(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(member, { maxLength: 4 }),
        fc.constantFrom(undefined, 1, "\t"),
        (text, languages, flag, count, extra, indent) => {
          const around = Object.fromEntries(extra.map(([key, value]) => [`x${key}`, value]));
          const json = { ...around, comment: { ...around, text }, languages, flag, a: { b: { count, ...around } } };
          const found = read(JSON.stringify(json, undefined, indent));
          const others = Object.keys(around).length;
          expect(found).toEqual({
            values: {
              comment: others,
              "comment.text": encoder.encode(text).length,
              languages: languages.map(wellFormed),
              flag,
              a: 0,
              "a.b": others,
              "a.b.count": count === 0 ? 0 : count,
            },
            text: wellFormed(text),
          });
        },
      ),
    );
  });

  it("throws nothing but its codes on bytes of any kind", () => {
    const pieces = fc.constantFrom(
      '{"comment":',
      '{"text":',
      '"a"',
      '"\\u12',
      "[",
      "]",
      "}",
      ",",
      '"flag":',
      "1",
      "-",
      "nul",
      "true",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), fc.uint8Array({ maxLength: 6 }), (parts, noise) => {
        read(Uint8Array.from([...encoder.encode(parts.join("")), ...noise]));
      }),
    );
  });
});
