import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatJson } from "../../../src/referral/source/format.js";

describe("formatJson", () => {
  it("lays out objects and long arrays one item a line", () => {
    const long = ["x".repeat(60), "y".repeat(60)];
    expect(formatJson({ a: ["en", "sw"], b: long, c: [{ d: null }], e: [] })).toBe(
      `{\n  "a": ["en", "sw"],\n  "b": [\n    "${long[0]}",\n    "${long[1]}"\n  ],\n  "c": [\n    {\n      "d": null\n    }\n  ],\n  "e": []\n}\n`,
    );
  });

  it("loses nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(formatJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
