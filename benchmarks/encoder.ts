/**
 * What the second stage of the pack costs, and how much of that is for leaving nothing behind:
 *
 *     npx tsx benchmarks/encoder.ts
 *
 * It runs the encoder alone, on random pieces, with and without the run that overwrites what a message left, in turns. Sums
 * are multiplications with their additions, in thousand millions a second, by the shape that the model card states.
 */

import { randomInt } from "node:crypto";
import { loadPack } from "../src/model/pack.js";
import { loadOnnxRuntime, type OnnxInputs, type OnnxSession } from "../src/runtimes/onnx.js";
import { describeMachine, quantile } from "./machine.js";

const LAYERS = 3;
const WIDTH = 192;
/** Of weights, per layer and piece: query, key, value, output, and the four times wider expansion in and out. */
const SUMS_PER_PIECE = 12 * WIDTH ** 2;
const WINDOWS: readonly (readonly [pieces: number, windows: number])[] = [
  [30, 1],
  [76, 1],
  [128, 1],
  [128, 3],
];
const LABELS = 39;
const ROUNDS = 40;
const RUNS = 10;

const { encoder, manifest } = loadPack();
if (encoder === undefined || manifest.encoder === undefined) throw new Error("the pack has no second stage");
const { graph, vocabulary } = encoder;
const runtime = loadOnnxRuntime();
const [plain, wiping] = await Promise.all([false, true].map((scrub) => runtime.createSession(graph, { scrub })));

function windowOf(pieces: number): OnnxInputs {
  const data = Int32Array.from({ length: pieces }, () => randomInt(vocabulary.size));
  return { ids: { data, shape: [pieces], below: vocabulary.size } };
}

async function microseconds(session: OnnxSession, pieces: number, windows: number): Promise<number> {
  const logits = { data: new Float32Array(LABELS), shape: [LABELS] };
  const messages = Array.from({ length: RUNS }, () => Array.from({ length: windows }, () => windowOf(pieces)));
  const began = performance.now();
  for (const message of messages) await session.run(message, { logits }, () => {});
  return ((performance.now() - began) * 1000) / RUNS;
}

function row(...cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(26) : cell.padStart(18))).join("");
}

process.stdout.write(`${describeMachine()}\n\n`);
process.stdout.write(`${row("pieces of a message", "read, µs", "and wiped, µs", "wiping adds", "10^9 sums/s")}\n`);
for (const [pieces, windows] of WINDOWS) {
  const times: { plain: number[]; wiping: number[] } = { plain: [], wiping: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.plain.push(await microseconds(plain, pieces, windows));
    times.wiping.push(await microseconds(wiping, pieces, windows));
  }
  const [read, wiped] = [times.plain, times.wiping].map((series) =>
    quantile(
      series.sort((one, other) => one - other),
      0.5,
    ),
  );
  const sums = windows * pieces * LAYERS * (SUMS_PER_PIECE + 2 * pieces * WIDTH);
  const name = windows === 1 ? `${pieces}` : `${pieces} in each of ${windows} windows`;
  const share = `${Math.round((wiped / read - 1) * 100)}%`;
  process.stdout.write(`${row(name, read.toFixed(0), wiped.toFixed(0), share, (sums / read / 1000).toFixed(0))}\n`);
}
process.stdout.write(`\n${describeMachine()}\n`);
await plain.close();
await wiping.close();
