import { EarshotError } from "../errors.js";
import { FAMILIES, familyOf } from "../text/features.js";

/**
 * A linear model over hashed features, as arrays read straight from its file. Each feature that mattered in training has
 * a row of one 8-bit weight per column (a head or a language); a feature without a row adds nothing.
 */
export interface LinearModel {
  readonly columns: number;
  readonly rows: number;
  /** Count bins that have weights of their own; 0 for a model without. */
  readonly bins: number;
  /** Families of features; each has its own scale per column, so that rare strong words do not drown fine n-grams. */
  readonly families: number;
  /** Open addressing: row number plus one in the low `rowBits`, the low bits of the feature's hash above; 0 is empty. */
  readonly slots: Uint32Array;
  readonly slotBits: number;
  readonly rowBits: number;
  readonly weights: Int8Array;
  /** `families` times `columns`: what one unit of an 8-bit weight is worth, in logits times the root of the count. */
  readonly scales: Float32Array;
  /** `bins` times `columns`, in logits. */
  readonly binWeights: Float32Array;
  readonly biases: Float32Array;
}

const MAGIC = 0x4c534145; // "EASL"
const VERSION = 1;
const HEADER_NUMBERS = 8;
const MAXIMUM_COLUMNS = 1024;
const LONGEST_RUN = 1000;
/** 2^32 over the golden ratio, odd. */
const SPREAD = 0x9e3779b1;

/** Most sums that a model has: one per family and column. */
export const MAXIMUM_SUMS: number = FAMILIES * MAXIMUM_COLUMNS;

/**
 * Reads a model file in place: eight 32-bit numbers (magic, version, columns, rows, bins, families, slot bits, row bits), then
 * scales, bin weights, biases (32-bit floats), slots (32-bit numbers) and weights (8-bit), all little-endian.
 *
 * @param file must begin at a multiple of four in its buffer; the model consists of views into it
 * @throws EarshotError `PACK_INVALID` when a number is impossible or the length does not fit
 */
export function readLinearModel(file: Uint8Array): LinearModel {
  const invalid = (): never => {
    throw new EarshotError("PACK_INVALID");
  };
  if (file.byteLength < HEADER_NUMBERS * 4) invalid();
  let offset = file.byteOffset;
  const take = <View extends ArrayBufferView>(
    view: new (buffer: ArrayBufferLike, offset: number, length: number) => View,
    length: number,
  ): View => {
    const array = new view(file.buffer, offset, length);
    offset += array.byteLength;
    return array;
  };
  const [magic, version, columns, rows, bins, families, slotBits, rowBits] = take(Uint32Array, HEADER_NUMBERS);
  if (magic !== MAGIC || version !== VERSION) invalid();
  if (columns < 1 || columns > MAXIMUM_COLUMNS || rows > 1 << 22 || bins > 256) invalid();
  if (families !== 1 && families !== FAMILIES) invalid();
  if (slotBits < 1 || slotBits > 23 || rowBits < 1 || rowBits > 24 || rows >= 1 << slotBits || rows >= 1 << rowBits)
    invalid();
  const floats = families * columns + bins * columns + columns;
  const slotCount = 1 << slotBits;
  if (file.byteLength !== HEADER_NUMBERS * 4 + (floats + slotCount) * 4 + rows * columns) invalid();
  const scales = take(Float32Array, families * columns);
  const binWeights = take(Float32Array, bins * columns);
  const biases = take(Float32Array, columns);
  const slots = take(Uint32Array, slotCount);
  const weights = take(Int8Array, rows * columns);
  for (const numbers of [scales, binWeights, biases]) if (!numbers.every(Number.isFinite)) invalid();
  const rowMask = (1 << rowBits) - 1;
  let run = 0;
  let longestRun = 0;
  for (let i = 0; i < slotCount; i += 1) {
    run = slots[i] === 0 ? 0 : run + 1;
    longestRun = Math.max(longestRun, run);
    if (run > 0 && ((slots[i] & rowMask) > rows || (slots[i] & rowMask) === 0)) invalid();
  }
  // A search ends at an empty slot: long runs would make it slow, and take one feature for another.
  if (longestRun > Math.min(LONGEST_RUN, slotCount - 1)) invalid();
  return { columns, rows, bins, families, slots, slotBits, rowBits, weights, scales, binWeights, biases };
}

/**
 * The row of a feature, or -1. The family bits would crowd one part of the slots, so that the hash is spread first
 * (Knuth's multiplicative hashing); the low bits are compared, so that a feature without a row is taken for another with a probability under 2^-(32 - rowBits) per slot looked at.
 */
export function findRow(model: LinearModel, hash: number): number {
  const { slots, slotBits, rowBits } = model;
  const last = slots.length - 1;
  const check = (hash << rowBits) >>> 0;
  let slot = Math.imul(hash, SPREAD) >>> (32 - slotBits);
  for (;;) {
    const entry = slots[slot];
    if (entry === 0) return -1;
    const row = entry & ((1 << rowBits) - 1);
    if ((entry ^ row) >>> 0 === check) return row - 1;
    slot = slot === last ? 0 : slot + 1;
  }
}

/**
 * Adds the weights of `features[0, count)` to `sums`, which holds `families` times `columns` numbers.
 */
export function accumulate(model: LinearModel, features: Uint32Array, count: number, sums: Int32Array): void {
  const { columns, weights } = model;
  const oneFamily = model.families === 1;
  for (let i = 0; i < count; i += 1) {
    const hash = features[i];
    const row = findRow(model, hash);
    if (row < 0) continue;
    const base = oneFamily ? 0 : familyOf(hash) * columns;
    const from = row * columns;
    for (let c = 0; c < columns; c += 1) sums[base + c] += weights[from + c];
  }
}

/**
 * Turns sums into logits: each family's sum times its scale over the root of the number of features, plus the count
 * bins that are on and the bias.
 *
 * @param count features that the sums were taken over, also those without a row
 * @param bins count bins that are on; empty for a model without
 * @param logits gets one number per column
 */
export function writeLogits(
  model: LinearModel,
  sums: Int32Array,
  count: number,
  bins: Uint8Array,
  logits: Float64Array,
): void {
  const { columns, families, scales, binWeights, biases } = model;
  const norm = 1 / Math.sqrt(Math.max(1, count));
  for (let c = 0; c < columns; c += 1) {
    let logit = biases[c];
    for (let family = 0; family < families; family += 1)
      logit += sums[family * columns + c] * scales[family * columns + c] * norm;
    for (let i = 0; i < bins.length; i += 1) logit += binWeights[bins[i] * columns + c];
    logits[c] = logit;
  }
}
