import type { ChildProcess } from "node:child_process";
import { request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { LINE_START } from "./audit-messages.js";
import { signalProcess } from "./child-process.js";

/** How messages reach a running program and answers come back. */
export interface MessageChannel {
  /** Sends lines, each with a message as a JSON object, at once. */
  send(lines: readonly Uint8Array[]): void;
  /** Messages that were answered so far. */
  answered(): number;
  /** Those of them that were answered by an error. */
  rejections(): number;
  /** Tells the program, by this process id where it takes a signal, that no more messages come. */
  close(pid: number | undefined): void;
}

/** Opens the way to a program that was just started; `onAnswer` is given what comes back beside its standard output. */
export type OpenChannel = (child: ChildProcess, onAnswer: (bytes: Uint8Array) => void) => Promise<MessageChannel>;

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 20;
const ERROR_FIELD = '"error":';

/** A program that reads lines on standard input and answers each with a line on standard output. */
export const openLines: OpenChannel = async (child) => {
  let answered = 0;
  let rejected = 0;
  let reply = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    const replies = (reply + chunk.toString("latin1")).split("\n");
    reply = replies.pop() ?? "";
    answered += replies.length;
    rejected += replies.filter((line) => line.includes(ERROR_FIELD)).length;
  });
  // A command that has ended is noticed by its missing answers.
  child.stdin?.on("error", () => {});
  return {
    send: (lines) => {
      for (const line of lines) child.stdin?.write(line);
    },
    answered: () => answered,
    rejections: () => rejected,
    close: () => child.stdin?.end(),
  };
};

/** The ways in which a server takes a message; they take turns, so that every size and script comes by every way. */
const WAYS: readonly { path: string; type: string; body: (line: Uint8Array) => Uint8Array }[] = [
  { path: "/v1/assess", type: "application/json", body: (line) => line },
  { path: "/v1/assess", type: "application/x-ndjson", body: (line) => line },
  {
    path: "/v1/assess",
    type: "text/plain; charset=utf-8",
    body: (line) => Buffer.from(JSON.parse(line.toString()).text),
  },
  {
    path: "/v1/conversations/assess",
    type: "application/json",
    body: (line) => framed('{"speaker":"person",', line, ""),
  },
  {
    path: "/v1alpha1/comments:analyze",
    type: "application/json",
    body: (line) => framed('{"requestedAttributes":{"EARSHOT_PRIORITY":{}},"comment":{', line, "}"),
  },
];

/** The text of a line as it is written, escapes included, between other fields. */
function framed(before: string, line: Uint8Array, after: string): Uint8Array {
  return Buffer.concat([Buffer.from(before), line.subarray(LINE_START.length), Buffer.from(after)]);
}

/** A server that listens on a local socket and ends on SIGTERM, as `earshot serve --socket` does. */
export function openServer(socketPath: string): OpenChannel {
  return async (child, onAnswer) => {
    const deadline = performance.now() + START_TIMEOUT_MS;
    const isWorthWaiting = (): boolean => child.exitCode === null && performance.now() < deadline;
    while (!(await isReady(socketPath)) && isWorthWaiting()) await wait(POLL_MS);
    let sent = 0;
    let answered = 0;
    let rejected = 0;
    const sendOne = (line: Uint8Array): void => {
      const { path, type, body } = WAYS[sent % WAYS.length];
      sent += 1;
      const bytes = body(line);
      // A connection each: while the server is scanned, one that is kept open would time out.
      const headers = { host: "localhost", "content-type": type, "content-length": bytes.length };
      const asked = request({ socketPath, path, method: "POST", agent: false, headers }, (answer) => {
        let isRejected = answer.statusCode !== 200;
        answer.on("data", (chunk: Buffer) => {
          isRejected ||= chunk.includes(ERROR_FIELD);
          onAnswer(chunk);
        });
        answer.on("end", () => {
          answered += 1;
          if (isRejected) rejected += 1;
        });
      });
      // A server that has ended is noticed by its missing answers.
      asked.on("error", () => {});
      asked.end(bytes);
    };
    return {
      send: (lines) => {
        for (const line of lines) sendOne(line);
      },
      answered: () => answered,
      rejections: () => rejected,
      close: (pid) => signalProcess(pid, "SIGTERM"),
    };
  };
}

function isReady(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: "/readyz", headers: { host: "localhost" } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
