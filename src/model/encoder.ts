import type { NormalizedText } from "../text/normalize.js";
import { SPECIAL_PIECES, tokenize, type Vocabulary } from "../text/tokenize.js";
import type { Scores } from "../types.js";
import { keepHighest, toScores, writeHeadLogits } from "./heads.js";
import { type EncoderSettings, HEADS } from "./manifest.js";
import { LABEL_COLUMNS } from "./pack.js";

/** The second stage of a pack: a small transformer that reads a message as a row of pieces. */
export interface EncoderModel {
  /** An ONNX graph: `ids` (32-bit integers, one a piece) in, `logits` (32-bit floats, one a label column) out. */
  readonly graph: Uint8Array;
  readonly vocabulary: Vocabulary;
}

/**
 * Runs the graph on each of the windows, rows of ids of one length: calls `read` while `logits` holds the result of one,
 * and leaves nothing behind, in its own memory or in the arrays.
 */
export type RunEncoder = (windows: readonly Int32Array[], logits: Float32Array, read: () => void) => Promise<void>;

/** Reads one message at a time, in buffers of its own. */
export interface Encoder {
  /** Adds normalised text to the message, as far as the windows reach. */
  add(text: NormalizedText): void;
  /** Takes over what the linear model made of the message, before its buffers are wiped. */
  keep(whole: Float64Array, window: Float64Array, windows: number): void;
  /**
   * Scores of both models together. Every buffer is wiped before it resolves or rejects.
   *
   * @throws what `run` throws
   */
  score(): Promise<Scores>;
  /** Forgets the message. */
  wipe(): void;
}

/** Allocates the buffers for a model that `run` runs. */
export function createEncoder(
  { vocabulary }: Pick<EncoderModel, "vocabulary">,
  settings: EncoderSettings,
  run: RunEncoder,
): Encoder {
  const { windowPieces, stridePieces, maximumWindows, calibration } = settings;
  const pieces = new Int32Array((maximumWindows - 1) * stridePieces + windowPieces);
  const logits = new Float32Array(LABEL_COLUMNS);
  const sums = new Float64Array(LABEL_COLUMNS);
  const whole = new Float64Array(HEADS);
  const highest = new Float64Array(HEADS);
  const head = new Float64Array(HEADS);
  const linear = { whole: new Float64Array(HEADS), window: new Float64Array(HEADS), windows: 0 };
  let count = 0;

  const wipe = (): void => {
    pieces.fill(0);
    for (const buffer of [logits, sums, whole, highest, head, linear.whole, linear.window]) buffer.fill(0);
    linear.windows = 0;
    count = 0;
  };

  const takeWindow = (): void => {
    for (let i = 0; i < LABEL_COLUMNS; i += 1) {
      sums[i] += logits[i];
      head[i] = 0;
    }
    writeHeadLogits(logits, head);
    keepHighest(head, highest);
  };

  const windowAt = (start: number): Int32Array => {
    const end = Math.min(start + windowPieces, count);
    // In memory of their own: V8 keeps short arrays among its objects, moves them about and leaves copies behind.
    const ids = new Int32Array(new ArrayBuffer((end - start + 1) * Int32Array.BYTES_PER_ELEMENT));
    ids[0] = SPECIAL_PIECES.start;
    ids.set(pieces.subarray(start, end), 1);
    return ids;
  };

  return {
    add({ bytes, length }) {
      if (count < pieces.length) count += tokenize(vocabulary, bytes, 0, length, pieces.subarray(count));
    },
    keep(linearWhole, linearWindow, windows) {
      linear.whole.set(linearWhole);
      linear.window.set(linearWindow);
      linear.windows = windows;
    },
    async score() {
      highest.fill(Number.NEGATIVE_INFINITY);
      try {
        const windows = windowStarts(count, settings).map(windowAt);
        await run(windows, logits, takeWindow);
        for (let i = 0; i < LABEL_COLUMNS; i += 1) sums[i] /= windows.length;
        writeHeadLogits(sums, whole);
        return toScores({ ...linear, encoder: whole, encoderWindow: highest }, calibration);
      } finally {
        wipe();
      }
    },
    wipe,
  };
}

/** Where the windows begin: one every stride, and the last one ends with the message. */
function windowStarts(count: number, { windowPieces, stridePieces }: EncoderSettings): number[] {
  const last = Math.max(0, count - windowPieces);
  const starts: number[] = [];
  for (let start = 0; start < last; start += stridePieces) starts.push(start);
  return [...starts, last];
}
