import { readFileSync } from "node:fs";
import { URGENCIES, type Urgency } from "../../src/labels.js";
import type { Scenario } from "../../src/simulation/scenario.js";

/** Names of the scenarios that come with the project. */
export const SCENARIOS = ["night", "text-line", "backlog"] as const;

/** The file of one, as text. */
export function scenarioText(name: (typeof SCENARIOS)[number]): string {
  return readFileSync(new URL(`../../fixtures/simulation/${name}.json`, import.meta.url), "utf8");
}

/** A value for each level. */
export function perLevel<Value>(choose: (level: Urgency) => Value): Record<Urgency, Value> {
  return Object.fromEntries(URGENCIES.map((level) => [level, choose(level)])) as Record<Urgency, Value>;
}

/** A small service: one counsellor, and a little more than they can do. */
export const SMALL: Scenario = {
  name: "small",
  notes: ["Invented."],
  arrivals: { startHour: 8, hours: 6, perHour: new Array(24).fill(7), levels: perLevel(() => 1) },
  counsellors: [{ fromHour: 0, toHour: 24, count: 1, chatsEach: 1 }],
  handlingMinutes: perLevel(() => ({ mean: 10, cv: 0.5 })),
  givenLevels: perLevel((level) => perLevel((given) => (given === level ? 8 : 1))),
  respondWithinMinutes: { immediate: 5, urgent: 30, soon: 60, routine: 120 },
};
