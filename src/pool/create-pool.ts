import { availableParallelism } from "node:os";
import { EarshotError, type EarshotErrorCode } from "../errors.js";
import { silenceWorkers } from "../runtimes/before-workers.js";
import type { AssessOptions, Message } from "../triage.js";
import type { Assessment } from "../types.js";
import { orderedStream } from "./ordered-stream.js";
import type { TriagePool, TriagePoolOptions } from "./pool-types.js";
import { type PoolWorker, startPoolWorker } from "./pool-worker.js";

/** A message that waits for a worker; it holds the caller's own text, not a copy. */
interface Waiting {
  readonly give: (worker: PoolWorker) => Promise<void>;
  readonly refuse: (code: EarshotErrorCode) => void;
}

const MAXIMUM_WORKERS = 64;
const MAXIMUM_WAITING = 1_000;
/** One that is scored and one that waits, so that no worker waits for the caller. */
const AHEAD_PER_WORKER = 2;

/**
 * See `createTriagePool`.
 *
 * @param file the built program of a worker
 */
export async function createPool(options: TriagePoolOptions, file: URL): Promise<TriagePool> {
  const {
    workers = Math.min(MAXIMUM_WORKERS, Math.max(1, availableParallelism() - 1)),
    maximumWaiting = MAXIMUM_WAITING,
    now = () => new Date(),
    ...scoring
  } = options;
  checkNumber(workers, 1, MAXIMUM_WORKERS);
  checkNumber(maximumWaiting, 0, Number.MAX_SAFE_INTEGER);
  silenceWorkers();

  const crew = new Set<PoolWorker>();
  const idle: PoolWorker[] = [];
  const waiting: Waiting[] = [];
  const starting = new Set<Promise<void>>();
  let closing: Promise<void> | undefined;

  const dispatch = (): void => {
    for (let worker = idle.shift(); worker !== undefined; worker = idle.shift()) {
      const message = waiting.shift();
      if (message === undefined) {
        idle.unshift(worker);
        return;
      }
      void giveTo(worker, message);
    }
  };

  const giveTo = async (worker: PoolWorker, message: Waiting): Promise<void> => {
    await message.give(worker);
    if (worker.isAlive()) idle.push(worker);
    dispatch();
  };

  const start = async (): Promise<void> => {
    const worker = await startPoolWorker(file, scoring);
    crew.add(worker);
    idle.push(worker);
    worker.ended.then(() => {
      crew.delete(worker);
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
      fillUp();
    });
  };

  /** Replaces workers that have ended. If none can be started, those who wait are told rather than left waiting. */
  const fillUp = (): void => {
    if (closing !== undefined) return;
    for (let missing = workers - crew.size - starting.size; missing > 0; missing -= 1) {
      const started: Promise<void> = start()
        .then(dispatch, () => {})
        .then(() => {
          starting.delete(started);
          if (crew.size === 0 && starting.size === 0) refuseAll("WORKER_FAILED");
        });
      starting.add(started);
    }
  };

  const refuseAll = (code: EarshotErrorCode): void => {
    for (const message of waiting.splice(0)) message.refuse(code);
  };

  const submit = (text: Uint8Array | string, context: AssessOptions, limit: number): Promise<Assessment> =>
    new Promise((resolve, reject) => {
      if (closing !== undefined) throw new EarshotError("CLOSED");
      if (typeof text !== "string" && !(text instanceof Uint8Array)) throw new EarshotError("INPUT_INVALID");
      if (idle.length === 0) {
        if (waiting.length >= limit) throw new EarshotError("POOL_FULL", { waiting: waiting.length });
        // One that could not be replaced at once may be now.
        fillUp();
      }
      const known = pickContext(context);
      waiting.push({
        async give(worker) {
          try {
            resolve(await worker.assess(text, known, now()));
          } catch (error) {
            reject(error);
          }
        },
        refuse: (code) => reject(new EarshotError(code)),
      });
      dispatch();
    });

  const close = (): Promise<void> => {
    closing ??= (async () => {
      refuseAll("CLOSED");
      await Promise.all(starting);
      await Promise.all([...crew].map((worker) => worker.close()));
    })();
    return closing;
  };

  // All of them, so that none comes up later that nobody knows of.
  const started = await Promise.allSettled(Array.from({ length: workers }, start));
  const failed = started.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  return {
    assess: (text, context = {}) => submit(text, context, maximumWaiting),
    stream: (messages) =>
      orderedStream<Message, Assessment>(messages, workers * AHEAD_PER_WORKER, ({ text, ...context }) =>
        submit(text, context, Number.POSITIVE_INFINITY),
      ),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Nothing else of the caller's object is copied to the worker. */
function pickContext({ id, language, country, age, spans }: AssessOptions): AssessOptions {
  return {
    ...(id !== undefined && { id }),
    ...(language !== undefined && { language }),
    ...(country !== undefined && { country }),
    ...(age !== undefined && { age }),
    ...(spans !== undefined && { spans }),
  };
}

function checkNumber(value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) throw new EarshotError("INPUT_INVALID");
}
