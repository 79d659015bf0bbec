import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { closeInput, createLineWriter, createRead, openInput } from "../../src/cli/streams.js";
import { isEarshotError } from "../../src/errors.js";
import { FIXTURES, isAssessment, type OutputLine, parseFailure, start } from "./command.js";

const { readSync, writeSync } = vi.hoisted(() => ({ readSync: vi.fn(), writeSync: vi.fn() }));
vi.mock("node:fs", async (original) => ({ ...(await original<object>()), readSync, writeSync }));

const INBOX = join(FIXTURES, "inbox.jsonl");

afterEach(() => {
  readSync.mockReset();
  writeSync.mockReset();
});

function failure(code: string): never {
  throw Object.assign(new Error("secret of the system"), { code });
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return isEarshotError(error) ? error.code : "not an EarshotError";
  }
  return undefined;
}

describe("createRead", () => {
  const into = new Uint8Array(8);

  it("reads into the caller's array", () => {
    readSync.mockReturnValueOnce(5);
    expect(createRead(7)(into, 2, 6)).toBe(5);
    expect(readSync).toHaveBeenCalledExactlyOnceWith(7, into, 2, 6, null);
  });

  it("waits while a pipe has nothing", () => {
    readSync.mockImplementationOnce(() => failure("EAGAIN")).mockImplementationOnce(() => failure("EAGAIN"));
    readSync.mockReturnValueOnce(3);
    expect(createRead(0)(into, 0, 8)).toBe(3);
    expect(readSync).toHaveBeenCalledTimes(3);
  });

  it("takes EOF for the end", () => {
    readSync.mockImplementationOnce(() => failure("EOF"));
    expect(createRead(0)(into, 0, 8)).toBe(0);
  });

  it.each(["EIO", "EISDIR", "EBADF"])("turns %s into a code", (code) => {
    readSync.mockImplementationOnce(() => failure(code));
    expect(codeOf(() => createRead(0)(into, 0, 8))).toBe("FILE_NOT_READABLE");
  });
});

