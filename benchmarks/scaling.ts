/**
 * What more workers of `earshot work` give on this machine:
 *
 *     npm run scaling
 *     npm run scaling -- --workers 1,2,4 --rounds 10 --round-ms 2000
 *
 * One NATS server, and for each number of workers that many processes, which wait while it is not their turn. In its turn
 * each group gets messages from eight clients per worker who ask again as soon as they are answered; every message is read
 * by both stages. Times run from question to answer, so they include the wait for a free worker, and server, clients and
 * workers share the cores of this machine: on as many machines as workers, the ratio is the better one. Between the rounds
 * it counts what several threads can get done here at all. Ends with 1 when a line reads FAIL.
 */

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { connect } from "nats";
import { ratioOfMedians } from "../src/benchmark/compare.js";
import { readMachine } from "../src/benchmark/machine.js";
import { sampleMessages } from "../src/benchmark/sample-messages.js";
import { median } from "../src/benchmark/statistics.js";
import type * as Library from "../src/index.js";
import type * as Nats from "../src/nats/index.js";
import { endAll, hasBroker, startBroker, startWork } from "../tests/support/nats-processes.js";
import { describeMachine, quantile } from "./machine.js";

const { DEFAULT_POLICY }: typeof Library = await import(new URL("../dist/index.js", import.meta.url).href);
const { createAsker }: typeof Nats = await import(new URL("../dist/nats/index.js", import.meta.url).href);

const CLIENTS_PER_WORKER = 8;
const WORDS = 60;
const WARM_UP_MS = 1_000;
const COUNTING_MS = 300;

const { values } = parseArgs({
  options: {
    workers: { type: "string", default: "1,2,4" },
    rounds: { type: "string", default: "6" },
    "round-ms": { type: "string", default: "2000" },
  },
});
const counts = values.workers.split(",").map(Number);
const roundMs = Number(values["round-ms"]);

const print = (line = ""): void => void process.stdout.write(`${line}\n`);
if (!hasBroker) {
  print("There is no nats-server here: apt-get install nats-server");
  process.exit(1);
}

interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const folder = mkdtempSync(join(tmpdir(), "earshot-scaling-"));
const policy = join(folder, "policy.json");
writeFileSync(policy, JSON.stringify({ ...DEFAULT_POLICY, secondLook: { riskFrom: 0, immediateUpTo: 1 } }));
const broker = await startBroker();
const connection = await connect({ servers: broker.url });
const { messages } = sampleMessages(WORDS, 200, 1);
let asked = 0;
let answered = 0;

for (const count of counts) {
  const options = ["--subject", `group${count}`, "--policy", policy, "--country", "KE"];
  for (let worker = 0; worker < count; worker += 1) await startWork(broker, ...options);
}

async function runRound(count: number, durationMs: number): Promise<Round> {
  const asker = createAsker(connection, { subject: `group${count}`, timeoutMs: 30_000 });
  const times: number[] = [];
  const begun = performance.now();
  const client = async (first: number): Promise<void> => {
    for (let index = first; performance.now() - begun < durationMs; index += 1) {
      const at = performance.now();
      asked += 1;
      try {
        await asker.assess(messages[index % messages.length]);
        answered += 1;
      } catch {
        // Counted by its absence.
      }
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: count * CLIENTS_PER_WORKER }, (_, index) => client(index * 17)));
  const perSecond = (times.length / (performance.now() - begun)) * 1000;
  times.sort((one, other) => one - other);
  return { perSecond, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

/** How often some threads that do nothing else get round, together: more than that no number of workers can get done. */
async function countTurns(threads: number): Promise<number> {
  const program = `
    const { parentPort } = require("node:worker_threads");
    let turns = 0;
    for (const begun = performance.now(); performance.now() - begun < ${COUNTING_MS}; turns += 1) {}
    parentPort.postMessage(turns);`;
  const turns = Array.from(
    { length: threads },
    async () => (await once(new Worker(program, { eval: true }), "message"))[0],
  );
  return (await Promise.all(turns)).reduce((sum: number, own: number) => sum + own, 0);
}

const rounds = new Map<number, Round[]>(counts.map((count) => [count, []]));
const limits = new Map<number, number[]>(counts.map((count) => [count, []]));
for (const count of counts) await runRound(count, WARM_UP_MS);
for (let round = 0; round < Number(values.rounds); round += 1) {
  // Who goes first changes, so that a machine that slows down slows all.
  for (const count of round % 2 === 0 ? counts : counts.toReversed())
    rounds.get(count)?.push(await runRound(count, roundMs));
  const alone = await countTurns(1);
  for (const count of counts) limits.get(count)?.push((await countTurns(count)) / alone);
}

const row = (...cells: readonly string[]): void => print(cells.map((cell) => cell.padStart(18)).join(""));
const throughputs = (count: number): number[] => (rounds.get(count) ?? []).map(({ perSecond }) => perSecond);
const medianOf = (count: number, figure: (round: Round) => number): number =>
  median((rounds.get(count) ?? []).map(figure));

print(describeMachine());
print(
  `${WORDS} words, both stages, medians of ${values.rounds} rounds; the ratio to the first line has a 95% interval`,
);
print();
row("workers", "messages/s", "ratio", "interval", "p50, ms", "p99, ms", "cores give");
for (const count of counts) {
  const { value: ratio, low, high } = ratioOfMedians(throughputs(count), throughputs(counts[0]));
  row(
    String(count),
    medianOf(count, ({ perSecond }) => perSecond).toFixed(0),
    ratio.toFixed(2),
    `${low.toFixed(2)} to ${high.toFixed(2)}`,
    medianOf(count, ({ p50Ms }) => p50Ms).toFixed(1),
    medianOf(count, ({ p99Ms }) => p99Ms).toFixed(1),
    median(limits.get(count) ?? []).toFixed(2),
  );
}
print();
print(`This machine has ${readMachine().cores} cores, which the workers share with the NATS server and the clients.`);
print('"cores give": how much more than one that many threads get done here that do nothing but count.');
const isWhole = asked === answered && asked > 0;
print(`${isWhole ? "PASS" : "FAIL"}  asked ${asked}, answered ${answered}`);
await connection.close();
endAll();
rmSync(folder, { recursive: true, force: true });
process.exitCode = isWhole ? 0 : 1;
