import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEncoder, type RunEncoder } from "../../src/model/encoder.js";
import { type EncoderSettings, HEADS } from "../../src/model/manifest.js";
import { LABEL_COLUMNS } from "../../src/model/pack.js";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";
import { readVocabulary, SPECIAL_PIECES } from "../../src/text/tokenize.js";

const bytesOnly = readVocabulary(
  Uint8Array.from([0, 0, 0, 0, ...Array.from({ length: 256 }, (_, byte) => [1, byte]).flat()]),
);
const slopes = { whole: 0, window: 0, encoder: 1, encoderWindow: 0, offset: 0 };
const settings: EncoderSettings = {
  file: "encoder.onnx",
  vocabulary: "vocabulary.bin",
  pieces: 260,
  windowPieces: 16,
  stridePieces: 8,
  maximumWindows: 3,
  calibration: new Array(HEADS).fill({ short: slopes, long: slopes }),
};

function normalized(text: string): ReturnType<typeof createNormalizedText> {
  const into = createNormalizedText(4096);
  const bytes = new TextEncoder().encode(text);
  normalize(bytes, 0, bytes.length, into);
  return into;
}

/** A graph whose logit of `suicide` is how often `a` stands among the pieces. */
function countingGraph(): { run: RunEncoder; windows: number[][]; arrays: Array<Int32Array | Float32Array> } {
  const windows: number[][] = [];
  const arrays: Array<Int32Array | Float32Array> = [];
  const run: RunEncoder = async (rows, logits, read) => {
    for (const ids of rows) {
      windows.push([...ids]);
      arrays.push(ids, logits);
      logits.fill(0);
      logits[4] = ids.filter((id) => id === 4 + 0x61).length;
      read();
      ids.fill(0);
      logits.fill(0);
    }
  };
  return { run, windows, arrays };
}

const zeros = new Float64Array(HEADS);
const logitOf = (probability: number): number => Math.log(probability / (1 - probability));

describe("createEncoder", () => {
  it.each<[string, number, number[]]>([
    ["a short message is one window", 10, [11]],
    ["a message of just one window", 16, [17]],
    ["a longer one ends with its last window", 20, [17, 17]],
    ["one beyond the last window is read as far as windows reach", 500, [17, 17, 17]],
  ])("%s", async (_, pieces, lengths) => {
    const graph = countingGraph();
    const encoder = createEncoder({ vocabulary: bytesOnly }, settings, graph.run);
    // The space before the first word is a piece too.
    encoder.add(normalized("ab".repeat(500).slice(0, pieces - 1)));
    encoder.keep(zeros, zeros, 0);
    await encoder.score();
    expect(graph.windows.map((ids) => ids.length)).toEqual(lengths);
    for (const ids of graph.windows) expect(ids[0]).toBe(SPECIAL_PIECES.start);
  });

  it("takes the mean of the windows for the whole and the highest for the window", async () => {
    const graph = countingGraph();
    const both = { ...slopes, encoderWindow: 1 };
    const model = { vocabulary: bytesOnly };
    const calibration = new Array(HEADS).fill({ short: slopes, long: both });
    const encoder = createEncoder(model, { ...settings, calibration }, graph.run);
    const text = `${"b".repeat(2)} ${"ab".repeat(3)} ${"bc".repeat(6)}`;
    encoder.add(normalized(text));
    encoder.keep(zeros, zeros, 2);
    const scores = await encoder.score();
    const counts = graph.windows.map((ids) => ids.filter((id) => id === 4 + 0x61).length);
    expect(new Set(counts).size).toBe(2);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(logitOf(scores.categories.suicide)).toBeCloseTo(mean + Math.max(...counts));
  });

  it("adds up segments of a message, and forgets it when asked", async () => {
    const graph = countingGraph();
    const encoder = createEncoder({ vocabulary: bytesOnly }, settings, graph.run);
    encoder.add(normalized("aa"));
    encoder.wipe();
    encoder.add(normalized("ab"));
    encoder.add(normalized("a"));
    encoder.keep(zeros, zeros, 0);
    expect(logitOf((await encoder.score()).categories.suicide)).toBeCloseTo(2);
  });

  it("says the same of a message whatever came before it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.stringMatching(/^[a-c ]{1,60}$/),
        fc.stringMatching(/^[a-c]{1,40}$/),
        async (before, text) => {
          const graph = countingGraph();
          const encoder = createEncoder({ vocabulary: bytesOnly }, settings, graph.run);
          const scoreOf = async (message: string) => {
            encoder.add(normalized(message));
            encoder.keep(zeros, zeros, 0);
            return encoder.score();
          };
          const alone = await scoreOf(text);
          await scoreOf(before);
          expect(await scoreOf(text)).toEqual(alone);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("passes a failure on and forgets the message", async () => {
    let fails = true;
    const graph = countingGraph();
    const run: RunEncoder = (ids, logits, read) => (fails ? Promise.reject(new Error()) : graph.run(ids, logits, read));
    const encoder = createEncoder({ vocabulary: bytesOnly }, settings, run);
    encoder.add(normalized("aaaa"));
    await expect(encoder.score()).rejects.toThrow();
    fails = false;
    encoder.add(normalized("a"));
    encoder.keep(zeros, zeros, 0);
    expect(logitOf((await encoder.score()).categories.suicide)).toBeCloseTo(1);
    expect(graph.windows).toHaveLength(1);
    expect(graph.windows[0]).toHaveLength(3);
    expect(LABEL_COLUMNS).toBe(39);
  });
});
