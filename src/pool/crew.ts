import { EarshotError, type EarshotErrorCode } from "../errors.js";
import type { AssessOptions } from "../triage.js";
import type { Assessment } from "../types.js";
import { type PoolWorker, startPoolWorker } from "./pool-worker.js";
import type { WorkerOptions } from "./protocol.js";

/** Some workers, and the messages that wait for one. */
export interface Crew {
  /**
   * Has the next free worker score a message.
   *
   * @param limit how many may wait
   * @throws EarshotError what `PoolWorker.assess` throws; `POOL_FULL`, `CLOSED`
   */
  assess(text: Uint8Array | string, context: AssessOptions, limit: number): Promise<Assessment>;
  /** Waits for the messages that workers have, refuses those that wait with `CLOSED`, and ends the workers. */
  close(): Promise<void>;
}

/** How a crew is set up. */
export interface CrewOptions {
  /** The built program of a worker. */
  readonly file: URL;
  readonly workers: number;
  readonly timeoutMs: number;
  readonly scoring: WorkerOptions;
  readonly now: () => Date;
}

/** A message that waits for a worker; it holds the caller's own text, not a copy. */
interface Waiting {
  readonly give: (worker: PoolWorker) => Promise<void>;
  readonly refuse: (code: EarshotErrorCode) => void;
}

/**
 * Starts the workers; one that ends is replaced.
 *
 * @throws EarshotError what `startPoolWorker` throws
 */
export async function startCrew({ file, workers, timeoutMs, scoring, now }: CrewOptions): Promise<Crew> {
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
    const worker = await startPoolWorker(file, scoring, timeoutMs);
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

  const assess: Crew["assess"] = (text, context, limit) =>
    new Promise((resolve, reject) => {
      if (closing !== undefined) throw new EarshotError("CLOSED");
      if (idle.length === 0) {
        if (waiting.length >= limit) throw new EarshotError("POOL_FULL", { waiting: waiting.length });
        // One that could not be replaced at once may be now.
        fillUp();
      }
      waiting.push({
        async give(worker) {
          try {
            resolve(await worker.assess(text, context, now()));
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
  return { assess, close };
}
