import { logitOf } from "../policy/calibration.js";
import type { LogitMap } from "../policy/schema.js";
import type { Column } from "./ranking.js";

const MOST_STEPS = 100;
const SMALLEST_STEP = 1e-10;
/** Added to the diagonal of the Hessian, so that it can always be inverted. */
const RIDGE = 1e-12;
/** What a policy may hold; a fit beyond it says that the data are too few or too strange. */
const LARGEST = 100;

/**
 * Fits the map that makes probabilities come true (Platt 1999, with his regularised targets, by Newton's method with
 * backtracking as in Lin, Lin and Weng 2007).
 *
 * @param probability in [0, 1]
 * @param happened 1 where it came true, else 0; both must occur
 * @returns undefined when higher probabilities do not come true more often, or the fit ends outside what a policy may hold
 */
export function fitLogitMap(probability: Column, happened: Column): LogitMap | undefined {
  const logits = Float64Array.from(probability, logitOf);
  let hits = 0;
  for (let line = 0; line < logits.length; line += 1) hits += happened[line];
  const high = (hits + 1) / (hits + 2);
  const low = 1 / (logits.length - hits + 2);
  const targets = Float64Array.from(logits, (_, line) => (happened[line] ? high : low));
  let slope = 0;
  let offset = Math.log((hits + 1) / (logits.length - hits + 1));
  let loss = lossOf(logits, targets, slope, offset);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const [slopeStep, offsetStep, descent] = newtonStep(logits, targets, slope, offset);
    let share = 1;
    let tried = Number.POSITIVE_INFINITY;
    for (; share > SMALLEST_STEP; share /= 2) {
      tried = lossOf(logits, targets, slope + share * slopeStep, offset + share * offsetStep);
      if (tried < loss + 1e-4 * share * descent) break;
    }
    if (!(tried < loss)) break;
    slope += share * slopeStep;
    offset += share * offsetStep;
    loss = tried;
  }
  return slope > 0 && slope <= LARGEST && Math.abs(offset) <= LARGEST ? { slope, offset } : undefined;
}

function newtonStep(
  logits: Float64Array,
  targets: Float64Array,
  slope: number,
  offset: number,
): readonly [slopeStep: number, offsetStep: number, descent: number] {
  let slopeGradient = 0;
  let offsetGradient = 0;
  let slopeCurvature = RIDGE;
  let offsetCurvature = RIDGE;
  let mixedCurvature = 0;
  for (let line = 0; line < logits.length; line += 1) {
    const logit = logits[line];
    const probability = 1 / (1 + Math.exp(-(slope * logit + offset)));
    const excess = probability - targets[line];
    const curvature = probability * (1 - probability);
    slopeGradient += excess * logit;
    offsetGradient += excess;
    slopeCurvature += curvature * logit * logit;
    offsetCurvature += curvature;
    mixedCurvature += curvature * logit;
  }
  const determinant = slopeCurvature * offsetCurvature - mixedCurvature * mixedCurvature;
  const slopeStep = (mixedCurvature * offsetGradient - offsetCurvature * slopeGradient) / determinant;
  const offsetStep = (mixedCurvature * slopeGradient - slopeCurvature * offsetGradient) / determinant;
  return [slopeStep, offsetStep, slopeGradient * slopeStep + offsetGradient * offsetStep];
}

/** Cross entropy, written so that no logarithm of 0 comes up. */
function lossOf(logits: Float64Array, targets: Float64Array, slope: number, offset: number): number {
  let loss = 0;
  for (let line = 0; line < logits.length; line += 1) {
    const logit = slope * logits[line] + offset;
    loss += Math.max(logit, 0) - targets[line] * logit + Math.log1p(Math.exp(-Math.abs(logit)));
  }
  return loss;
}
