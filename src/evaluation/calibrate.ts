import { EarshotError } from "../errors.js";
import { DEFAULT_POLICY, type Policy } from "../policy/schema.js";
import { type ChosenLevel, calibratedPolicy } from "./calibrated-policy.js";
import { type CalibrationTarget, choose, crossFit, HEADS, type HeldOut } from "./choose.js";
import { isAtLeast, levelLines } from "./figures.js";
import { bootstrap, DEFAULT_SAMPLING, type Estimate, proportion, type Sampling } from "./intervals.js";
import { type Columns, inFixedOrder, type LabelledAssessment, observe } from "./observations.js";
import { calibrationError } from "./reliability.js";

/** How to calibrate. */
export interface CalibrateOptions {
  /** Everything but the two thresholds and the calibration is taken from it; the default policy if left out. */
  readonly policy?: Policy;
  /** Sensitivity 0.95 if left out. */
  readonly target?: CalibrationTarget;
  /** Also estimate alerts an hour, at so many messages. */
  readonly messagesPerHour?: number;
  readonly sampling?: Sampling;
}

/** What was chosen for a level, and how it does on lines that had no part in the choice. */
export interface LevelCalibration extends ChosenLevel {
  /** `urgent` stands for this level or the graver one. */
  readonly level: "immediate" | "urgent";
  readonly positives: number;
  readonly negatives: number;
  readonly sensitivity: Estimate;
  /** Missing when no line was put at the level. */
  readonly precision?: Estimate;
  readonly falseAlarms: Estimate;
  /** Share of all lines that are put at the level: what a counsellor would be called to, if messages come in the mix of these lines. */
  readonly alerts: Estimate;
  readonly alertsPerHour?: Estimate;
  /** Of the model's own probability, and of the mapped one; missing when no line was scored. */
  readonly calibrationErrorBefore?: Estimate;
  readonly calibrationErrorAfter?: Estimate;
}

/** The outcome of a calibration. */
export interface CalibrationReport {
  readonly schemaVersion: 1;
  /** Lines with a true level. */
  readonly lines: number;
  /** Lines that could not be read or have no true level; only where a command read them. */
  readonly rejected?: number;
  readonly target: CalibrationTarget;
  readonly folds: number;
  readonly sampling: Sampling;
  /** `name@version` of the pack, where the assessments say it. */
  readonly pack?: string;
  readonly levels: readonly [immediate: LevelCalibration, urgent: LevelCalibration];
  /** To be used as it is; chosen on all lines. */
  readonly policy: Policy;
}

/**
 * Lines at a level or a graver one, and lines below it, that it takes to choose a threshold. With 30, the 5% that may be
 * missed are one line, and a sensitivity of 29 in 30 has an interval from 0.83 to 0.99; with fewer a threshold would rest
 * on a single message, and nobody could tell a good one from a bad one.
 */
export const FEWEST_CALIBRATION_LINES = 30;
const FOLDS = 5;

/**
 * Chooses the thresholds of `immediate` and `urgent` on a helpline's own labelled messages, and a map that corrects each of
 * the two probabilities. The policy is chosen on all lines; what is reported comes from five rounds in which it was chosen
 * on four fifths and applied to the rest (cross-fitting), so that no line judges a threshold that it helped to choose.
 *
 * The threshold of `soon` stays as it was: nobody is called for that level. What rules, minimum levels and review codes
 * raise is raised whatever the thresholds, and counts as such.
 *
 * @param labelled assessments by a triage with `policyForCalibration(policy)`; only their `urgency` labels count
 * @throws EarshotError `DATA_TOO_FEW`, `TARGET_UNREACHABLE`, `LABEL_INVALID`, `INPUT_INVALID`
 */
export async function calibrate(
  labelled: AsyncIterable<LabelledAssessment> | Iterable<LabelledAssessment>,
  options: CalibrateOptions = {},
): Promise<CalibrationReport> {
  const { policy = DEFAULT_POLICY, target = { sensitivity: 0.95 }, sampling = DEFAULT_SAMPLING } = options;
  checkTarget(target);
  const observations = await observe(labelled);
  const columns = inFixedOrder(levelLines(observations.columns));
  checkCounts(columns);
  const choice = choose(columns, target);
  const heldOut = crossFit(columns, target, FOLDS, sampling.seed);
  return {
    schemaVersion: 1,
    lines: columns.level.length,
    target,
    folds: FOLDS,
    sampling,
    ...(observations.pack !== undefined && { pack: observations.pack }),
    levels: [
      report(columns, 0, choice[0], heldOut[0], options.messagesPerHour, sampling),
      report(columns, 1, choice[1], heldOut[1], options.messagesPerHour, sampling),
    ],
    policy: calibratedPolicy(policy, ...choice),
  };
}

function checkTarget(target: CalibrationTarget): void {
  const share = "sensitivity" in target ? target.sensitivity : target.falseAlarms;
  if (!(share > 0 && share < 1)) throw new EarshotError("INPUT_INVALID");
}

function checkCounts(columns: Columns): void {
  const lines = columns.level.length;
  const immediate = isAtLeast(columns, 0).reduce((sum, is) => sum + is, 0);
  const urgentOrAbove = isAtLeast(columns, 1).reduce((sum, is) => sum + is, 0);
  const counts = { immediate, notImmediate: lines - immediate, urgentOrAbove, belowUrgent: lines - urgentOrAbove };
  if (Object.values(counts).some((count) => count < FEWEST_CALIBRATION_LINES))
    throw new EarshotError("DATA_TOO_FEW", { ...counts, needed: FEWEST_CALIBRATION_LINES });
}

function report(
  columns: Columns,
  rank: 0 | 1,
  chosen: ChosenLevel,
  { probability, alerted }: HeldOut,
  messagesPerHour: number | undefined,
  sampling: Sampling,
): LevelCalibration {
  const lines = columns.level.length;
  const isPositive = isAtLeast(columns, rank);
  const positives = isPositive.reduce((sum, is) => sum + is, 0);
  const alerts = alerted.reduce((sum, is) => sum + is, 0);
  const found = alerted.reduce((sum, is, line) => sum + (is & isPositive[line]), 0);
  const isScored = (_: number, line: number): boolean => !Number.isNaN(probability[line]);
  const happened = isPositive.filter(isScored);
  const before = columns[HEADS[rank]].filter(isScored);
  const after = probability.filter(isScored);
  const [errorBefore, errorAfter] = bootstrap(
    happened.length,
    (counts) => [calibrationError(before, happened, counts), calibrationError(after, happened, counts)],
    sampling,
  );
  const precision = proportion(found, alerts);
  const share = present(proportion(alerts, lines));
  return {
    level: HEADS[rank],
    ...chosen,
    positives,
    negatives: lines - positives,
    sensitivity: present(proportion(found, positives)),
    ...(precision && { precision }),
    falseAlarms: present(proportion(alerts - found, lines - positives)),
    alerts: share,
    ...(messagesPerHour !== undefined && { alertsPerHour: scaled(share, messagesPerHour) }),
    ...(errorBefore && { calibrationErrorBefore: errorBefore }),
    ...(errorAfter && { calibrationErrorAfter: errorAfter }),
  };
}

/** For shares of lines of which there are enough, as `checkCounts` made sure. */
function present(estimate: Estimate | undefined): Estimate {
  if (estimate === undefined) throw new EarshotError("INTERNAL");
  return estimate;
}

function scaled({ value, low, high, n }: Estimate, factor: number): Estimate {
  return { value: value * factor, low: low * factor, high: high * factor, n };
}
