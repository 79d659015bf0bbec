import { isEarshotError } from "../errors.js";
import type { Urgency } from "../labels.js";
import { multiStream, offline, type ScenarioResult, server, singleStream } from "./scenarios.js";
import type { Subject } from "./subject.js";

/** What a worker is asked to do. */
export type WorkerRequest =
  | { readonly kind: "texts"; readonly messages: readonly Uint8Array[] }
  | { readonly kind: "single-stream" | "offline"; readonly texts: number; readonly milliseconds: number }
  | { readonly kind: "multi-stream"; readonly texts: number; readonly milliseconds: number; readonly streams: number }
  | {
      readonly kind: "server";
      readonly texts: number;
      readonly milliseconds: number;
      readonly ratePerSecond: number;
      readonly seed: number;
    }
  | { readonly kind: "levels"; readonly texts: number }
  | { readonly kind: "memory" };

/** How a worker came up. */
export interface WorkerReady {
  readonly name: string;
  readonly modelBytes: number;
  /** From when it began to load the model, its program being loaded, until the model was ready. */
  readonly loadMs: number;
  /** Of the first message. */
  readonly firstScoreMs: number;
  /** Resident after the first message. */
  readonly residentBytes: number;
}

/** Memory of a worker. */
export interface WorkerMemory {
  readonly residentBytes: number;
  /** The most that was resident so far. */
  readonly peakBytes: number;
}

/** What comes back for each kind of request. */
export interface WorkerReplies {
  readonly texts: null;
  readonly "single-stream": ScenarioResult;
  readonly "multi-stream": ScenarioResult;
  readonly server: ScenarioResult;
  readonly offline: ScenarioResult;
  /** Null when the subject gives no levels. */
  readonly levels: readonly Urgency[] | null;
  readonly memory: WorkerMemory;
}

/** What a worker sends: first how it came up, then one answer a request. */
export type WorkerMessage = { readonly result: unknown } | { readonly error: string };

const FIRST_MESSAGE = "hello, is anybody there?";
const KILOBYTE = 1024;

/**
 * The other end of `startWorker`: loads what is measured in a process of its own, so that its memory is its own too,
 * scores one message, and then does as it is told until the channel is closed.
 */
export async function runWorker(open: () => Promise<Subject>): Promise<void> {
  const send = (message: WorkerMessage): void => {
    process.send?.(message);
  };
  const sets: (readonly Uint8Array[])[] = [];
  try {
    const begun = performance.now();
    const subject = await open();
    const opened = performance.now();
    const first = new TextEncoder().encode(FIRST_MESSAGE);
    subject.prepare?.([first]);
    await subject.score(first);
    const ready: WorkerReady = {
      name: subject.name,
      modelBytes: subject.modelBytes,
      loadMs: opened - begun,
      firstScoreMs: performance.now() - opened,
      residentBytes: process.memoryUsage.rss(),
    };
    process.on("message", (request: WorkerRequest) => {
      answer(subject, sets, request).then(
        (result) => send({ result }),
        (error: unknown) => send({ error: isEarshotError(error) ? error.code : "INTERNAL" }),
      );
    });
    process.once("disconnect", () => void subject.close());
    send({ result: ready });
  } catch (error) {
    send({ error: isEarshotError(error) ? error.code : "INTERNAL" });
    process.disconnect?.();
  }
}

async function answer(
  subject: Subject,
  sets: (readonly Uint8Array[])[],
  request: WorkerRequest,
): Promise<WorkerReplies[WorkerRequest["kind"]]> {
  switch (request.kind) {
    case "texts":
      sets.push(request.messages);
      subject.prepare?.(request.messages);
      return null;
    case "single-stream":
      return singleStream(subject, sets[request.texts], request.milliseconds);
    case "multi-stream":
      return multiStream(subject, sets[request.texts], request.milliseconds, request.streams);
    case "server":
      return server(subject, sets[request.texts], request.milliseconds, request);
    case "offline":
      return offline(subject, sets[request.texts], request.milliseconds);
    case "levels":
      return levelsOf(subject, sets[request.texts]);
    case "memory":
      return {
        residentBytes: process.memoryUsage.rss(),
        peakBytes: process.resourceUsage().maxRSS * KILOBYTE,
      };
  }
}

async function levelsOf(subject: Subject, messages: readonly Uint8Array[]): Promise<readonly Urgency[] | null> {
  if (subject.level === undefined) return null;
  const levels: Urgency[] = [];
  for (const message of messages) levels.push(await subject.level(message));
  return levels;
}
