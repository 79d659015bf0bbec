/**
 * What limits the first stage: how many rows of its tables a message of 60 words needs, what a random look-up in a table
 * of that size costs on this machine, and what the rows cost when they are near and when they are not:
 *
 *     npx tsx benchmarks/look-ups.ts
 */

import { findRow, type LinearModel } from "../src/model/linear.js";
import { loadPack } from "../src/model/pack.js";
import { normalize } from "../src/text/normalize.js";
import { describeMachine, quantile } from "./machine.js";
import { messagesOf } from "./texts.js";

const WORDS = 60;
const MESSAGES = 200;
const ROUNDS = 40;
const LOOK_UPS = 1500;
const NEAR_KILOBYTES = 16;

const { linear, language, workspace } = loadPack();
const { kernel, text, features } = workspace;
const [languageSums, sums] = workspace.sums;
const messages = messagesOf(WORDS, MESSAGES).map((message) => {
  const bytes = new TextEncoder().encode(message);
  normalize(bytes, 0, bytes.length, text);
  return features.slice(0, kernel.writeFeatures(text, 0, text.wordCount, features));
});

/** Microseconds of one call: the median, and what one in ten stays below. */
function measure(calls: readonly (() => unknown)[]): readonly [median: number, low: number] {
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    for (const call of calls) {
      const begun = performance.now();
      call();
      samples.push((performance.now() - begun) * 1000);
    }
  samples.sort((a, b) => a - b);
  return [quantile(samples, 0.5), quantile(samples, 0.1)];
}

const write = (name: string, [median, low]: readonly [number, number], unit: string): void => {
  process.stdout.write(`${name.padEnd(48)} ${median.toFixed(1).padStart(8)} ${low.toFixed(1).padStart(8)} ${unit}\n`);
};

/** Random look-ups that do not depend on each other, so that the processor has many under way. */
function measureLookUps(kilobytes: number): readonly [number, number] {
  const table = new Int32Array(kilobytes * 256).fill(1);
  const calls = Array.from({ length: MESSAGES }, () => {
    const places = Uint32Array.from({ length: LOOK_UPS }, () => Math.random() * table.length);
    return () => {
      let sum = 0;
      for (let index = 0; index < places.length; index += 1) sum += table[places[index]];
      return sum;
    };
  });
  const [median, low] = measure(calls);
  return [(median / LOOK_UPS) * 1000, (low / LOOK_UPS) * 1000];
}

/** Adds up the rows of messages, from tables that are far and from tables that are near. */
function measureRows(model: LinearModel, into: Int32Array): void {
  const call = (own: Uint32Array) => () => {
    features.set(own);
    kernel.accumulate(model, features, own.length, into);
  };
  write("  each message another one", measure(messages.map(call)), "µs");
  write("  always the same one: its rows are near", measure(new Array(MESSAGES).fill(call(messages[0]))), "µs");
}

process.stdout.write(`${describeMachine()}\n${"".padEnd(48)}   median      p10\n`);
for (const [name, model, into] of [
  ["levels, categories, signals", linear, sums],
  ["language", language, languageSums],
] as const) {
  const found = messages.map((own) => own.filter((hash) => findRow(model, hash) >= 0).length);
  const mean = (numbers: readonly number[]): string =>
    (numbers.reduce((sum, number) => sum + number, 0) / MESSAGES).toFixed(0);
  const kilobytes = (model.slots.byteLength + model.weights.byteLength) / 1024;
  process.stdout.write(
    `${name}: ${mean(messages.map(({ length }) => length))} features a message, ${mean(found)} with a row of ${model.columns} bytes; tables of ${kilobytes.toFixed(0)} KB\n`,
  );
  measureRows(model, into);
}
process.stdout.write("a random look-up in a table\n");
for (const kilobytes of [NEAR_KILOBYTES, 256, 1024, 2816, 6144])
  write(`  of ${kilobytes} KB`, measureLookUps(kilobytes), "ns");
process.stdout.write(`${describeMachine()}\n`);
