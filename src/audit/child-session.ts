import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { endProcess, hasEnded } from "./child-process.js";
import { type MessageChannel, type OpenChannel, openLines } from "./message-channel.js";
import { findInBytes, type PatternIndex } from "./pattern-index.js";

/** A running command that is fed messages. */
export interface ChildSession {
  readonly pid: number;
  /** Sends lines at once and waits until each is answered. False when not all were within the time limit. */
  send(lines: readonly Uint8Array[]): Promise<boolean>;
  /** Answers so far that say that the message was rejected. */
  rejections(): number;
  /** Places in the answers and in standard output and error at which a part of a canary stood, so far. */
  leaks(): number;
  /** Bytes of all of these so far. */
  outputBytes(): number;
  /** Says that no more comes, waits for the end, and ends the process if it does not come. */
  close(): Promise<void>;
}

/** What to start and what to look for in its output. */
export interface ChildSessionOptions {
  readonly command: readonly string[];
  /** The canaries that must not appear in the output. */
  readonly index: PatternIndex;
  /** Longest wait for the answers to one call of `send`. */
  readonly replyTimeoutMs: number;
  /** The way to the command; by default it reads lines and answers with lines. */
  readonly open?: OpenChannel;
}

const END_TIMEOUT_MS = 5000;
const POLL_MS = 2;

/** Starts a command with its input open. Undefined when it cannot be started. */
export async function startSession(options: ChildSessionOptions): Promise<ChildSession | undefined> {
  const [program, ...parameters] = options.command;
  if (program === undefined) return undefined;
  const child = spawn(program, parameters, { stdio: "pipe" });
  const started = await new Promise<boolean>((resolve) => {
    child.once("spawn", () => resolve(true));
    child.once("error", () => resolve(false));
  });
  const { pid } = child;
  if (!started || pid === undefined) return undefined;

  const answers = createLeakCounter(options.index);
  const output = createLeakCounter(options.index);
  const errors = createLeakCounter(options.index);
  const open = options.open ?? openLines;
  child.stdout.on("data", (chunk: Buffer) => output.feed(chunk));
  child.stderr.on("data", (chunk: Buffer) => errors.feed(chunk));
  const channel: MessageChannel = await open(child, answers.feed);

  let sent = 0;
  async function send(lines: readonly Uint8Array[]): Promise<boolean> {
    channel.send(lines);
    sent += lines.length;
    const deadline = performance.now() + options.replyTimeoutMs;
    while (channel.answered() < sent && performance.now() < deadline && isRunning(child)) await wait(POLL_MS);
    return channel.answered() >= sent;
  }

  async function close(): Promise<void> {
    channel.close(pid);
    if (await hasEnded(child, END_TIMEOUT_MS)) return;
    endProcess(pid);
    await hasEnded(child, END_TIMEOUT_MS);
  }

  return {
    pid,
    send,
    rejections: channel.rejections,
    leaks: () => answers.leaks() + output.leaks() + errors.leaks(),
    outputBytes: () => answers.bytes() + output.bytes() + errors.bytes(),
    close,
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

interface LeakCounter {
  feed(chunk: Uint8Array): void;
  leaks(): number;
  bytes(): number;
}

/** Counts canaries in a stream, also those that lie across two chunks. */
function createLeakCounter(index: PatternIndex): LeakCounter {
  let tail: Uint8Array = new Uint8Array(0);
  let leaks = 0;
  let bytes = 0;
  function feed(chunk: Uint8Array): void {
    const joined = Buffer.concat([tail, chunk]);
    findInBytes(index, joined, (pattern, offset) => {
      // What ended inside the tail was counted with the chunk before.
      if (offset + pattern.bytes.length > tail.length) leaks += 1;
    });
    tail = joined.subarray(Math.max(0, joined.length - index.longest + 1));
    bytes += chunk.length;
  }
  return { feed, leaks: () => leaks, bytes: () => bytes };
}
