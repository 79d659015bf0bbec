import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEarshotError } from "../../src/errors.js";
import { readLabels } from "../../src/evaluation/read-labels.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../../src/labels.js";

const encoder = new TextEncoder();

/** Reads a line from the middle of a buffer, so that an offset that is forgotten would show. */
function read(line: string): unknown {
  const bytes = encoder.encode(`"}${line}{"`);
  try {
    return readLabels(bytes, 2, bytes.length - 2);
  } catch (error) {
    if (!isEarshotError(error)) throw error;
    expect(error.details).toEqual({});
    return error.code;
  }
}

describe("readLabels", () => {
  it.each<[string, unknown]>([
    ['{"text":"a","urgency":"soon"}', { urgency: "soon" }],
    ['{"categories":[],"text":"a"}', { categories: [] }],
    ['{"signals":[ "now" ,\t"plan" ],"slice":"a-1"}', { signals: ["now", "plan"], slice: "a-1" }],
    ['{"signals":["now","now"]}', { signals: ["now"] }],
    [' { "urgency" : "immediate" , "categories" : [ "suicide" ] } ', { urgency: "immediate", categories: ["suicide"] }],
    ['{"urgency":null,"categories":["suicide"],"slice":null}', { categories: ["suicide"] }],
    ['{"\\u0075rgency":"s\\u006fon"}', { urgency: "soon" }],
    ['{"urgency":"soon","x":{"urgency":"urgent","categories":[1]},"id":7,"age":9}', { urgency: "soon" }],
    ['{"urgency":"soon","text":"\\"urgency\\":\\"urgent\\""}', { urgency: "soon" }],
    [`{"urgency":"soon","${"x".repeat(300)}":"y"}`, { urgency: "soon" }],
    [`{"urgency":"soon","slice":"${"x".repeat(64)}"}`, { urgency: "soon", slice: "x".repeat(64) }],
    ['{"text":"a"}', "LABELS_MISSING"],
    ['{"text":"a","slice":"b"}', "LABELS_MISSING"],
    ['{"urgency":null}', "LABELS_MISSING"],
    ["{}", "LABELS_MISSING"],
    ['{"urgency":"soon","urgency":"soon"}', "FIELD_DUPLICATE"],
    ['{"urgency":null,"urgency":"soon"}', "FIELD_DUPLICATE"],
    ['{"urgency":"soon","slice":"a","slice":null}', "FIELD_DUPLICATE"],
    ...[
      '"urgency":"Soon"',
      '"urgency":""',
      '"urgency":1',
      '"urgency":["soon"]',
      '"urgency":{"soon":1}',
      '"urgency":true',
      `"urgency":"soon${"x".repeat(100)}"`,
      '"categories":"suicide"',
      '"categories":["suicide","weather"]',
      '"categories":[["suicide"]]',
      '"categories":[null]',
      '"categories":[1,{"a":[2]}]',
      '"categories":{}',
      '"signals":["suicide"]',
      '"urgency":"soon","slice":""',
      '"urgency":"soon","slice":"Ab"',
      '"urgency":"soon","slice":"a b"',
      '"urgency":"soon","slice":"é"',
      '"urgency":"soon","slice":7',
      `"urgency":"soon","slice":"${"x".repeat(65)}"`,
    ].map((field): [string, string] => [`{"text":"a",${field}}`, "LABEL_INVALID"]),
    ['{"categories":[,"suicide"]}', "LINE_NOT_JSON"],
    ['{"categories":["suicide",]}', "LINE_NOT_JSON"],
    ['{"categories":["suicide" "bullying"]}', "LINE_NOT_JSON"],
    ['{"categories":["suicide"}', "LINE_NOT_JSON"],
    ['{"categories":[', "LINE_NOT_JSON"],
    ["urgency", "LINE_NOT_JSON"],
  ])("%s", (line, expected) => {
    expect(read(line)).toEqual(expected);
  });

  it("reads what JSON.stringify writes, among other fields in any order", () => {
    const labels = fc.record(
      {
        urgency: fc.constantFrom(...URGENCIES),
        categories: fc.subarray([...CATEGORIES]),
        signals: fc.subarray([...SIGNALS]),
        slice: fc.stringMatching(/^[a-z0-9-]{1,64}$/),
      },
      { requiredKeys: ["urgency"] },
    );
    const others = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
    fc.assert(
      fc.property(labels, others, fc.boolean(), (own, rest, first) => {
        fc.pre(!["urgency", "categories", "signals", "slice"].some((name) => Object.hasOwn(rest, name)));
        expect(read(JSON.stringify(first ? { ...own, ...rest } : { ...rest, ...own }))).toEqual(own);
      }),
    );
  });
});
