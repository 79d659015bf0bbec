import type { LogitMap, Policy, UrgencyThresholds } from "../policy/schema.js";
import { hashBytes } from "../text/hash.js";

/** What was chosen for one level. */
export interface ChosenLevel {
  readonly threshold: number;
  /** Missing when none could be fitted: the probabilities stay as they are. */
  readonly map?: LogitMap;
}

/** 1 in effect switches the second way to `urgent` off: each level has one threshold, which is the one that was chosen. */
const NO_DOUBT: Pick<UrgencyThresholds, "doubt"> = { doubt: 1 };
const UNREACHED: UrgencyThresholds = { immediate: 1, urgent: 1, soon: 1, doubt: 1, doubtRatio: 1 };
const LONGEST_NAME = 64;
const SUFFIX = "-calibrated";

/**
 * The policy to score with before thresholds are chosen: no threshold is reached, so that the level says what rules,
 * categories and doubts ask for whatever the thresholds, and the probabilities are those of the model.
 */
export function policyForCalibration(policy: Policy): Policy {
  const { calibration: _, ...rest } = policy;
  return { ...rest, urgencyThresholds: UNREACHED };
}

/** A policy with what was chosen, and otherwise as it was; its version names its own contents. */
export function calibratedPolicy(policy: Policy, immediate: ChosenLevel, urgent: ChosenLevel): Policy {
  const { calibration: _, urgencyThresholds, name, version, ...rest } = policy;
  const base = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
  const chosen = {
    ...rest,
    ...((immediate.map !== undefined || urgent.map !== undefined) && {
      calibration: {
        ...(immediate.map && { immediate: immediate.map }),
        ...(urgent.map && { urgent: urgent.map }),
      },
    }),
    urgencyThresholds: {
      ...urgencyThresholds,
      immediate: immediate.threshold,
      urgent: urgent.threshold,
      ...NO_DOUBT,
    },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(chosen));
  const contents = (hashBytes(bytes, 0, bytes.length) >>> 0).toString(16).padStart(8, "0");
  return {
    name: base.slice(0, LONGEST_NAME - SUFFIX.length) + SUFFIX,
    version: `${version.split("+")[0].slice(0, LONGEST_NAME - contents.length - 1)}+${contents}`,
    ...chosen,
  };
}
