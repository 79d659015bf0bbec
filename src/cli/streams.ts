import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { EarshotError } from "../errors.js";
import type { ReadBytes } from "../text/lines.js";

const RETRY_MS = 2;
const OUTPUT_BYTES = 65_536;
const encoder = new TextEncoder();

/** Opens a file for reading; `-` is standard input. */
export function openInput(path: string): number {
  if (path === "-") return 0;
  try {
    return openSync(path, "r");
  } catch {
    throw new EarshotError("FILE_NOT_READABLE");
  }
}

/** Closes what `openInput` opened. */
export function closeInput(descriptor: number): void {
  if (descriptor !== 0) closeSync(descriptor);
}

/**
 * Reads into the caller's array and nowhere else: streams of Node keep the text in buffers of their own, which nobody
 * can wipe. Waits for bytes; returns 0 at the end.
 */
export function createRead(descriptor: number): ReadBytes {
  return (into, start, length) => {
    for (;;) {
      try {
        return readSync(descriptor, into, start, length, null);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EOF") return 0;
        if (code !== "EAGAIN") throw new EarshotError("FILE_NOT_READABLE");
        pause();
      }
    }
  };
}

/** Buffered output of lines that hold no message text. */
export interface LineWriter {
  writeLine(line: string): void;
  /** Writes what is buffered. Call it before waiting for input. */
  flush(): void;
}

/**
 * Writes lines to a file descriptor.
 *
 * @throws EarshotError (from both methods) `OUTPUT_CLOSED` when the reader is gone, `OUTPUT_FAILED` otherwise
 */
export function createLineWriter(descriptor: number): LineWriter {
  // One buffer for all output: a new one for each write would pile up until the next garbage collection.
  const bytes = new Uint8Array(OUTPUT_BYTES);
  let length = 0;
  const flush = (): void => {
    const end = length;
    length = 0;
    for (let written = 0; written < end; ) written += write(descriptor, bytes, written, end - written);
  };
  const put = (text: string): void => {
    for (let rest = text; rest !== ""; ) {
      const { read, written } = encoder.encodeInto(rest, bytes.subarray(length));
      length += written;
      rest = rest.slice(read);
      if (rest !== "") flush();
    }
  };
  return {
    writeLine(line) {
      put(line);
      put("\n");
    },
    flush,
  };
}

function write(descriptor: number, bytes: Uint8Array, from: number, count: number): number {
  for (;;) {
    try {
      return writeSync(descriptor, bytes, from, count);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") throw new EarshotError("OUTPUT_CLOSED");
      if (code !== "EAGAIN") throw new EarshotError("OUTPUT_FAILED");
      pause();
    }
  }
}

/** A pipe in non-blocking mode answers EAGAIN until the other side moves. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
}
