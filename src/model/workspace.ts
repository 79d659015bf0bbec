import { FEATURES_PER_WORD, FEATURES_SLACK } from "../text/features.js";
import { createNormalizedText, type NormalizedText, normalizedCapacity } from "../text/normalize.js";
import { createKernelMemory, type Kernel, type KernelMemory } from "./kernel.js";
import { MAXIMUM_SUMS } from "./linear.js";

/** Bytes that are normalised at a time; longer messages are read in pieces of this size, cut at a space. */
export const SEGMENT_BYTES = 65_536;

const ALIGNMENT = 16;

/** How large the arrays of a workspace must be. */
export interface WorkspaceNeeds {
  /** Bytes of each model file. */
  readonly tables: readonly number[];
  /** Words of which the features are held at a time. */
  readonly blockWords: number;
  /** How many arrays of sums are wanted. */
  readonly sums: number;
}

/**
 * One memory for the tables of a pack and for what is derived from the message that is being scored, because the compiled
 * kernel reaches only one. All scorers of a pack share it: each message is scored in one go and wiped before the next.
 */
export interface Workspace {
  readonly kernel: Kernel;
  /** Where the model files are read to, as long as the needs say. */
  readonly tables: readonly Uint8Array[];
  /** Of a segment. */
  readonly text: NormalizedText;
  readonly features: Uint32Array;
  /** Each `MAXIMUM_SUMS` long. */
  readonly sums: readonly Int32Array[];
}

/** Allocates a workspace. */
export function createWorkspace(
  { tables, blockWords, sums }: WorkspaceNeeds,
  createMemory: (bytes: number) => KernelMemory = createKernelMemory,
): Workspace {
  const capacity = normalizedCapacity(SEGMENT_BYTES);
  const features = blockWords * FEATURES_PER_WORD + FEATURES_SLACK;
  const numbers = [capacity, capacity, features, ...new Array<number>(sums).fill(MAXIMUM_SUMS)];
  const sizes = [...tables, capacity, ...numbers.map((length) => length * Uint32Array.BYTES_PER_ELEMENT)].map(align);
  const { kernel, buffer, start } = createMemory(sizes.reduce((sum, size) => sum + size, 0));

  let offset = start;
  const take = <View extends ArrayBufferView>(
    view: new (buffer: ArrayBuffer, offset: number, length: number) => View,
    length: number,
  ): View => {
    const array = new view(buffer, offset, length);
    offset += align(array.byteLength);
    return array;
  };
  return {
    kernel,
    tables: tables.map((bytes) => take(Uint8Array, bytes)),
    text: createNormalizedText(SEGMENT_BYTES, {
      bytes: take(Uint8Array, capacity),
      wordStarts: take(Uint32Array, capacity),
      wordEnds: take(Uint32Array, capacity),
    }),
    features: take(Uint32Array, features),
    sums: Array.from({ length: sums }, () => take(Int32Array, MAXIMUM_SUMS)),
  };
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
