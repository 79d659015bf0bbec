import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { makeCanary } from "../../src/audit/canary.js";
import { startSession } from "../../src/audit/child-session.js";
import { createPatternIndex } from "../../src/audit/pattern-index.js";
import { idPatterns, type Pattern } from "../../src/audit/patterns.js";
import { createResidueScanner } from "../../src/audit/residue-scan.js";
import { createEncoder } from "../../src/model/encoder.js";
import { loadPack, type Pack } from "../../src/model/pack.js";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";
import { canScan } from "../audit/child-programs.js";
import { BASE_PACK, MAIN } from "../cli/command.js";
import { withEveryResult } from "../support/onnx-graph.js";

const canRun = canScan && existsSync(BASE_PACK);
const onLinux = canRun ? "" : " (needs Linux with /proc/<pid>/pagemap)";
const LIBRARY = new URL("../index.js", pathToFileURL(MAIN)).href;
const RUNTIME = new URL("../../src/runtimes/onnx.ts", import.meta.url).href;
/** Eight floats in a row, or sixteen bytes of those that the 8-bit kernels are given, do not come about by chance. */
const FLOATS = 8;
const BYTES = 16;
const DIFFERENT_BYTES = 10;
const WINDOWS_PER_RESULT = 60;

type Results = ReadonlyMap<string, Float32Array>;

/** The ids of each window that the encoder reads of a message. */
async function windowsOf(pack: Pack, message: Uint8Array): Promise<number[][]> {
  if (pack.encoder === undefined || pack.manifest.encoder === undefined) throw new Error("the pack has no encoder");
  const windows: number[][] = [];
  const encoder = createEncoder(pack.encoder, pack.manifest.encoder, async (rows) => {
    windows.push(...rows.map((ids) => [...ids]));
  });
  const text = createNormalizedText(message.length * 4);
  normalize(message, 0, message.length, text);
  encoder.add(text);
  await encoder.score();
  return windows;
}

/** Every intermediate result of the encoder, by a session in this process, which is not the one that is searched. */
async function createOracle(pack: Pack): Promise<(ids: readonly number[]) => Promise<Results>> {
  const { model, results } = withEveryResult(pack.encoder?.graph ?? new Uint8Array(0));
  const session = await InferenceSession.create(model, { graphOptimizationLevel: "disabled", intraOpNumThreads: 1 });
  return async (ids) => {
    const feeds = {
      ids: new Tensor("int32", Int32Array.from(ids), [ids.length]),
      whole: new Tensor("bool", [true], []),
    };
    const found = await session.run(feeds);
    return new Map(
      results.flatMap((name) => {
        const { data } = found[name];
        return data instanceof Float32Array ? [[name, data] as const] : [];
      }),
    );
  };
}

/** Windows of the results that another message of the same length does not share. */
function patternsOf(results: Results, ofOther: Results): Pattern[] {
  return [...results].flatMap(([name, values]) => {
    const other = ofOther.get(name) ?? values;
    return [
      ...windowsThatDiffer(values, other, FLOATS, FLOATS),
      ...windowsThatDiffer(quantised(values), quantised(other), BYTES, DIFFERENT_BYTES),
    ];
  });
}

function windowsThatDiffer<Values extends Float32Array | Uint8Array>(
  values: Values,
  other: Values,
  length: number,
  leastDifferent: number,
): Pattern[] {
  const patterns: Pattern[] = [];
  const step = Math.max(length, Math.floor(values.length / WINDOWS_PER_RESULT));
  for (let start = 0; start + length <= values.length; start += step) {
    const window = values.slice(start, start + length);
    const same = window.filter((value, index) => value === 0 || value === other[start + index]).length;
    if (same > length - leastDifferent || new Set(window).size < leastDifferent) continue;
    patterns.push({ kind: "id_f32", bytes: new Uint8Array(window.buffer) });
  }
  return patterns;
}

/** As DynamicQuantizeLinear of ONNX makes bytes of floats. */
function quantised(values: Float32Array): Uint8Array {
  const lowest = values.reduce((least, value) => Math.min(least, value), 0);
  const scale = (values.reduce((most, value) => Math.max(most, value), 0) - lowest) / 255;
  const zero = Math.round(-lowest / scale);
  return Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(value / scale) + zero)));
}

async function copiesAfter(
  source: string,
  inputs: readonly Uint8Array[],
  patterns: readonly Pattern[],
): Promise<number> {
  const command = [process.execPath, "--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", source];
  const child = await startSession({ command, index: createPatternIndex([]), replyTimeoutMs: 20_000 });
  if (child === undefined) throw new Error("not started");
  for (const input of inputs) if (!(await child.send([input]))) throw new Error("no answer");
  const scan = createResidueScanner(patterns).scan(child.pid);
  await child.close();
  if (!scan.available) throw new Error(scan.reason);
  return scan.copies;
}

/** Scores every message by both stages, as the library does. */
const library = `
  import { readSync, writeSync } from "node:fs";
  import { createTriage, DEFAULT_POLICY } from "${LIBRARY}";
  const policy = { ...DEFAULT_POLICY, secondLook: { riskFrom: 0, immediateUpTo: 1 } };
  const triage = await createTriage({ policy });
  const input = new Uint8Array(65536);
  for (let length; (length = readSync(0, input)) > 0; ) {
    await triage.assess(input.subarray(0, length));
    input.fill(0);
    writeSync(1, "{}\\n");
  }`;

/** Runs the encoder on ids, without the run that overwrites. */
const withoutScrub = `
  import { readFileSync, readSync, writeSync } from "node:fs";
  import { loadOnnxRuntime } from "${RUNTIME}";
  const session = await loadOnnxRuntime().createSession(readFileSync("${BASE_PACK}/encoder.onnx"), { scrub: false });
  const input = new Uint8Array(65536);
  for (let length; (length = readSync(0, input)) > 0; ) {
    const data = new Int32Array(length / 4);
    new Uint8Array(data.buffer).set(input.subarray(0, length));
    input.fill(0);
    const ids = { data, shape: [data.length], below: 100_000 };
    const logits = { data: new Float32Array(39), shape: [39] };
    await session.run([{ ids }], { logits }, () => {});
    writeSync(1, "{}\\n");
  }`;

describe(`what the encoder works out on its way${onLinux}`, () => {
  it.runIf(canRun).each([
    ["a short message", 60],
    ["a message that fills most of a window", 300],
    ["a message of several windows", 2000],
  ])("is gone after the answer: %s", async (_, bytes) => {
    const pack = loadPack(BASE_PACK);
    const oracle = await createOracle(pack);
    const message = makeCanary("latin", bytes).bytes;
    const patterns: Pattern[] = [];
    const windows = await windowsOf(pack, message);
    const others = await windowsOf(pack, makeCanary("latin", bytes * 2).bytes);
    for (const [index, ids] of windows.entries()) {
      const other = await oracle(others.flat().slice(index, index + ids.length));
      patterns.push(...patternsOf(await oracle(ids), other), ...idPatterns(ids));
    }
    expect(patterns.length).toBeGreaterThan(1000);
    // The first message of a process, for which the runtime has not laid out its memory yet.
    expect(await copiesAfter(library, [message], patterns)).toBe(0);
    const ids = Int32Array.from(windows.at(-1) ?? []);
    // Without the last run it is found, by the same search; otherwise the line above would prove nothing.
    expect(await copiesAfter(withoutScrub, [new Uint8Array(ids.buffer)], patterns)).toBeGreaterThan(0);
  });
});
