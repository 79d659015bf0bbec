/**
 * An hour of messages in time-lapse, over NATS, with workers that are killed at random and replaced:
 *
 *     npm run soak
 *     npm run soak -- --messages 36000 --workers 3 --kill-every 1500 --seed 1
 *     npm run soak -- --minutes 10              until the time is over
 *
 * 36,000 messages are an hour of ten a second; here they come as fast as they are answered. They are the invented ones of
 * all fixtures, and one in fifty is long. It holds when every message has exactly one outcome, an answer or an error; when
 * every answer is the one that the library gives to that text; and when the worker that is never killed needs no more
 * memory at the end than in the middle. Ends with 1 when a line reads FAIL.
 */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { connect } from "nats";
import { createRandom } from "../src/evaluation/random.js";
import type * as Library from "../src/index.js";
import type * as Nats from "../src/nats/index.js";
import { endAll, hasBroker, startBroker, startWork } from "../tests/support/nats-processes.js";
import { describeMachine, quantile } from "./machine.js";
import { readTexts } from "./server-mix.js";

const { createTriage, isEarshotError }: typeof Library = await import(
  new URL("../dist/index.js", import.meta.url).href
);
const { createAsker }: typeof Nats = await import(new URL("../dist/nats/index.js", import.meta.url).href);

const CLIENTS = 24;
/** Share of the messages after which a worker has grown to its size. */
const WARM_UP = 0.1;
const MOST_GROWTH = 1.05;

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "36000" },
    minutes: { type: "string" },
    workers: { type: "string", default: "3" },
    "kill-every": { type: "string", default: "1500" },
    seed: { type: "string", default: "1" },
  },
});
const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
const wanted = minutes === undefined ? Number(values.messages) : Number.POSITIVE_INFINITY;
const random = createRandom(Number(values.seed));
let failures = 0;

const print = (line = ""): void => void process.stdout.write(`${line}\n`);
function judge(isRight: boolean, line: string): void {
  if (!isRight) failures += 1;
  print(`${isRight ? "PASS" : "FAIL"}  ${line}`);
}

if (!hasBroker) {
  print("There is no nats-server here: apt-get install nats-server");
  process.exit(1);
}
print(describeMachine());

const texts = (await readTexts()).map(({ text }) => text);
const triage = await createTriage({ country: "KE" });
/** What stays the same from one moment to the next; who is open does not. */
const gist = ({ urgency, priority, categories, signals, review }: Library.Assessment): string =>
  JSON.stringify({ urgency, priority, categories, signals, review });
const expected: string[] = [];
for (const text of texts) expected.push(gist(await triage.assess(text)));
await triage.close();

const broker = await startBroker();
const connection = await connect({ servers: broker.url });
const asker = createAsker(connection, { timeoutMs: 2_000, attempts: 6 });
const startWorker = (): ReturnType<typeof startWork> => startWork(broker, "--country", "KE");
const survivor = await startWorker();
const mortals = new Set(await Promise.all(Array.from({ length: Number(values.workers) - 1 }, startWorker)));

const megabytes = (): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${survivor.pid}/status`, "utf8"))?.[1]) / 1024;

/** Outcomes by message; anything but one is a fault. */
const outcomes = new Map<number, number>();
const errors = new Map<string, number>();
const memory: number[] = [];
const times: number[] = [];
let asked = 0;
let answered = 0;
let wrong = 0;
let killed = 0;
let nextKill = 0;
const replacing = new Set<Promise<void>>();

/** Kills one of the workers without warning and starts another one. */
function killOne(): void {
  const victims = [...mortals];
  const victim = victims[Math.floor(random() * victims.length)];
  if (victim === undefined) return;
  mortals.delete(victim);
  killed += 1;
  const replaced: Promise<void> = victim.end("SIGKILL").then(async () => {
    mortals.add(await startWorker());
    replacing.delete(replaced);
  });
  replacing.add(replaced);
}

const begun = performance.now();
const isOver = (): boolean => (minutes === undefined ? asked >= wanted : performance.now() - begun >= minutes * 60_000);

async function client(): Promise<void> {
  while (!isOver()) {
    const message = asked;
    asked += 1;
    if (message >= nextKill) {
      if (message > 0) killOne();
      nextKill = message + Math.ceil(-Math.log(1 - random()) * Number(values["kill-every"]));
    }
    const index = Math.floor(random() * texts.length);
    const at = performance.now();
    try {
      const answer = await asker.assess(texts[index], { id: String(message) });
      outcomes.set(Number(answer.id), (outcomes.get(Number(answer.id)) ?? 0) + 1);
      answered += 1;
      // A worker whose second stage fails says so; that is an answer, but not this one.
      if (gist(answer) !== expected[index]) wrong += 1;
    } catch (error) {
      outcomes.set(message, (outcomes.get(message) ?? 0) + 1);
      const code = isEarshotError(error) ? error.code : "other";
      errors.set(code, (errors.get(code) ?? 0) + 1);
    }
    times.push(performance.now() - at);
    if (message % 100 === 0) memory.push(megabytes());
  }
}

await Promise.all(Array.from({ length: CLIENTS }, client));
const seconds = (performance.now() - begun) / 1000;
await Promise.all(replacing);

const errored = [...errors.values()].reduce((sum, count) => sum + count, 0);
const twice = [...outcomes.values()].filter((count) => count !== 1).length;
const part = (from: number, to: number): number =>
  Math.max(...memory.slice(Math.floor(memory.length * from), Math.max(1, Math.ceil(memory.length * to))));
const [early, middle, end] = [part(WARM_UP, 0.3), part(0.4, 0.6), part(0.8, 1)];
times.sort((one, other) => one - other);

print(
  `${seconds.toFixed(0)} s, ${(asked / seconds).toFixed(0)} messages/s, ${values.workers} workers, ${killed} killed`,
);
print(
  `p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms, longest ${quantile(times, 1).toFixed(0)} ms`,
);
for (const [code, count] of errors) print(`${count} times ${code}`);
judge(
  asked === answered + errored && outcomes.size === asked,
  `asked ${asked} = answered ${answered} + errored ${errored}`,
);
judge(twice === 0, `${twice} messages with more than one outcome`);
judge(wrong === 0, `${wrong} answers that are not those of the library`);
judge(killed > 0, `${killed} workers killed`);
judge(
  end <= middle * MOST_GROWTH,
  `memory of the worker that stayed, MB: ${early.toFixed(0)} at the start, ${middle.toFixed(0)} in the middle, ${end.toFixed(0)} at the end`,
);
await connection.close();
endAll();
process.exitCode = failures === 0 ? 0 : 1;
