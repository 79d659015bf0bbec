import type { Urgency } from "../labels.js";
import type { MinutesPerLevel } from "../queue/rules.js";
import type { Estimate, WaitFigures } from "./figures.js";
import type { OrderName } from "./orders.js";

/** Figures over all runs; `people` is per run. */
export type WaitEstimates = Readonly<Record<keyof WaitFigures, Estimate>>;

/** One value for each order. */
export type PerOrder<Value> = Readonly<Record<OrderName, Value>>;

/** What came of a simulation. Waits are in minutes, levels the true ones. */
export interface SimulationReport {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly notes: readonly string[];
  readonly seed: number;
  readonly replications: number;
  readonly targets: MinutesPerLevel;
  /** For each true level, the share that is given each level. */
  readonly givenLevels: Readonly<Record<Urgency, Readonly<Record<Urgency, number>>>>;
  /** What people of each level waited; a level is absent when it came in fewer than two runs. */
  readonly levels: PerOrder<Readonly<Partial<Record<Urgency, WaitEstimates>>>>;
  /** The mean wait of all people. */
  readonly everybody: PerOrder<Estimate>;
  /** Waits of immediate people of all runs that 0, 1, 2 to 100 percent do not exceed; empty when there was none. */
  readonly immediatePercentiles: PerOrder<readonly number[]>;
}

/** How the orders are called where people read. */
export const ORDER_NAMES: PerOrder<string> = {
  "first-come": "first come",
  strict: "strict",
  earshot: "Earshot",
};

/** What each order does, for those who read the results. */
export const ORDER_NOTES: readonly string[] = [
  "First come: first served, and the level plays no part.",
  "Strict: by the level that Earshot gives, then who came first; the mildest may wait for ever.",
  "Earshot: by the level that Earshot gives, with turns for who has waited too long. createQueue itself is run.",
];

/** What the simulation leaves out. */
export const LIMITS: readonly string[] = [
  "Nobody gives up waiting, nobody comes twice, and levels do not move while people wait.",
  "Everybody can be helped by every counsellor: languages and skills play no part.",
  "Within a level all have the same priority: how well Earshot orders them there has not been measured.",
  "How long a conversation takes and how often a level is given wrongly do not depend on the hour or the load.",
];

/** How the figures are to be read. */
export const INTERVAL_NOTE =
  "Each figure is the mean over the runs, with the 95% interval of that mean (Student's t). Of fewer than 20 people in a run, 95 of 100 is the longest.";
