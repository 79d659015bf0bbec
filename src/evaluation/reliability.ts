import { type Estimate, proportion } from "./intervals.js";
import type { Column } from "./ranking.js";

/** Lines whose probability lies in [`from`, `to`), the last bin with its upper end. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  /** Mean probability of its lines. */
  readonly predicted: number;
  /** Share of its lines in which it came true. */
  readonly observed: Estimate;
}

/** Bins of equal width. */
export const BINS = 10;

/**
 * Expected calibration error: the mean distance of probability and frequency over ten bins of equal width, each weighing
 * as much as it holds lines (Naeini, Cooper and Hauskrecht 2015).
 *
 * @param probability in [0, 1]
 * @param happened 1 where it came true, else 0
 * @param counts how often each line counts
 * @returns in [0, 1]; not a number without lines
 */
export function calibrationError(probability: Column, happened: Column, counts: Column): number {
  const { lines, predicted, hits } = sumBins(probability, happened, counts);
  let distance = 0;
  let total = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    distance += Math.abs(predicted[bin] - hits[bin]);
    total += lines[bin];
  }
  return distance / total;
}

/** The bins that hold lines, for a reliability diagram. */
export function reliabilityBins(probability: Column, happened: Column): readonly ReliabilityBin[] {
  const { lines, predicted, hits } = sumBins(probability, happened, new Uint8Array(probability.length).fill(1));
  const bins: ReliabilityBin[] = [];
  for (let bin = 0; bin < BINS; bin += 1) {
    const observed = proportion(hits[bin], lines[bin]);
    if (observed === undefined) continue;
    bins.push({ from: bin / BINS, to: (bin + 1) / BINS, predicted: predicted[bin] / lines[bin], observed });
  }
  return bins;
}

function sumBins(probability: Column, happened: Column, counts: Column) {
  const lines = new Float64Array(BINS);
  const predicted = new Float64Array(BINS);
  const hits = new Float64Array(BINS);
  for (let line = 0; line < probability.length; line += 1) {
    const bin = Math.min(Math.floor(probability[line] * BINS), BINS - 1);
    lines[bin] += counts[line];
    predicted[bin] += probability[line] * counts[line];
    hits[bin] += happened[line] * counts[line];
  }
  return { lines, predicted, hits };
}
