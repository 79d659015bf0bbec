import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LineResult, type ReadOptions, scoreLines, withoutControls } from "../../src/cli/messages.js";
import { createTriage, type Triage } from "../../src/triage.js";
import { tinyPack } from "../support/tiny-pack.js";

const triage = await createTriage({ pack: tinyPack([]) });
const JSON_LINES: ReadOptions = { plainLines: false, context: {}, previewCharacters: 0 };
const PLAIN: ReadOptions = { ...JSON_LINES, plainLines: true };

/** Hands out an input piece by piece. */
function reading(input: Uint8Array | string, piece = 7) {
  const bytes = Buffer.from(input);
  let position = 0;
  return (into: Uint8Array, start: number, length: number): number => {
    const count = Math.min(piece, length, bytes.length - position);
    into.set(bytes.subarray(position, position + count), start);
    position += count;
    return count;
  };
}

async function collect(input: Uint8Array | string, options: ReadOptions, by: Triage = triage): Promise<LineResult[]> {
  const results: LineResult[] = [];
  for await (const result of scoreLines(reading(input), by, options)) results.push(result);
  return results;
}

/** A triage that shows what it was called with. */
function watched(watch: (...call: Parameters<Triage["assessBytes"]>) => void): Triage {
  return {
    ...triage,
    assessBytes: (...call) => {
      watch(...call);
      return triage.assessBytes(...call);
    },
  };
}

describe("scoreLines", () => {
  it("gives results and errors in the order of the lines", async () => {
    const results = await collect('{"text":"one"}\nnone\n{"text":""}\n{"text":"two"}', JSON_LINES);
    expect(results.map((result) => ("error" in result ? result.error : result.line))).toEqual([
      1,
      "LINE_NOT_JSON",
      "TEXT_EMPTY",
      4,
    ]);
  });

  it("puts what the line says before what holds for all", async () => {
    const contexts: unknown[] = [];
    const by = watched((_source, _start, _end, context) => contexts.push(context));
    const options = { ...JSON_LINES, context: { language: "en", country: "KE", spans: true } };
    await collect('{"text":"a","language":"sw","age":9,"id":7}\n{"text":"b","country":"gb"}', options, by);
    expect(contexts).toEqual([
      { language: "sw", country: "KE", spans: true, age: 9, id: "7" },
      { language: "en", country: "GB", spans: true },
    ]);
  });

  it.each([
    ["JSON", JSON_LINES, '{"text":"secret words"}\n{"text":"more"}\n'],
    ["plain", PLAIN, "secret words\nmore\n"],
  ])("has wiped a %s line when its result is handed out", async (_kind, options, input) => {
    const buffers = new Set<Uint8Array>();
    const ranges: Array<readonly [Uint8Array, number, number]> = [];
    const by = watched((source, start, end) => {
      buffers.add(source);
      ranges.push([source, start, end]);
    });
    const lines = scoreLines(reading(input, 1000), by, options);
    await lines.next();
    const [[source, start, end]] = ranges;
    expect(end - start).toBe("secret words".length);
    expect(source.slice(start, end).every((byte) => byte === 0)).toBe(true);
    expect((await lines.next()).done).toBe(false);
    expect((await lines.next()).done).toBe(true);
    for (const buffer of buffers) expect(buffer.every((byte) => byte === 0)).toBe(true);
  });

  it("wipes its buffers when nobody wants the rest", async () => {
    const buffers: Uint8Array[] = [];
    const by = watched((source) => buffers.push(source));
    for await (const _result of scoreLines(reading("one\ntwo\nthree\n", 1000), by, PLAIN)) break;
    expect(buffers).toHaveLength(1);
    expect(buffers[0].every((byte) => byte === 0)).toBe(true);
  });

  it("hides what failed behind a code", async () => {
    const by: Triage = {
      ...triage,
      assessBytes: () => {
        throw new Error("with words of the message");
      },
    };
    expect(await collect("a\n", PLAIN, by)).toEqual([{ line: 1, error: "INTERNAL" }]);
  });

  it.each([
    [0, "what a long day it was", undefined],
    [4, "what a long day it was", "what"],
    [40, "short", "short"],
    [3, "日本語です", "日本語"],
    [3, "👍👍👍👍", "👍👍👍"],
    [5, "a\u001bb\u202ec", "a b c"],
  ])("previews %i characters of %j as %j", async (previewCharacters, text, expected) => {
    const [result] = await collect(text, { ...PLAIN, previewCharacters });
    expect("preview" in result ? result.preview : undefined).toBe(expected);
  });

  it("gives exactly one result a line, for any bytes", async () => {
    const anyInput = fc.array(fc.oneof(fc.constantFrom(10, 13, 34, 123, 125, 92), fc.integer({ min: 0, max: 255 })), {
      maxLength: 300,
    });
    await fc.assert(
      fc.asyncProperty(anyInput, fc.boolean(), async (values, plainLines) => {
        const input = Uint8Array.from(values);
        const lineFeeds = values.filter((value) => value === 10).length;
        const results = await collect(input, { ...JSON_LINES, plainLines });
        const openEnd = values.length > 0 && values.at(-1) !== 10;
        const onlyMark = input.length === 3 && input[0] === 0xef && input[1] === 0xbb && input[2] === 0xbf;
        expect(results.map(({ line }) => line)).toEqual(
          Array.from({ length: lineFeeds + Number(openEnd && !onlyMark) }, (_, index) => index + 1),
        );
      }),
    );
  });
});

describe("withoutControls", () => {
  it("leaves no character that steers a terminal, and every other one", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const shown = withoutControls(text);
        expect([...shown]).toHaveLength([...text].length);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(withoutControls(shown)).toBe(shown);
      }),
    );
    expect(withoutControls("né 日本 👍")).toBe("né 日本 👍");
  });
});
