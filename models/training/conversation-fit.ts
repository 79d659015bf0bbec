/** One conversation as it is learned from. */
export interface Sequence {
  /** Features after each turn. */
  readonly rows: readonly Float64Array[];
  readonly isPositive: readonly boolean[];
  /** Index of the first turn that is positive; null for none. */
  readonly first: number | null;
}

const STEPS = 600;
const RATE = 0.05;
/** How sharply the highest turn of a conversation stands for all of it. */
const SHARPNESS = 2;
/** What each part of the loss counts for; chosen by cross-validation on the training conversations. */
const WEIGHT = { firstTurn: 1, anyTurn: 0.3, falseAlarm: 1, everyTurn: 0.2, early: 0.1 };

/**
 * Logistic regression for when a conversation first reaches a level. What counts is the conversation: of a positive one
 * the labelled first turn, of a negative one its highest turn (a soft maximum); single turns count little. Weights of
 * features that are risk stay at 0 or above. Projected Adam (Kingma and Ba 2015) over all data at once, without chance.
 *
 * @param isFree per feature, whether its weight may be below 0
 * @param penalty on the squares of the weights of features scaled to unit variance
 */
export function fitLogistic(
  sequences: readonly Sequence[],
  isFree: readonly boolean[],
  penalty: number,
): { weights: number[]; bias: number } {
  const width = isFree.length;
  const scales = scalesOf(sequences, width);
  const data = sequences.map((sequence) => ({
    ...sequence,
    rows: sequence.rows.map((row) => row.map((value, index) => value / scales[index])),
  }));
  const parameters = new Float64Array(width + 1);
  const first = new Float64Array(width + 1);
  const second = new Float64Array(width + 1);
  for (let step = 1; step <= STEPS; step += 1) {
    const slope = gradient(data, parameters, penalty);
    const rate = RATE * 0.5 * (1 + Math.cos((Math.PI * step) / STEPS));
    for (let index = 0; index <= width; index += 1) {
      first[index] = 0.9 * first[index] + 0.1 * slope[index];
      second[index] = 0.999 * second[index] + 0.001 * slope[index] ** 2;
      const mean = first[index] / (1 - 0.9 ** step);
      const spread = Math.sqrt(second[index] / (1 - 0.999 ** step)) + 1e-8;
      const next = parameters[index] - (rate * mean) / spread;
      parameters[index] = index === width || isFree[index] ? next : Math.max(next, 0);
    }
  }
  return {
    weights: [...parameters.subarray(0, width)].map((value, index) => value / scales[index]),
    bias: parameters[width],
  };
}

function scalesOf(sequences: readonly Sequence[], width: number): Float64Array {
  const rows = sequences.flatMap((sequence) => sequence.rows);
  return Float64Array.from({ length: width }, (_, index) => {
    const mean = rows.reduce((sum, row) => sum + row[index], 0) / rows.length;
    const variance = rows.reduce((sum, row) => sum + (row[index] - mean) ** 2, 0) / rows.length;
    // A feature that hardly ever moves must not be blown up.
    return Math.sqrt(variance) + 0.05;
  });
}

function gradient(data: readonly Sequence[], parameters: Float64Array, penalty: number): Float64Array {
  const width = parameters.length - 1;
  const slope = new Float64Array(width + 1);
  for (const { rows, isPositive, first } of data) {
    const logits = rows.map((row) => dot(row, parameters));
    const pulls = new Float64Array(rows.length);
    for (let turn = 0; turn < rows.length; turn += 1)
      pulls[turn] += (WEIGHT.everyTurn / rows.length) * (sigmoid(logits[turn]) - Number(isPositive[turn]));
    if (first === null) pull(logits, rows.length, false, WEIGHT.falseAlarm, pulls);
    else {
      pulls[first] += WEIGHT.firstTurn * (sigmoid(logits[first]) - 1);
      pull(logits, rows.length, true, WEIGHT.anyTurn, pulls);
      if (first > 0) pull(logits, first, false, WEIGHT.early, pulls);
    }
    for (let turn = 0; turn < rows.length; turn += 1) {
      const amount = pulls[turn] / data.length;
      for (let index = 0; index < width; index += 1) slope[index] += amount * rows[turn][index];
      slope[width] += amount;
    }
  }
  for (let index = 0; index < width; index += 1) slope[index] += penalty * parameters[index];
  return slope;
}

/** Adds the slope of the logistic loss of the soft maximum of the first `count` logits. */
function pull(
  logits: readonly number[],
  count: number,
  isPositive: boolean,
  weight: number,
  pulls: Float64Array,
): void {
  const highest = Math.max(...logits.slice(0, count));
  const shares = logits.slice(0, count).map((logit) => Math.exp(SHARPNESS * (logit - highest)));
  const sum = shares.reduce((total, share) => total + share, 0);
  const maximum = highest + Math.log(sum / count) / SHARPNESS;
  const error = weight * (sigmoid(maximum) - Number(isPositive));
  for (let turn = 0; turn < count; turn += 1) pulls[turn] += (error * shares[turn]) / sum;
}

function dot(row: Float64Array, parameters: Float64Array): number {
  let sum = parameters[row.length];
  for (let index = 0; index < row.length; index += 1) sum += row[index] * parameters[index];
  return sum;
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
