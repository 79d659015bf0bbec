import { CATEGORIES, SIGNALS, URGENCIES } from "../labels.js";
import type { Scores } from "../types.js";
import type { HeadCalibration } from "./manifest.js";

const LEVELS = URGENCIES.length;
const CUMULATIVE = LEVELS - 1;

/**
 * Turns the model's logits into one logit per head: of "at least this grave" for the three graver levels, from the
 * softmax over four, and the logit itself for categories and signals.
 *
 * @param logits one per column: levels, categories, signals
 * @param heads gets one number fewer
 */
export function writeHeadLogits(logits: Float64Array | Float32Array, heads: Float64Array): void {
  for (let level = 0; level < CUMULATIVE; level += 1)
    heads[level] = logSumExp(logits, 0, level + 1) - logSumExp(logits, level + 1, LEVELS);
  for (let head = CUMULATIVE; head < heads.length; head += 1) heads[head] = logits[head + 1];
}

function logSumExp(values: Float64Array | Float32Array, first: number, last: number): number {
  let highest = values[first];
  for (let i = first + 1; i < last; i += 1) highest = Math.max(highest, values[i]);
  let sum = 0;
  for (let i = first; i < last; i += 1) sum += Math.exp(values[i] - highest);
  return highest + Math.log(sum);
}

/** Raises each number of `highest` to that of `values`. */
export function keepHighest(values: Float64Array, highest: Float64Array): void {
  for (let i = 0; i < values.length; i += 1) if (values[i] > highest[i]) highest[i] = values[i];
}

/** Head logits that one message got: from the linear model, and from the encoder where it ran. */
export interface HeadLogits {
  /** Of the whole message. */
  readonly whole: Float64Array;
  /** The highest of any window; not looked at when `windows` is 0. */
  readonly window: Float64Array;
  readonly windows: number;
  readonly encoder?: Float64Array;
  readonly encoderWindow?: Float64Array;
}

/**
 * Calibrated probabilities of all labels (Platt scaling; for long messages, or with two models, a logistic regression on
 * the logits of the whole and the highest of a window, so that one sentence in a long text is not averaged away).
 */
export function toScores(logits: HeadLogits, calibration: readonly HeadCalibration[]): Scores {
  const { whole, window, windows, encoder, encoderWindow } = logits;
  const probability = (head: number): number => {
    const slopes = windows === 0 ? calibration[head].short : calibration[head].long;
    let logit = slopes.whole * whole[head] + slopes.offset;
    if (windows > 0) logit += slopes.window * window[head];
    if (encoder && slopes.encoder) logit += slopes.encoder * encoder[head];
    if (encoderWindow && slopes.encoderWindow) logit += slopes.encoderWindow * encoderWindow[head];
    return 1 / (1 + Math.exp(-logit));
  };
  // Heads are calibrated one by one, so that a graver level could come out likelier than "this or graver".
  const immediate = probability(0);
  const urgent = Math.max(immediate, probability(1));
  const soon = Math.max(urgent, probability(2));
  return {
    urgency: { immediate, urgent: urgent - immediate, soon: soon - urgent, routine: 1 - soon },
    categories: toRecord(CATEGORIES, (i) => probability(CUMULATIVE + i)),
    signals: toRecord(SIGNALS, (i) => probability(CUMULATIVE + CATEGORIES.length + i)),
  };
}

function toRecord<Label extends string>(
  labels: readonly Label[],
  value: (index: number) => number,
): Record<Label, number> {
  const record = {} as Record<Label, number>;
  for (let index = 0; index < labels.length; index += 1) record[labels[index]] = value(index);
  return record;
}
