import { writeFeatures } from "../text/features.js";
import type { NormalizedText } from "../text/normalize.js";
import compiled from "./kernel.json" with { type: "json" };
import { accumulate, type LinearModel } from "./linear.js";

/** The two loops that most of the time goes into, for arrays of one memory. Compiled or plain, the results are the same. */
export interface Kernel {
  /** See `writeFeatures`; `into` must be `FEATURES_SLACK` longer. */
  writeFeatures(text: NormalizedText, first: number, last: number, into: Uint32Array): number;
  /** See `accumulate`. */
  accumulate(model: LinearModel, features: Uint32Array, count: number, sums: Int32Array): void;
}

/** A memory, and the kernel that works in it. */
export interface KernelMemory {
  readonly kernel: Kernel;
  readonly buffer: ArrayBuffer;
  /** Where the arrays of the caller begin; what lies before is the kernel's. */
  readonly start: number;
}

/** In TypeScript, for machines without WebAssembly SIMD. */
export const PLAIN_KERNEL: Kernel = { writeFeatures, accumulate };

const PAGE_BYTES = 65_536;
/** Three lists of 1024 numbers and one more, rounded up; see `kernel.as`. */
const LISTS_BYTES = 3 * 4096 + 64;
/** The compiled form reads rows in whole vectors, and so beyond the last one. */
const OVERREAD_BYTES = 64;

/** What the compiled module exports; see `kernel.as`. */
interface Exports {
  writeFeatures(
    bytes: number,
    length: number,
    wordStarts: number,
    wordEnds: number,
    wordCount: number,
    first: number,
    last: number,
    into: number,
  ): number;
  accumulate(
    slots: number,
    slotBits: number,
    rowBits: number,
    weights: number,
    columns: number,
    families: number,
    features: number,
    count: number,
    sums: number,
    lists: number,
  ): void;
}

/** The part of the interface that is used: the types of Node.js leave it out. Missing where `--jitless` is set. */
declare const WebAssembly:
  | undefined
  | {
      readonly Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object, imports: object) => { readonly exports: object };
    };

/**
 * Makes a memory of at least `bytes` for the caller's arrays. The kernel is the compiled one where the machine can run
 * it, and otherwise the plain one on an ordinary buffer.
 */
export function createKernelMemory(bytes: number): KernelMemory {
  return compiledMemory(bytes) ?? plainMemory(bytes);
}

/** The memory of {@link createKernelMemory} with the plain kernel. */
export function plainMemory(bytes: number): KernelMemory {
  return { kernel: PLAIN_KERNEL, buffer: new ArrayBuffer(bytes), start: 0 };
}

function compiledMemory(bytes: number): KernelMemory | undefined {
  if (typeof WebAssembly === "undefined") return undefined;
  const pages = Math.ceil((LISTS_BYTES + bytes + OVERREAD_BYTES) / PAGE_BYTES);
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const module = new WebAssembly.Module(Uint8Array.from(atob(compiled.module), (letter) => letter.charCodeAt(0)));
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return { kernel: toKernel(exports as Exports), buffer: memory.buffer, start: LISTS_BYTES };
  } catch {
    // No SIMD, or a limit on address space, of which such a memory takes several gigabytes.
    return undefined;
  }
}

function toKernel(exports: Exports): Kernel {
  return {
    writeFeatures: ({ bytes, length, wordStarts, wordEnds, wordCount }, first, last, into) =>
      exports.writeFeatures(
        bytes.byteOffset,
        length,
        wordStarts.byteOffset,
        wordEnds.byteOffset,
        wordCount,
        first,
        last,
        into.byteOffset,
      ),
    accumulate: ({ slots, slotBits, rowBits, weights, columns, families }, features, count, sums) =>
      exports.accumulate(
        slots.byteOffset,
        slotBits,
        rowBits,
        weights.byteOffset,
        columns,
        families,
        features.byteOffset,
        count,
        sums.byteOffset,
        0,
      ),
  };
}
