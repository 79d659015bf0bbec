import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEarshotError } from "../../src/errors.js";
import { readLocatedJson } from "../../src/referral/located-json.js";

const TEXT = `{
  "a": [
    { "b": 1 },
    { "b": "x\\n\\"y",
      "c": null }
  ],

  "d": { "e": true, "e": false }
}`;

describe("readLocatedJson", () => {
  it.each<[readonly PropertyKey[], number]>([
    [[], 1],
    [["a"], 2],
    [["a", 0, "b"], 3],
    [["a", 1], 4],
    [["a", 1, "c"], 5],
    [["d", "e"], 8],
    [["a", 1, "missing", "further"], 4],
    [["missing"], 1],
  ])("finds %j on line %i", (path, line) => {
    expect(readLocatedJson(TEXT).lineOf(path)).toBe(line);
  });

  it("names lines of repeated fields and takes the last, as JSON.parse does", () => {
    const { value, repeated } = readLocatedJson(TEXT);
    expect(repeated).toEqual([8]);
    expect(value).toEqual(JSON.parse(TEXT));
  });

  it.each([
    ["nothing", "", 1],
    ["a missing comma", '{\n"a": 1\n"b": 2\n}', 3],
    ["a comma too many", '{\n"a": [1,\n]\n}', 3],
    ["a key that is none", "{\n1: 2}", 2],
    ["a key without a value", '{"a"\n}', 2],
    ["a text that does not end", '{\n\n"a": "b\n}', 3],
    ["something after the end", "{}\n\n{}", 3],
    ["a word", "\nyes", 2],
    ["an array that does not end", "[1\n", 2],
    ["nesting without an end", "[".repeat(10_000), 1],
  ])("names the line of %s", (_name, text, line) => {
    expect(catchError(() => readLocatedJson(text))).toMatchObject({ code: "DIRECTORY_INVALID", details: { line } });
  });

  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(readLocatedJson(text).value).toEqual(JSON.parse(text));
      }),
    );
  });

  it("refuses what JSON.parse refuses", () => {
    const damaged = fc.tuple(
      fc.json({ maxDepth: 4 }),
      fc.nat(),
      fc.constantFrom("", ",", '"', "}", "]", "0", "\\", " "),
    );
    fc.assert(
      fc.property(damaged, ([text, place, mark]) => {
        const at = place % (text.length + 1);
        const broken = text.slice(0, at) + mark + text.slice(at + 1);
        const expected = succeeds(() => JSON.parse(broken));
        expect(succeeds(() => readLocatedJson(broken))).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});

function succeeds(action: () => unknown): boolean {
  const error = catchError(action);
  return error === undefined;
}

function catchError(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return isEarshotError(error) || error instanceof SyntaxError ? error : Promise.reject(error);
  }
}
