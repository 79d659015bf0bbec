import * as z from "zod";
import { EarshotError } from "../errors.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../labels.js";
import type { Policy } from "./schema.js";

const threshold = z.number().gt(0).max(1);
const minutes = z
  .number()
  .positive()
  .max(365 * 24 * 60);
const urgency = z.enum(URGENCIES);
const category = z.enum(CATEGORIES);
const signal = z.enum(SIGNALS);

const logitMap = z.strictObject({ slope: z.number().positive().max(100), offset: z.number().min(-100).max(100) });

// Strict throughout, so that a misspelt field is an error and not a silently missing setting.
const policySchema: z.ZodType<Policy> = z
  .strictObject({
    name: z.string().regex(/^[\w.-]{1,64}$/),
    version: z.string().regex(/^[\w.+-]{1,64}$/),
    calibration: z
      .strictObject({
        immediate: logitMap.exactOptional(),
        urgent: logitMap.exactOptional(),
        soon: logitMap.exactOptional(),
      })
      .exactOptional(),
    urgencyThresholds: z
      .strictObject({
        immediate: threshold.exactOptional(),
        urgent: threshold.exactOptional(),
        soon: threshold.exactOptional(),
        doubt: threshold.exactOptional(),
        doubtRatio: z.number().positive().max(1000).exactOptional(),
      })
      .exactOptional(),
    categoryThresholds: z
      .strictObject({
        default: threshold.exactOptional(),
        overrides: z.partialRecord(category, threshold).exactOptional(),
      })
      .exactOptional(),
    signalThresholds: z
      .strictObject({
        default: threshold.exactOptional(),
        overrides: z.partialRecord(signal, threshold).exactOptional(),
      })
      .exactOptional(),
    respondWithinMinutes: z.record(urgency, minutes),
    minimumLevelByCategory: z.partialRecord(category, urgency),
    reviewLevels: z.strictObject({
      LOW_CONFIDENCE: z.enum(["soon", "routine"]),
      LANGUAGE_UNKNOWN: urgency,
      LANGUAGE_UNSUPPORTED: urgency,
      TRUNCATED: urgency,
      UNDECODABLE: urgency,
      MODEL_UNAVAILABLE: urgency,
      SECOND_LOOK_SKIPPED: urgency,
    }),
    lowConfidence: z.strictObject({ immediate: threshold, urgentOrGraver: threshold }),
    secondLook: z
      .strictObject({ riskFrom: z.number().min(0).max(1), immediateUpTo: z.number().min(0).max(1) })
      .nullable()
      .exactOptional(),
    displayNames: z.partialRecord(urgency, z.string().min(1).max(64)).exactOptional(),
  })
  .refine(
    ({ respondWithinMinutes: { immediate, urgent, soon, routine } }) =>
      immediate <= urgent && urgent <= soon && soon <= routine,
  );

/**
 * Returns a checked copy of an operator's policy. Imported only when there is one, because loading zod costs more than
 * the rest of the start-up.
 *
 * @throws EarshotError POLICY_INVALID when anything is missing, unknown, out of range or contradictory.
 */
export function parsePolicy(value: unknown): Policy {
  try {
    return policySchema.parse(value);
  } catch {
    throw new EarshotError("POLICY_INVALID");
  }
}