describe("createLineWriter", () => {
  /** Takes at most `most` bytes a call and remembers them. */
  function takeSlowly(most: number): () => string {
    const taken: Uint8Array[] = [];
    writeSync.mockImplementation((_descriptor: number, bytes: Uint8Array, from: number, count: number) => {
      taken.push(bytes.slice(from, from + Math.min(most, count)));
      return Math.min(most, count);
    });
    return () => Buffer.concat(taken).toString("utf8");
  }

  it("writes nothing before it has to", () => {
    const writer = createLineWriter(1);
    writer.writeLine("one");
    expect(writeSync).not.toHaveBeenCalled();
    const written = takeSlowly(100);
    writer.flush();
    writer.flush();
    expect(written()).toBe("one\n");
    expect(writeSync).toHaveBeenCalledTimes(1);
  });

  it("keeps every byte when the other side takes a few at a time", () => {
    const written = takeSlowly(3);
    const writer = createLineWriter(1);
    for (const line of ["é and ж", "", "日本"]) writer.writeLine(line);
    writer.flush();
    expect(written()).toBe("é and ж\n\n日本\n");
  });

  it("holds no more than 64 KiB", () => {
    takeSlowly(Number.POSITIVE_INFINITY);
    const writer = createLineWriter(1);
    for (let count = 0; count < 65; count += 1) writer.writeLine("x".repeat(1023));
    expect(writeSync).toHaveBeenCalledTimes(1);
  });

  it("keeps every character, whatever the length of the lines", () => {
    const anyLine = fc
      .tuple(fc.string({ unit: "grapheme", maxLength: 20 }), fc.nat(5000))
      .map(([unit, count]) => unit.repeat(count));
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 5 }), (lines) => {
        const written = takeSlowly(50_000);
        const writer = createLineWriter(1);
        for (const line of lines) writer.writeLine(line);
        writer.flush();
        expect(written() === lines.map((line) => `${line}\n`).join("")).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("waits while a pipe is full", () => {
    writeSync.mockImplementationOnce(() => failure("EAGAIN"));
    writeSync.mockReturnValueOnce(2);
    const writer = createLineWriter(1);
    writer.writeLine("x");
    writer.flush();
    expect(writeSync).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["EPIPE", "OUTPUT_CLOSED"],
    ["ENOSPC", "OUTPUT_FAILED"],
    ["EIO", "OUTPUT_FAILED"],
  ])("turns %s into %s", (systemCode, code) => {
    writeSync.mockImplementationOnce(() => failure(systemCode));
    const writer = createLineWriter(1);
    writer.writeLine("x");
    expect(codeOf(() => writer.flush())).toBe(code);
  });
});

describe("openInput", () => {
  it("opens a file, and standard input for -", () => {
    const descriptor = openInput(INBOX);
    expect(descriptor).toBeGreaterThan(2);
    closeInput(descriptor);
    expect(openInput("-")).toBe(0);
    // Standard input is not ours to close; the test would lose its own.
    closeInput(0);
  });

  it("turns a failure into a code", () => {
    expect(codeOf(() => openInput(join(FIXTURES, "nothing")))).toBe("FILE_NOT_READABLE");
  });
});

describe("earshot score among pipes", () => {
  const line = (number: number): string => `${JSON.stringify({ id: String(number), text: "is anyone there" })}\n`;

  it("answers each message while standard input stays open", async () => {
    const child = start(["score"]);
    const answers = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
    for (const id of [1, 2, 3]) {
      for (const piece of line(id).match(/.{1,9}|\n/g) ?? []) {
        child.stdin?.write(piece);
        await wait(5);
      }
      const result: OutputLine = JSON.parse((await answers.next()).value);
      expect(isAssessment(result)).toBe(true);
      expect(result.id).toBe(String(id));
    }
    child.stdin?.end();
    expect(await answers.next()).toEqual({ done: true, value: undefined });
    expect(child.exitCode ?? (await once(child, "exit"))[0]).toBe(0);
  });

  it("stops with a code when the reader goes away after the first line", async () => {
    const child = start(["score"]);
    let stderr = "";
    child.stderr?.on("data", (bytes) => {
      stderr += bytes;
    });
    child.stdin?.write(line(1));
    await once(child.stdout ?? child, "data");
    child.stdout?.destroy();
    child.stdin?.write(line(2).repeat(2000));
    const [exitCode] = await once(child, "close");
    expect(exitCode).toBe(1);
    expect(parseFailure({ exitCode, stdout: "", stderr })).toMatchObject({ error: "OUTPUT_CLOSED" });
  });

  it.skipIf(!existsSync("/dev/full")).each(["jsonl", "json", "table"])(
    "stops with a code when the disk is full, writing %s",
    async (format) => {
      const full = openSync("/dev/full", "w");
      const child = start(["score", "--format", format, INBOX], { stdio: ["ignore", full, "pipe"] });
      closeSync(full);
      let stderr = "";
      child.stderr?.on("data", (bytes) => {
        stderr += bytes;
      });
      const [exitCode] = await once(child, "close");
      expect(exitCode).toBe(1);
      expect(parseFailure({ exitCode, stdout: "", stderr })).toMatchObject({ error: "OUTPUT_FAILED" });
    },
  );
});

/** `VmRSS` or `VmHWM` of a process in MB. */
function megabytes(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
}

describe.skipIf(!existsSync("/proc/self/status"))("memory", () => {
  const BATCH = 1000;
  const SECONDS = 20;
  const MAXIMUM_MEGABYTES = 160;

  /** Sends batches until the time is over, and returns what the process held after each tenth. */
  async function feed(child: ChildProcess): Promise<{ sent: number; samples: number[] }> {
    const samples: number[] = [];
    const end = performance.now() + SECONDS * 1000;
    let sent = 0;
    for (; performance.now() < end && sent < 300 * BATCH; sent += BATCH) {
      const lines = Array.from({ length: BATCH }, (_, index) =>
        JSON.stringify({ id: sent + index, text: `message ${sent + index}: school was long and my bus is late` }),
      );
      if (!child.stdin?.write(`${lines.join("\n")}\n`)) await once(child.stdin ?? child, "drain");
      samples.push(megabytes(child.pid ?? 0, "VmRSS"));
    }
    return { sent, samples };
  }

  it("stays flat and small however long the input is", async () => {
    const child = start(["score"], { stdio: ["pipe", "ignore", "ignore"] });
    const { sent, samples } = await feed(child);
    const peak = megabytes(child.pid ?? 0, "VmHWM");
    child.stdin?.end();
    expect((await once(child, "close"))[0]).toBe(0);
    expect(sent).toBeGreaterThan(20 * BATCH);
    const highest = (from: number, to: number): number =>
      Math.max(...samples.slice(from * samples.length, to * samples.length));
    // The heap goes up and down with garbage collection; what must not happen is that its highest point rises.
    expect(highest(0.75, 1) - highest(0.25, 0.75)).toBeLessThan(10);
    expect(peak).toBeLessThan(MAXIMUM_MEGABYTES);
  });
});
