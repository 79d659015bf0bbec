/**
 * What `earshot serve` does on this machine, loaded by a second process:
 *
 *     npm run bench:server
 *     npm run bench:server -- --seconds 30
 *     npm run bench:server -- --soak 18000      an hour of five requests a second, in less than an hour
 *
 * It first finds the capacity: the answers a second to clients who ask again at once. Then requests come at random moments
 * (a Poisson process) at 50% and 90% of it; times run from the moment at which a request was to be sent, so that nobody who
 * had to wait is left out. At last twice as many come as the server can read: then every message that words and rules alone
 * call `immediate` has to be answered. Both processes share the cores of this machine. Ends with 1 when a line reads FAIL.
 */

import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine, quantile } from "./machine.js";
import type { Outcome, PreparedRequest } from "./server-client.js";
import type { Load } from "./server-load.js";
import { everyKind, mixOf, readTexts } from "./server-mix.js";

const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const LOAD = fileURLToPath(new URL("server-load.ts", import.meta.url));
const CLIENTS = 16;
/** Fewer than the server takes at most. */
const CONNECTIONS = 128;
const WARM_UP_MS = 3000;
const SAMPLE_MS = 1000;
/** The event loop delay that prom-client publishes includes the interval of its timer. */
const DELAY_INTERVAL_MS = 10;
/** How much more memory the last quarter of a soak may take than the second one. */
const MOST_GROWTH = 1.05;

const { values } = parseArgs({ options: { seconds: { type: "string", default: "15" }, soak: { type: "string" } } });
const milliseconds = Number(values.seconds) * 1000;
let failures = 0;

const print = (line = ""): void => void process.stdout.write(`${line}\n`);
function judge(isRight: boolean, line: string): void {
  if (!isRight) failures += 1;
  print(`${isRight ? "PASS" : "FAIL"}  ${line}`);
}

async function startServer() {
  const child = spawn(process.execPath, [MAIN, "serve", "--port", "0", "--country", "KE"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [line] = await once(child.stderr, "data");
  const port = Number(/:(\d+)\D*$/.exec(String(line))?.[1]);
  const megabytes = (): number =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;
  /** Since it was last read. */
  const loopDelayMs = async (): Promise<number> => {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(metrics)?.[1]) * 1000 - DELAY_INTERVAL_MS;
  };
  return { child, port, megabytes, loopDelayMs };
}

const texts = await readTexts();
const unsettled = texts.filter(({ isUnsettled }) => isUnsettled);
const server = await startServer();
const sender = fork(LOAD, { execArgv: ["--import", "tsx"], serialization: "advanced" });

async function ask(load: Load): Promise<Outcome> {
  sender.send(load);
  const [outcome] = await once(sender, "message");
  return outcome as Outcome;
}

const answersOf = ({ statuses }: Outcome): number => Object.values(statuses).reduce((sum, count) => sum + count, 0);
const use = (requests: readonly PreparedRequest[]): Promise<Outcome> =>
  ask({ kind: "requests", port: server.port, requests });

async function findCapacity(): Promise<number> {
  await ask({ kind: "closed", clients: CLIENTS, milliseconds: WARM_UP_MS });
  const outcome = await ask({ kind: "closed", clients: CLIENTS, milliseconds });
  return answersOf(outcome) / outcome.seconds;
}

function describe(name: string, outcome: Outcome, delayMs: number): string {
  const { latenciesMs, lateMs, seconds, failed } = outcome;
  const time = (sorted: readonly number[], share: number): string => quantile(sorted, share).toFixed(1).padStart(9);
  return [
    name.padEnd(16),
    (answersOf(outcome) / seconds).toFixed(0).padStart(9),
    time(latenciesMs, 0.5),
    time(latenciesMs, 0.99),
    time(lateMs, 0.99),
    delayMs.toFixed(1).padStart(9),
    String(failed + answersOf(outcome) - latenciesMs.length).padStart(7),
    server.megabytes().toFixed(0).padStart(8),
  ].join("");
}

async function runRates(): Promise<void> {
  for (const mix of [mixOf("fixtures as they are", texts), mixOf("all need the second stage", unsettled)]) {
    await use(mix.requests);
    const capacity = await findCapacity();
    const percent = (share: number): string => `${(share * 100).toFixed(0)}%`;
    print();
    print(
      `${mix.name}: ${mix.requests.length} messages, median ${mix.words} words, ${percent(mix.unsettled)} for the second stage, ${percent(mix.immediate)} immediate without it`,
    );
    print(`capacity: ${capacity.toFixed(0)} answers/s to ${CLIENTS} clients`);
    print("load            answers/s   p50, ms  p99, ms late, p99 loop, p99 errors  RSS, MB");
    for (const share of [0.5, 0.9, 2]) {
      const perSecond = capacity * share;
      await server.loopDelayMs();
      const count = Math.ceil((perSecond * milliseconds) / 1000);
      const outcome = await ask({ kind: "open", perSecond, count, connections: CONNECTIONS, seed: 1 });
      print(describe(percent(share), outcome, await server.loopDelayMs()));
      if (share > 0.5) judgeOverload(outcome);
      else
        judge(
          outcome.failed === 0 && answersOf(outcome) === outcome.latenciesMs.length,
          "every request answered by 200",
        );
    }
  }
}

function judgeOverload({ immediate, statuses, failed }: Outcome): void {
  const others = Object.keys(statuses).filter((status) => status !== "200" && status !== "429");
  print(
    `      200: ${statuses[200] ?? 0}, 429: ${statuses[429] ?? 0}, other: ${others.join(" ") || "none"}, failed: ${failed}`,
  );
  judge(
    immediate.asked > 0 && immediate.answered === immediate.asked,
    `immediate: ${immediate.answered} of ${immediate.asked} answered`,
  );
  judge(others.length === 0 && failed === 0, "nothing but 200 and 429");
}

async function runSoak(count: number): Promise<void> {
  await use(everyKind(texts));
  const capacity = await findCapacity();
  const perSecond = capacity / 2;
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(server.megabytes()), SAMPLE_MS);
  const outcome = await ask({ kind: "open", perSecond, count, connections: CONNECTIONS, seed: 1 });
  clearInterval(timer);
  const quarter = (index: number): number =>
    quantile(
      samples.slice((samples.length * index) / 4, (samples.length * (index + 1)) / 4).sort((one, other) => one - other),
      0.5,
    );
  print(`${count} requests of every kind in ${outcome.seconds.toFixed(0)} s, at ${perSecond.toFixed(0)} a second`);
  print(`answers by status: ${JSON.stringify(outcome.statuses)}, failed: ${outcome.failed}`);
  print(`RSS, MB, median per quarter: ${[0, 1, 2, 3].map((index) => quarter(index).toFixed(1)).join("  ")}`);
  judge(quarter(3) <= quarter(1) * MOST_GROWTH, "memory is flat from the second quarter on");
  judge(outcome.failed === 0, "no connection broke");
  const known = Object.keys(outcome.statuses).every((status) => ["200", "400", "429"].includes(status));
  judge(known && (outcome.statuses[429] ?? 0) === 0, "200, and 400 for broken JSON only");
}

print(describeMachine());
try {
  if (values.soak === undefined) await runRates();
  else await runSoak(Number(values.soak));
} finally {
  server.child.kill("SIGTERM");
  sender.disconnect();
}
const [code] = await once(server.child, "exit");
judge(code === 0, "the server ended in order");
print(describeMachine());
process.exitCode = failures > 0 ? 1 : 0;
