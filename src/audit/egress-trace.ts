import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { endProcess, hasEnded } from "./child-process.js";
import { type OpenChannel, openLines } from "./message-channel.js";
import type { PatternIndex } from "./pattern-index.js";
import { createTraceParser, TRACED_CALLS, type TraceFindings } from "./trace-parser.js";

/** Why a command could not be traced. `NOT_PERMITTED`: strace ran but the machine does not let it trace. */
export type TraceRefusal = "NO_TRACER" | "NOT_PERMITTED";

/** What a traced command did. */
export interface CompletedTrace extends TraceFindings {
  readonly available: true;
  /** Seconds for which the command was observed. */
  readonly seconds: number;
  /** Whether it ran for the whole time that was asked for. If not, the findings prove nothing. */
  readonly stayedAlive: boolean;
  /** Messages that it answered. */
  readonly replies: number;
}

/** A trace, or why there is none. */
export type EgressTrace = CompletedTrace | { readonly available: false; readonly reason: TraceRefusal };

/** What to trace and for how long. */
export interface EgressTraceOptions {
  readonly command: readonly string[];
  /** Lines that are sent at once; the way to the command then stays open until the time is over. */
  readonly lines: readonly Uint8Array[];
  /** At least this long. Telemetry is known to wait for 9 seconds before its first look-up. */
  readonly seconds: number;
  /** With an index the bytes of every write are searched for canaries; without one no bytes are traced at all. */
  readonly index?: PatternIndex;
  /** The way to the command, as in `ChildSessionOptions`. */
  readonly open?: OpenChannel;
}

/** Variables that make telemetry stay silent, so that a trace made with them would prove nothing. */
export const MASKING_VARIABLES: readonly string[] = [
  "CI",
  "CONTINUOUS_INTEGRATION",
  "GITHUB_ACTIONS",
  "TF_BUILD",
  "ORT_DISABLE_TELEMETRY",
  "DO_NOT_TRACK",
];

// Longer than the longest canary line in its longest encoding, so that no write is cut off.
const LONGEST_WRITE_BYTES = 1_048_576;
const END_TIMEOUT_MS = 5000;
const TRACE_DESCRIPTOR = 3;
// libuv makes one from Node.js 22 on (libuv pull request 4638) and does without where the kernel has none.
const RING_SETUP = "io_uring_setup";

/**
 * Runs a command under `strace -f` and reports what it opened, sent and wrote.
 *
 * The trace goes through a pipe into this process and is never stored. The command runs as it does every day, with two
 * differences: its environment lacks the variables that would silence telemetry, and submission rings (io_uring) are
 * refused, because a trace cannot see what goes through one. So the calls take the ordinary way, which it sees.
 */
export async function traceEgress(options: EgressTraceOptions): Promise<EgressTrace> {
  const parser = createTraceParser(options.index);
  const shownBytes = options.index === undefined ? 0 : LONGEST_WRITE_BYTES;
  const tracer = spawn(
    "strace",
    [
      "-f",
      "-qq",
      "-xx",
      "-s",
      String(shownBytes),
      "-e",
      "abbrev=execve",
      "-e",
      `trace=${TRACED_CALLS}`,
      "-e",
      `inject=${RING_SETUP}:error=ENOSYS`,
      "-o",
      `|cat >&${TRACE_DESCRIPTOR}`,
      "--",
      ...options.command,
    ],
    { stdio: ["pipe", "pipe", "ignore", "pipe"], env: unmaskedEnvironment() },
  );
  const started = await hasStarted(tracer);
  if (!started) return { available: false, reason: "NO_TRACER" };

  const startedAt = performance.now();
  const trace = tracer.stdio[TRACE_DESCRIPTOR] as Readable;
  const traceEnded = new Promise<void>((resolve) => trace.once("close", resolve));
  trace.on("data", (chunk: Buffer) => parser.feed(chunk));
  // Whatever is said is read, lest the command waits for a reader.
  tracer.stdout?.resume();
  const { open = openLines } = options;
  const channel = await open(tracer, () => {});
  channel.send(options.lines);

  const stayedAlive = !(await hasEnded(tracer, options.seconds * 1000));
  const seconds = (performance.now() - startedAt) / 1000;
  channel.close(parser.findings().pid);
  if (!(await hasEnded(tracer, END_TIMEOUT_MS))) {
    // Ending the command ends strace too; the other way round the command would be left running.
    endProcess(parser.findings().pid);
    if (!(await hasEnded(tracer, END_TIMEOUT_MS))) endProcess(tracer.pid);
  }
  // A process that the command left behind may hold the pipe open for ever.
  await Promise.race([traceEnded, setTimeout(END_TIMEOUT_MS, undefined, { ref: false })]);
  trace.destroy();
  const findings = parser.findings();
  if (findings.calls === 0) return { available: false, reason: "NOT_PERMITTED" };
  return { available: true, ...findings, seconds, stayedAlive, replies: channel.answered() };
}

function unmaskedEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const name of MASKING_VARIABLES) delete environment[name];
  return environment;
}

function hasStarted(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    child.once("spawn", () => resolve(true));
    child.once("error", () => resolve(false));
  });
}
