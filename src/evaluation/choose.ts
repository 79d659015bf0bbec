import { mapProbability } from "../policy/calibration.js";
import type { ChosenLevel } from "./calibrated-policy.js";
import { isAtLeast } from "./figures.js";
import { dealFolds } from "./folds.js";
import { type Columns, selectLines } from "./observations.js";
import { fitLogitMap } from "./platt.js";
import { thresholdForFalseAlarms, thresholdForSensitivity } from "./threshold.js";

/** What the thresholds have to reach, each a share in (0, 1). */
export type CalibrationTarget =
  | {
      /** Share of the messages at a level, or a graver one, that are put there. */
      readonly sensitivity: number;
    }
  | {
      /** Share of the messages below a level that are put there all the same. */
      readonly falseAlarms: number;
    };

/** The probabilities that have a threshold of their own, gravest first; their places are those of the levels. */
export const HEADS = ["immediate", "urgent"] as const;

/** What some lines gave. */
type Choice = readonly [immediate: ChosenLevel, urgent: ChosenLevel];

/**
 * Maps and thresholds from some lines.
 *
 * @param columns levels as rules alone give them
 * @throws EarshotError `TARGET_UNREACHABLE`
 */
export function choose(columns: Columns, target: CalibrationTarget): Choice {
  const maps = HEADS.map((head, rank) => fitHead(columns[head], isAtLeast(columns, rank)));
  const mapped = mapHeads(columns, maps);
  const [immediate, urgent] = HEADS.map((_, rank) => {
    const scores = mapped[rank].map((score, line) => {
      if (isRaised(columns, line, rank)) return Number.POSITIVE_INFINITY;
      return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
    });
    const isPositive = isAtLeast(columns, rank);
    const positives = scores.filter((_score, line) => isPositive[line] === 1);
    const negatives = scores.filter((_score, line) => isPositive[line] === 0);
    const finite = scores.filter(Number.isFinite);
    return "sensitivity" in target
      ? thresholdForSensitivity(positives, finite, target.sensitivity)
      : thresholdForFalseAlarms(negatives, finite, target.falseAlarms);
  });
  // A message over the threshold of `immediate` is urgent too. The threshold that gives way is the one that keeps its promise.
  const nested =
    "sensitivity" in target ? [immediate, Math.min(immediate, urgent)] : [Math.max(immediate, urgent), urgent];
  const chosen = (rank: 0 | 1): ChosenLevel => {
    const map = maps[rank];
    return { threshold: nested[rank], ...(map !== undefined && { map }) };
  };
  return [chosen(0), chosen(1)];
}

/** Whether a line is put at a level whatever its threshold. One with a probability of 1 reaches any, but not once it is mapped. */
function isRaised(columns: Columns, line: number, rank: number): boolean {
  return columns.level[line] <= rank && columns[HEADS[rank]][line] !== 1;
}

function fitHead(scores: Float64Array, happened: Uint8Array): ChosenLevel["map"] {
  const isScored = (_: number, line: number): boolean => !Number.isNaN(scores[line]);
  const known = happened.filter(isScored);
  return known.includes(0) && known.includes(1) ? fitLogitMap(scores.filter(isScored), known) : undefined;
}

/** The two probabilities as `calibrateUrgency` gives them. */
function mapHeads(columns: Columns, maps: ReadonlyArray<ChosenLevel["map"]>): readonly [Float64Array, Float64Array] {
  const immediate = columns.immediate.map((score) => mapProbability(score, maps[0]));
  const urgent = columns.urgent.map((score, line) => Math.max(immediate[line], mapProbability(score, maps[1])));
  return [immediate, urgent];
}

/** What happened to the lines when they had no part in the choice. */
export interface HeldOut {
  /** The mapped probability, not a number where there was no score. */
  readonly probability: Float64Array;
  /** 1 where the line was put at the level or a graver one. */
  readonly alerted: Uint8Array;
}

/** Chooses on all folds but one and applies the choice to that one, in turn (cross-fitting). */
export function crossFit(
  columns: Columns,
  target: CalibrationTarget,
  folds: number,
  seed: number,
): readonly [HeldOut, HeldOut] {
  const lines = columns.level.length;
  const fold = dealFolds(columns.trueLevel, folds, seed);
  const empty = (): HeldOut => ({ probability: new Float64Array(lines), alerted: new Uint8Array(lines) });
  const heldOut: readonly [HeldOut, HeldOut] = [empty(), empty()];
  for (let round = 0; round < folds; round += 1) {
    const choice = choose(
      selectLines(columns, (line) => fold[line] !== round),
      target,
    );
    const mapped = mapHeads(
      columns,
      choice.map(({ map }) => map),
    );
    for (let line = 0; line < lines; line += 1) {
      if (fold[line] !== round) continue;
      for (const [rank, { probability, alerted }] of heldOut.entries()) {
        probability[line] = mapped[rank][line];
        alerted[line] = isRaised(columns, line, rank) || mapped[rank][line] >= choice[rank].threshold ? 1 : 0;
      }
    }
  }
  return heldOut;
}
