import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterEach } from "vitest";

/** Whether memory of other processes can be read here. */
export const canScan: boolean = process.platform === "linux" && existsSync("/proc/self/pagemap");
/** Whether system calls can be traced here. */
export const canTrace: boolean = process.platform === "linux" && spawnSync("strace", ["-V"]).status === 0;

/** The command line of a small program. */
export function program(source: string, ...parameters: readonly string[]): readonly string[] {
  return [process.execPath, "--input-type=commonjs", "--eval", source, "--", ...parameters];
}

/** Reads bytes into an array of its own, answers every line with `{}`, and wipes what it read. */
export const WIPING: readonly string[] = program(`
  const fs = require("node:fs");
  fs.writeFileSync("/proc/self/coredump_filter", "0");
  process.on("SIGUSR1", () => {});
  const chunk = new Uint8Array(65536);
  const answer = Buffer.from("{}\\n");
  function read() {
    fs.read(0, chunk, 0, chunk.length, null, (error, length) => {
      if (error || length === 0) return process.exit();
      let lines = 0;
      for (let index = 0; index < length; index += 1) if (chunk[index] === 10) lines += 1;
      chunk.fill(0, 0, length);
      for (; lines > 0; lines -= 1) fs.writeSync(1, answer);
      read();
    });
  }
  read();`);

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Starts a program that prints a line when it is ready, and waits for that line. */
export async function startReady(command: readonly string[]): Promise<number> {
  const child = spawn(command[0], command.slice(1), { stdio: ["pipe", "pipe", "ignore"] });
  started.push(child);
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", reject);
  });
  return child.pid as number;
}
