import { spawn } from "node:child_process";
import { once } from "node:events";
import { EarshotError, type EarshotErrorCode, ERROR_MESSAGES } from "../errors.js";
import type { WorkerMessage, WorkerReady, WorkerReplies, WorkerRequest } from "./worker.js";

/** A process that holds one model. */
export interface Worker {
  readonly ready: WorkerReady;
  /** From before the process was started until its first message was scored. */
  readonly coldStartMs: number;
  /**
   * Has it do one thing; one at a time.
   *
   * @throws EarshotError the code that it failed with; `INTERNAL` when it ended
   */
  ask<Request extends WorkerRequest>(request: Request): Promise<WorkerReplies[Request["kind"]]>;
  /** Ends it. */
  stop(): Promise<void>;
}

/**
 * Starts a program that calls `runWorker`, and waits until it has scored its first message.
 *
 * @throws EarshotError the code that it failed with; `INTERNAL` when it ended without one
 */
export async function startWorker(command: readonly string[]): Promise<Worker> {
  const [program, ...parameters] = command;
  const begun = performance.now();
  const child = spawn(program, parameters, {
    // Libraries print; what they print may quote what they were given.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced",
  });
  const ended = new Promise<WorkerMessage>((resolve) => {
    child.once("error", () => resolve({ error: "INTERNAL" }));
    child.once("exit", () => resolve({ error: "INTERNAL" }));
  });
  const receive = async (): Promise<unknown> => {
    const answered = new Promise<WorkerMessage>((resolve) => child.once("message", resolve));
    const message = await Promise.race([answered, ended]);
    if ("error" in message) throw new EarshotError(toCode(message.error));
    return message.result;
  };
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };

  try {
    const ready = (await receive()) as WorkerReady;
    const coldStartMs = performance.now() - begun;
    return {
      ready,
      coldStartMs,
      async ask(request) {
        const answer = receive();
        child.send(request);
        return (await answer) as never;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function toCode(error: string): EarshotErrorCode {
  return Object.hasOwn(ERROR_MESSAGES, error) ? (error as EarshotErrorCode) : "INTERNAL";
}
