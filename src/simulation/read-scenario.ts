import * as z from "zod";
import { EarshotError } from "../errors.js";
import { URGENCIES } from "../labels.js";
import { DEFAULT_POLICY } from "../policy/schema.js";
import { completeRules } from "../queue/rules.js";
import type { Scenario } from "./scenario.js";

const amount = z.number().min(0).max(1e9);
const hour = z.number().min(0).max(24);
const minutes = z.number().positive().max(1e6);
function perLevel<Value extends z.ZodType>(value: Value) {
  return z.record(z.enum(URGENCIES), value);
}
const weights = perLevel(amount).refine((values) => URGENCIES.some((level) => values[level] > 0));
const text = z.string().min(1).max(2000);

// Strict throughout, so that a misspelt field is an error and not a silently missing setting.
const scenarioSchema = z.strictObject({
  name: text,
  notes: z.array(text).max(50),
  arrivals: z
    .strictObject({
      startHour: z.int().min(0).max(23),
      hours: z
        .number()
        .positive()
        .max(24 * 366),
      perHour: z.array(z.number().min(0).max(1e5)).length(24),
      levels: weights,
      waitingAtStart: z.strictObject({ count: z.int().min(0).max(1e6), overMinutes: amount }).exactOptional(),
    })
    .exactOptional(),
  warmUpHours: amount.exactOptional(),
  counsellors: z
    .array(
      z.strictObject({
        fromHour: hour,
        toHour: hour,
        count: z.int().min(0).max(1e5),
        chatsEach: z.int().min(1).max(100),
      }),
    )
    // With nobody at any hour those who wait would never be served.
    .refine((shifts) => shifts.some(({ count }) => count > 0)),
  handlingMinutes: perLevel(z.strictObject({ mean: minutes, cv: z.number().min(0).max(10) })),
  givenLevels: perLevel(weights),
  respondWithinMinutes: perLevel(minutes).exactOptional(),
  queue: z.looseObject({}).exactOptional(),
});

/**
 * Reads a scenario.
 *
 * @throws EarshotError `SCENARIO_INVALID` when it is not JSON or anything is missing, unknown or out of range
 */
export function parseScenario(json: string): Scenario {
  try {
    const scenario = scenarioSchema.parse(JSON.parse(json)) as Scenario;
    const { respondWithinMinutes = DEFAULT_POLICY.respondWithinMinutes, queue = {} } = scenario;
    if ("maximumTickets" in queue) throw new EarshotError("SCENARIO_INVALID");
    completeRules(respondWithinMinutes, queue);
    return scenario;
  } catch {
    throw new EarshotError("SCENARIO_INVALID");
  }
}
