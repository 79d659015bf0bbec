import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { start } from "../cli/command.js";

/** A built `earshot serve` on a free port of the loopback address. */
export interface StartedServer {
  readonly port: number;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Everything on standard output and error so far. */
  output(): Buffer;
  /** Asks it to end and returns the exit code. */
  stop(): Promise<number | null>;
}

/** Starts the server and waits until it says where it listens. */
export async function startServer(...parameters: readonly string[]): Promise<StartedServer> {
  const child = start(["serve", "--port", "0", ...parameters]);
  const chunks: Buffer[] = [];
  const output = (): Buffer => Buffer.concat(chunks);
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const port = await new Promise<number>((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      const found = /:(\d+)\D*\n/.exec(output().toString())?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once("exit", () => reject(new Error("ended before it listened")));
  });
  const stop = async (): Promise<number | null> => {
    const whenEnded = once(child, "exit");
    child.kill("SIGTERM");
    const [code] = await whenEnded;
    return code;
  };
  return { port, pid: child.pid as number, child, output, stop };
}
