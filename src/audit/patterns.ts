import { type Canary, soughtWords } from "./canary.js";
import { encodeText, fragmentsOf } from "./text-encodings.js";

/** The forms in which a copy of a message is looked for. */
export const PATTERN_KINDS = [
  "utf8",
  "utf16",
  "latin1",
  "upper",
  "lower",
  "hex",
  "base64",
  "json_escape",
  "percent",
  "element_i32",
  "element_smi",
  "element_f64",
  "normalised",
  "frame",
  "id_i32",
  "id_i64",
  "id_u16",
  "id_smi",
  "id_f32",
  "id_f64",
] as const;
/** One form of a copy. */
export type PatternKind = (typeof PATTERN_KINDS)[number];

/** Bytes to look for, and what finding them means. */
export interface Pattern {
  readonly kind: PatternKind;
  readonly bytes: Uint8Array;
}

/** Turns a message into numbers, as the scoring code does; token ids and hashed features are two examples. */
export type CanaryEncoder = (bytes: Uint8Array) => ArrayLike<number>;

/** What the audited program makes of a message, given by the caller because this folder does not know the scoring code. */
export interface DerivedForms {
  /** The bytes that the normaliser writes for the given bytes. */
  readonly normalise?: (bytes: Uint8Array) => Uint8Array;
  /** Every sequence of numbers that the program derives from the message, in the order in which it stores them. */
  readonly encoders?: readonly CanaryEncoder[];
}

/** The bytes around a message on its way in, which make a message recognisable that is too short by itself. */
export interface CanaryFrame {
  readonly before: string;
  readonly after: string;
}

/** Shortest pattern in bytes. Shorter ones occur by chance: 7 random bytes in 1 GB do so once in 70 million scans. */
export const SHORTEST_PATTERN_BYTES = 7;

const WORDS_SOUGHT = 12;
const RUNS_SOUGHT = 128;
const RUN_IDS = 4;
const FRAME_CHARACTERS = 8;

/** All patterns of a canary: its text in every encoding, its normalised form, its numbers, and its frame when it is short. */
export function canaryPatterns(canary: Canary, forms: DerivedForms = {}, frame?: CanaryFrame): readonly Pattern[] {
  const patterns: Pattern[] = [];
  for (const word of soughtWords(canary, WORDS_SOUGHT)) {
    patterns.push(...encodeText(word));
    if (forms.normalise !== undefined) patterns.push(...normalisedPatterns(word, forms.normalise));
  }
  for (const encoder of forms.encoders ?? []) patterns.push(...idPatterns(encoder(canary.bytes)));
  if (frame !== undefined && fragmentsOf(canary.text).length === 0) patterns.push(...framePatterns(canary, frame));
  return distinct(patterns);
}

/**
 * Patterns for runs of four consecutive ids, evenly spread over the sequence, in six number formats.
 *
 * Runs that ordinary memory holds too are left out: with a zero, with fewer than three different ids, or all below 256.
 */
export function idPatterns(ids: ArrayLike<number>): readonly Pattern[] {
  const patterns: Pattern[] = [];
  const starts = Math.max(0, ids.length - RUN_IDS + 1);
  const step = Math.max(1, Math.floor(starts / RUNS_SOUGHT));
  for (let start = 0; start < starts; start += step) {
    const run = Array.from({ length: RUN_IDS }, (_, offset) => ids[start + offset]);
    if (run.includes(0) || new Set(run).size < 3 || Math.max(...run) < 256) continue;
    patterns.push(
      { kind: "id_i32", bytes: bytesOf(Int32Array.from(run)) },
      { kind: "id_i64", bytes: bytesOf(BigInt64Array.from(run, BigInt)) },
      { kind: "id_smi", bytes: bytesOf(BigInt64Array.from(run, (id) => BigInt(id) << 32n)) },
      { kind: "id_f32", bytes: bytesOf(Float32Array.from(run)) },
      { kind: "id_f64", bytes: bytesOf(Float64Array.from(run)) },
    );
    if (Math.max(...run) < 65_536) patterns.push({ kind: "id_u16", bytes: bytesOf(Uint16Array.from(run)) });
  }
  return distinct(patterns);
}

function normalisedPatterns(word: string, normalise: (bytes: Uint8Array) => Uint8Array): readonly Pattern[] {
  const given = Buffer.from(word);
  const written = Buffer.from(normalise(Uint8Array.from(given)));
  if (written.equals(given)) return [];
  return encodeText(written.toString("utf8")).map(({ bytes }) => ({ kind: "normalised", bytes }));
}

function framePatterns(canary: Canary, frame: CanaryFrame): readonly Pattern[] {
  const framed = frame.before.slice(-FRAME_CHARACTERS) + canary.text + frame.after.slice(0, FRAME_CHARACTERS);
  return [
    { kind: "frame", bytes: Buffer.from(framed, "utf8") },
    { kind: "frame", bytes: Buffer.from(framed, "utf16le") },
  ];
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function distinct(patterns: readonly Pattern[]): readonly Pattern[] {
  const byContent = new Map<string, Pattern>();
  for (const pattern of patterns) {
    if (pattern.bytes.length < SHORTEST_PATTERN_BYTES) continue;
    const key = Buffer.from(pattern.bytes.buffer, pattern.bytes.byteOffset, pattern.bytes.length).toString("latin1");
    if (!byContent.has(key)) byContent.set(key, pattern);
  }
  return [...byContent.values()];
}
