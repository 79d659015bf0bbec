import { Worker } from "node:worker_threads";
import { EarshotError } from "../errors.js";
import type { AssessOptions } from "../triage.js";
import type { Assessment } from "../types.js";
import type { WorkerOptions, WorkerReply, WorkerRequest, WorkerSetup } from "./protocol.js";
import { createSlot } from "./slot.js";

/** A worker that has come up. */
export interface PoolWorker {
  /** Resolves when the thread has ended, for whatever reason, or was given up because it did not answer in time. */
  readonly ended: Promise<void>;
  /** Whether it can still score. */
  isAlive(): boolean;
  /**
   * Has it score one message; one at a time. The shared memory is wiped when this resolves or rejects.
   *
   * @param at the time by the clock of the pool
   * @throws EarshotError what `Triage.assess` throws; `WORKER_FAILED` when the thread ends before it answers, or does not
   *   answer in time
   */
  assess(text: Uint8Array | string, context: AssessOptions, at: Date): Promise<Assessment>;
  /** Waits for the message that it has, and ends it; by force when it does not end in time. */
  close(): Promise<void>;
}

const FAILED: WorkerReply = { kind: "error", code: "WORKER_FAILED", details: {} };

/**
 * Starts a worker and waits until its model is loaded.
 *
 * @param file the built program of the worker
 * @param timeoutMs how long it may take to one message; then it is ended
 * @throws EarshotError what `createTriage` throws; `INPUT_INVALID` for options that cannot be copied to a thread;
 *   `WORKER_FAILED` when it ends without a word
 */
export async function startPoolWorker(file: URL, options: WorkerOptions, timeoutMs: number): Promise<PoolWorker> {
  const slot = createSlot();
  const worker = startThread(file, { memory: slot.memory, options });
  let answer: ((reply: WorkerReply) => void) | undefined;
  let alive = true;
  let last: Promise<unknown> | undefined;

  const settle = (reply: WorkerReply): void => {
    const waiting = answer;
    answer = undefined;
    waiting?.(reply);
  };
  const receive = (): Promise<WorkerReply> =>
    new Promise((resolve) => {
      answer = resolve;
      if (!alive) settle(FAILED);
    });
  worker.on("message", settle);
  // What it died of is not looked at, because it may quote a text; that it died is seen by its end.
  worker.on("error", () => {});
  let markEnded: () => void;
  const ended = new Promise<void>((resolve) => {
    markEnded = resolve;
  });
  const giveUp = (): void => {
    alive = false;
    settle(FAILED);
    markEnded();
  };
  worker.once("exit", giveUp);
  const endByForce = (): void => {
    giveUp();
    // Inside native code it ends only when that returns: nobody waits for it, neither the pool nor the process.
    worker.unref();
    void worker.terminate();
  };

  const ask = async (text: Uint8Array | string, context: AssessOptions, at: Date): Promise<Assessment> => {
    const { length, bytes, truncated } = slot.fill(text);
    const timer = setTimeout(endByForce, timeoutMs);
    try {
      const received = receive();
      post(worker, { kind: "assess", length, truncated, at: at.getTime(), context });
      const reply = withoutError(await received);
      if (reply.kind !== "assessment") throw new EarshotError("INTERNAL");
      const { assessment } = reply;
      return bytes === length ? assessment : { ...assessment, coverage: { ...assessment.coverage, bytes } };
    } finally {
      clearTimeout(timer);
      answer = undefined;
      slot.wipe();
    }
  };

  try {
    withoutError(await receive());
  } catch (error) {
    await ended;
    throw error;
  }
  return {
    ended,
    isAlive: () => alive,
    assess(text, context, at) {
      const assessment = ask(text, context, at);
      last = assessment.catch(() => {});
      return assessment;
    },
    async close() {
      await last;
      const timer = setTimeout(endByForce, timeoutMs);
      post(worker, { kind: "close" });
      await ended;
      clearTimeout(timer);
    },
  };
}

function startThread(file: URL, workerData: WorkerSetup): Worker {
  try {
    // Flags of the caller's own program may be none that a thread can have.
    return new Worker(file, { workerData, execArgv: [], name: "earshot" });
  } catch {
    throw new EarshotError("INPUT_INVALID");
  }
}

function post(worker: Worker, request: WorkerRequest): void {
  try {
    worker.postMessage(request);
  } catch {
    // An option that is, say, a function.
    throw new EarshotError("INPUT_INVALID");
  }
}

function withoutError(reply: WorkerReply): Exclude<WorkerReply, { kind: "error" }> {
  if (reply.kind === "error") throw new EarshotError(reply.code, reply.details);
  return reply;
}
