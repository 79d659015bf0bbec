/**
 * Resident memory of `earshot score` at rest and at its peak, and the time from its start to the first result:
 *
 *     npm run build && npx tsx benchmarks/memory.ts
 *
 * Linux only: memory is read from /proc.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describeMachine, quantile } from "./machine.js";
import { messagesOf } from "./texts.js";

const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const RUNS = 15;
const MESSAGES = 50_000;
const BATCH = 500;

interface Command {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly pid: number;
}

function start(parameters: readonly string[]): Command {
  const child = spawn(process.execPath, parameters, { stdio: ["pipe", "pipe", "inherit"] });
  const { stdin, stdout, pid } = child;
  if (pid === undefined) throw new Error("The command did not start.");
  return { child, stdin, stdout, pid };
}

async function end({ child, stdin, stdout }: Command): Promise<void> {
  stdout.resume();
  stdin.end();
  await once(child, "close");
}

/** `VmRSS`, resident now, or `VmHWM`, resident at most so far, in megabytes of 2^20 bytes. */
function megabytes({ pid }: Command, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
}

const lines = messagesOf(20, BATCH).map((text) => `${JSON.stringify({ text, country: "KE" })}\n`);

async function measureStart(): Promise<number> {
  const begun = performance.now();
  const command = start([MAIN, "score"]);
  command.stdin.write(lines[0]);
  await once(command.stdout, "data");
  const milliseconds = performance.now() - begun;
  await end(command);
  return milliseconds;
}

async function measureNode(): Promise<number> {
  const command = start(["--eval", "process.stdin.once('data', () => process.stdout.write('x'))"]);
  command.stdin.write("x");
  await once(command.stdout, "data");
  const resident = megabytes(command, "VmRSS");
  await end(command);
  return resident;
}

async function measureStream(): Promise<{ rest: number; peak: number; messagesPerSecond: number }> {
  const command = start([MAIN, "score"]);
  command.stdin.write(lines[0]);
  await once(command.stdout, "data");
  const rest = megabytes(command, "VmRSS");
  command.stdout.resume();
  const batch = lines.join("");
  const begun = performance.now();
  for (let sent = 0; sent < MESSAGES; sent += BATCH)
    if (!command.stdin.write(batch)) await once(command.stdin, "drain");
  const messagesPerSecond = MESSAGES / ((performance.now() - begun) / 1000);
  const peak = megabytes(command, "VmHWM");
  await end(command);
  return { rest, peak, messagesPerSecond };
}

process.stdout.write(`${describeMachine()}\n`);
const starts: number[] = [];
for (let run = 0; run < RUNS; run += 1) starts.push(await measureStart());
starts.sort((a, b) => a - b);
const node = await measureNode();
const { rest, peak, messagesPerSecond } = await measureStream();
const rows: ReadonlyArray<readonly [string, number, string]> = [
  [`from start to first result, median of ${RUNS}`, quantile(starts, 0.5), "ms"],
  ["  the fastest of them", starts[0], "ms"],
  ["resident after the first message", rest, "MB"],
  ["  of which Node.js alone", node, "MB"],
  [`peak over ${MESSAGES} messages of 20 words`, peak, "MB"],
  ["messages a second, one process", messagesPerSecond, ""],
];
for (const [name, value, unit] of rows)
  process.stdout.write(`${name.padEnd(44)} ${value.toFixed(0).padStart(7)} ${unit}\n`);
process.stdout.write(`${describeMachine()}\n`);
