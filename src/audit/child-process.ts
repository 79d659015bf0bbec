import type { ChildProcess } from "node:child_process";

/** Waits until a child has ended, at most for `timeoutMs`; says whether it has. */
export function hasEnded(child: ChildProcess, timeoutMs: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(true);
  return new Promise((resolve) => {
    const onExit = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    const timer = setTimeout(() => {
      child.off("exit", onExit);
      resolve(false);
    }, timeoutMs);
    child.once("exit", onExit);
  });
}

/** Ends a process by its id, if there is one and it still runs. */
export function endProcess(pid: number | undefined): void {
  signalProcess(pid, "SIGKILL");
}

/** Sends a signal to a process, if there is one and it still runs. */
export function signalProcess(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
