/**
 * What a pool of workers costs and gives: messages per second, and how long a 1 ms timer of the thread that asks is kept
 * waiting meanwhile, beside a triage in that same thread.
 *
 *     npm run bench:pool
 *     npm run bench:pool -- --pack FOLDER --rounds 20
 *
 * All run in one process and take turns, round by round. In each round eight clients ask for one message after the other;
 * every client lets the event loop go on before it asks again, as a server would. Where the pack has a second stage, it
 * reads every message. In between it counts how much more two threads get done than one on this machine at this time:
 * more than that nobody can expect of a pool of two.
 */

import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate, setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { ratioOfMedians } from "../src/benchmark/compare.js";
import { readLoad, readMachine } from "../src/benchmark/machine.js";
import { sampleMessages } from "../src/benchmark/sample-messages.js";
import { median } from "../src/benchmark/statistics.js";
import type * as Library from "../src/index.js";

const DIST = new URL("../dist/index.js", import.meta.url).href;
const { createTriage, createTriagePool, DEFAULT_POLICY }: typeof Library = await import(DIST);

const CLIENTS = 8;
const WARM_UP_MS = 1000;
const COUNTING_MS = 200;
const NANOSECONDS_PER_MILLISECOND = 1e6;
const LOADS = [
  { words: 60, count: 200 },
  { words: 5000, count: 8 },
];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    "round-ms": { type: "string", default: "500" },
    pack: { type: "string" },
  },
});
const milliseconds = Number(values["round-ms"]);

interface Subject {
  readonly name: string;
  assess(message: Uint8Array): Promise<unknown>;
  close(): Promise<void>;
}

interface Round {
  readonly perSecond: number;
  /** Between two ticks of the timer, less the millisecond that it was to take; one in a hundred is longer. */
  readonly lateMs: number;
  readonly latestMs: number;
}

/** Nothing to do but the timer: what the machine itself makes it wait. */
const nobody: Subject = { name: "no load", assess: () => setTimeout(20), close: async () => {} };

async function runRound({ assess }: Subject, messages: readonly Uint8Array[], durationMs: number): Promise<Round> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let answered = 0;
  delay.enable();
  const begun = performance.now();
  const client = async (first: number): Promise<void> => {
    for (let index = first; performance.now() - begun < durationMs; index += CLIENTS) {
      await assess(messages[index % messages.length]);
      answered += 1;
      await setImmediate();
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)));
  const elapsedMs = performance.now() - begun;
  delay.disable();
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / NANOSECONDS_PER_MILLISECOND - 1);
  return {
    perSecond: (answered / elapsedMs) * 1000,
    lateMs: late(delay.percentile(99)),
    latestMs: late(delay.max),
  };
}

/** How often some threads that do nothing else get round, together. */
async function countTurns(threads: number): Promise<number> {
  const program = `
    const { parentPort } = require("node:worker_threads");
    let turns = 0;
    for (const begun = performance.now(); performance.now() - begun < ${COUNTING_MS}; turns += 1) {}
    parentPort.postMessage(turns);`;
  const counts = Array.from({ length: threads }, async () => {
    const [turns] = await once(new Worker(program, { eval: true }), "message");
    return turns as number;
  });
  return (await Promise.all(counts)).reduce((sum, turns) => sum + turns, 0);
}

const secondLook = { riskFrom: 0, immediateUpTo: 1 };
const settings = {
  country: "KE",
  policy: { ...DEFAULT_POLICY, secondLook },
  ...(values.pack !== undefined && { pack: values.pack }),
};
const subjects: readonly Subject[] = [
  nobody,
  { name: "triage, no pool", ...(await createTriage(settings)) },
  { name: "pool of 1", ...(await createTriagePool({ ...settings, workers: 1 })) },
  { name: "pool of 2", ...(await createTriagePool({ ...settings, workers: 2 })) },
];

/** The median of a figure of some rounds with a 95% interval. */
function describeMedian<Item>(items: readonly Item[], figure: (item: Item) => number, digits: number): string {
  const figures = items.map(figure);
  const { low, high } = ratioOfMedians(figures, new Array<number>(figures.length).fill(1));
  return `${median(figures).toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
}

const write = (...cells: readonly string[]): void => {
  process.stdout.write(`${cells.map((cell, index) => (index === 0 ? cell.padEnd(18) : cell.padStart(26))).join("")}\n`);
};
const { processor, cores, node } = readMachine();
process.stdout.write(`${processor}, ${cores} logical cores, Node.js ${node}, load ${readLoad().toFixed(2)}\n`);
for (const { words, count } of LOADS) {
  const { name, messages } = sampleMessages(words, count, 1);
  for (const subject of subjects) await runRound(subject, messages, WARM_UP_MS);
  const rounds = new Map<Subject, Round[]>(subjects.map((subject) => [subject, []]));
  const gains: number[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    // Who goes first changes, so that a machine that slows down slows all.
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed())
      rounds.get(subject)?.push(await runRound(subject, messages, milliseconds));
    gains.push((await countTurns(2)) / (await countTurns(1)));
  }
  process.stdout.write("\n");
  write(name, "messages/s", "timer late, p99, ms", "timer late, longest, ms");
  for (const [subject, own] of rounds)
    write(
      subject.name,
      subject === nobody ? "" : describeMedian(own, ({ perSecond }) => perSecond, 0),
      describeMedian(own, ({ lateMs }) => lateMs, 1),
      describeMedian(own, ({ latestMs }) => latestMs, 1),
    );
  const gain = describeMedian(gains, (own) => own, 2);
  process.stdout.write(`Two threads that only count get done ${gain} times as much as one.\n`);
}
process.stdout.write(`\nload ${readLoad().toFixed(2)}\n`);
for (const subject of subjects) await subject.close();
