import { setImmediate } from "node:timers/promises";
import { createRandom } from "../evaluation/random.js";
import type { Subject } from "./subject.js";

/**
 * The four scenarios of MLPerf Inference (Reddi et al. 2020, "MLPerf Inference Benchmark"), by its names. All times in
 * microseconds; each scenario goes on for so many milliseconds, and takes the messages in turn.
 */
export interface ScenarioResult {
  /** Of each query. */
  readonly latencies: Float64Array;
  readonly messages: number;
  /** From the first query to the last answer. */
  readonly elapsedMs: number;
  /** Of the whole process, on all its threads. */
  readonly cpuMicroseconds: number;
}

/** More samples than this say nothing new and fill the memory that is measured too. */
const MOST_QUERIES = 200_000;
/** Messages that are handed over at once when nobody waits for any single one. */
const OFFLINE_BATCH = 64;

/** Single stream: one message at a time, the next one when the last is answered. At least one. */
export async function singleStream(
  subject: Subject,
  messages: readonly Uint8Array[],
  milliseconds: number,
): Promise<ScenarioResult> {
  return measure(milliseconds, async (next, record) => {
    while (next()) {
      const begun = performance.now();
      // Waiting for what is there already would cost as much as a small model takes.
      const result = subject.score(messages[record.count % messages.length]);
      if (result instanceof Promise) await result;
      record.add(performance.now() - begun, 1);
    }
  });
}

/** Multi stream: so many messages at a time, the next ones when all of them are answered. */
export async function multiStream(
  subject: Subject,
  messages: readonly Uint8Array[],
  milliseconds: number,
  streams: number,
): Promise<ScenarioResult> {
  return measure(milliseconds, async (next, record) => {
    while (next()) {
      const begun = performance.now();
      const first = record.count * streams;
      await Promise.all(
        Array.from({ length: streams }, (_, index) => subject.score(messages[(first + index) % messages.length])),
      );
      record.add(performance.now() - begun, streams);
    }
  });
}

/** Offline: as many as possible, no matter in what order. */
export async function offline(
  subject: Subject,
  messages: readonly Uint8Array[],
  milliseconds: number,
): Promise<ScenarioResult> {
  return multiStream(subject, messages, milliseconds, Math.min(OFFLINE_BATCH, Math.max(1, messages.length)));
}

/**
 * Server: messages come by themselves, independently of each other (a Poisson process), at a rate a second. The time of
 * each counts from when it came, so that whoever waits in line waits in the figures too.
 */
export async function server(
  subject: Subject,
  messages: readonly Uint8Array[],
  milliseconds: number,
  { ratePerSecond, seed }: { readonly ratePerSecond: number; readonly seed: number },
): Promise<ScenarioResult> {
  const arrivals = drawArrivals(ratePerSecond, milliseconds, seed);
  return measure(Number.POSITIVE_INFINITY, async (_, record) => {
    const start = performance.now();
    const pending: Promise<void>[] = [];
    let failure: { readonly error: unknown } | undefined;
    for (let arrived = 0; arrived < arrivals.length && failure === undefined; ) {
      const came = start + arrivals[arrived];
      if (performance.now() >= came) {
        const result = subject.score(messages[arrived % messages.length]);
        pending.push(
          Promise.resolve(result).then(
            () => record.add(performance.now() - came, 1),
            (error: unknown) => {
              failure ??= { error };
            },
          ),
        );
        arrived += 1;
      }
      // A timer would come up to a millisecond late; this only lets finished work be noticed.
      await setImmediate();
    }
    await Promise.all(pending);
    if (failure !== undefined) throw failure.error;
  });
}

/** Milliseconds after the start, in order; at least one. */
function drawArrivals(ratePerSecond: number, milliseconds: number, seed: number): readonly number[] {
  const random = createRandom(seed);
  const arrivals: number[] = [];
  let at = 0;
  do {
    at += (-Math.log(1 - random()) * 1000) / ratePerSecond;
    arrivals.push(at);
  } while (at < milliseconds && arrivals.length < MOST_QUERIES);
  return arrivals;
}

interface Recorder {
  /** Queries answered so far. */
  readonly count: number;
  add(elapsedMs: number, messages: number): void;
}

async function measure(
  milliseconds: number,
  run: (next: () => boolean, record: Recorder) => Promise<void>,
): Promise<ScenarioResult> {
  const latencies = new Float64Array(MOST_QUERIES);
  let count = 0;
  let messages = 0;
  const record: Recorder = {
    get count() {
      return count;
    },
    add(elapsedMs, added) {
      latencies[count] = elapsedMs * 1000;
      count += 1;
      messages += added;
    },
  };
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  await run(() => count === 0 || (count < MOST_QUERIES && performance.now() - begun < milliseconds), record);
  const elapsedMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { latencies: latencies.slice(0, count), messages, elapsedMs, cpuMicroseconds: user + system };
}
