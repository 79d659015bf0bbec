import { EarshotError } from "../errors.js";
import { createRandom } from "../evaluation/random.js";
import { URGENCIES, type Urgency } from "../labels.js";
import { DEFAULT_POLICY } from "../policy/schema.js";
import { drawArrivals, toVisits } from "./arrivals.js";
import { describeWaits, estimate, percentileOf, type WaitFigures } from "./figures.js";
import { ORDERS, type OrderName, openOrder } from "./orders.js";
import type { PerOrder, SimulationReport, WaitEstimates } from "./report.js";
import { runOrder } from "./run.js";
import type { Arrival, Scenario, Visit } from "./scenario.js";

/** How a scenario is run. */
export interface SimulationOptions {
  readonly seed: number;
  /** Independent runs, 5 or more. */
  readonly replications: number;
  /** Levels are given without error, whatever the scenario says. */
  readonly perfect?: boolean;
  /** A record of arrivals, in minutes since a midnight and in order of time, instead of the scenario's model. */
  readonly recorded?: readonly Arrival[];
}

interface Run {
  readonly visits: readonly Visit[];
  readonly waits: PerOrder<Float64Array>;
}

const HOUR = 60;
const PERCENT = 100;
const SEEDS = 0x1_0000_0000;
/** With fewer there is no interval. */
const FEWEST_RUNS = 2;

/**
 * Runs a scenario several times, and serves the same people, with the same conversations and given levels, in each order.
 * The same seed gives the same report.
 *
 * @throws EarshotError `ARRIVALS_MISSING` when there is neither model nor record, or nobody came
 */
export function simulate(original: Scenario, options: SimulationOptions): SimulationReport {
  const { seed, replications, perfect, recorded } = options;
  const scenario = perfect ? { ...original, givenLevels: withoutError() } : original;
  const targets = scenario.respondWithinMinutes ?? DEFAULT_POLICY.respondWithinMinutes;
  const runs = runScenario(scenario, targets, options);

  const warmUp = HOUR * (scenario.warmUpHours ?? 0);
  const firstCounted = warmUp === 0 ? Number.NEGATIVE_INFINITY : (recorded?.[0].atMinutes ?? 0) + warmUp;
  const waitsOf = (order: OrderName, level?: Urgency): number[][] =>
    runs.map(({ visits, waits }) =>
      [...waits[order]].filter((_, index) => {
        const visit = visits[index];
        return visit.atMinutes >= firstCounted && (level === undefined || visit.level === level);
      }),
    );
  const everybody = forEachOrder((order) => estimateWaits(waitsOf(order), 0)?.mean);
  if (!hasEach(everybody)) throw new EarshotError("ARRIVALS_MISSING");
  return {
    schemaVersion: 1,
    name: scenario.name,
    notes: scenario.notes,
    seed,
    replications,
    targets,
    givenLevels: shares(scenario.givenLevels),
    levels: forEachOrder((order) => estimateLevels((level) => estimateWaits(waitsOf(order, level), targets[level]))),
    everybody,
    immediatePercentiles: forEachOrder((order) => percentiles(waitsOf(order, "immediate").flat())),
  };
}

function runScenario(
  scenario: Scenario,
  respondWithinMinutes: Scenario["respondWithinMinutes"] & object,
  { seed, replications, recorded }: SimulationOptions,
): readonly Run[] {
  const { arrivals: model, counsellors, queue: rules = {} } = scenario;
  if (recorded === undefined && model === undefined) throw new EarshotError("ARRIVALS_MISSING");
  const startMinute = recorded === undefined ? HOUR * (model?.startHour ?? 0) : 0;
  const seeds = createRandom(seed);
  return Array.from({ length: replications }, () => {
    const random = createRandom(Math.floor(seeds() * SEEDS));
    const arrivals = recorded ?? (model === undefined ? [] : drawArrivals(model, random));
    const visits = toVisits(arrivals, scenario, random);
    const waits = forEachOrder((name) =>
      runOrder(visits, counsellors, startMinute, openOrder(name, { policy: { respondWithinMinutes }, rules })),
    );
    return { visits, waits };
  });
}

/** Estimates every figure over the runs in which somebody waited. */
function estimateWaits(runs: readonly (readonly number[])[], targetMinutes: number): WaitEstimates | undefined {
  const described = runs.filter(({ length }) => length > 0).map((waits) => describeWaits(waits, targetMinutes));
  if (described.length < FEWEST_RUNS) return undefined;
  const of = (name: keyof WaitFigures, highest?: number): WaitEstimates["mean"] =>
    estimate(
      described.map((figures) => figures[name]),
      0,
      highest,
    );
  return {
    people: of("people"),
    mean: of("mean"),
    median: of("median"),
    p95: of("p95"),
    withinTarget: of("withinTarget", 1),
    longest: of("longest"),
  };
}

function estimateLevels(
  estimateOf: (level: Urgency) => WaitEstimates | undefined,
): Readonly<Partial<Record<Urgency, WaitEstimates>>> {
  return Object.fromEntries(
    URGENCIES.map((level) => [level, estimateOf(level)] as const).filter(([, estimates]) => estimates !== undefined),
  );
}

function percentiles(waits: readonly number[]): readonly number[] {
  if (waits.length === 0) return [];
  const sorted = Float64Array.from(waits).sort();
  return Array.from({ length: PERCENT + 1 }, (_, percent) => percentileOf(sorted, percent));
}

function shares(weights: Scenario["givenLevels"]): Scenario["givenLevels"] {
  return perLevel((level) => {
    const total = URGENCIES.reduce((sum, given) => sum + weights[level][given], 0);
    return perLevel((given) => weights[level][given] / total);
  });
}

function withoutError(): Scenario["givenLevels"] {
  return perLevel((level) => perLevel((given) => (given === level ? 1 : 0)));
}

function perLevel<Value>(choose: (level: Urgency) => Value): Readonly<Record<Urgency, Value>> {
  return Object.fromEntries(URGENCIES.map((level) => [level, choose(level)])) as Record<Urgency, Value>;
}

function forEachOrder<Value>(choose: (order: OrderName) => Value): PerOrder<Value> {
  return Object.fromEntries(ORDERS.map((order) => [order, choose(order)])) as Record<OrderName, Value>;
}

function hasEach<Value>(values: PerOrder<Value | undefined>): values is PerOrder<Value> {
  return ORDERS.every((order) => values[order] !== undefined);
}
