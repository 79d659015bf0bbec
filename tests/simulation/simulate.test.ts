import { describe, expect, it } from "vitest";
import { ORDERS } from "../../src/simulation/orders.js";
import { parseScenario } from "../../src/simulation/read-scenario.js";
import type { Arrival } from "../../src/simulation/scenario.js";
import { simulate } from "../../src/simulation/simulate.js";
import { SCENARIOS, SMALL, scenarioText } from "./scenarios.js";

const options = { seed: 1, replications: 10 };
const report = simulate(SMALL, options);
const missing = expect.objectContaining({ code: "ARRIVALS_MISSING" });

describe("simulate", () => {
  it("gives the same for the same seed, and something else for another", () => {
    expect(simulate(SMALL, options)).toEqual(report);
    expect(simulate(SMALL, { ...options, seed: 2 }).everybody).not.toEqual(report.everybody);
  });

  it("serves the same people in each order", () => {
    const people = ORDERS.map((order) => report.levels[order].soon?.people);
    expect(people).toEqual([people[0], people[0], people[0]]);
    expect(people[0]?.value).toBeGreaterThan(5);
  });

  it("lets the gravest wait least where levels count, and all alike where they do not", () => {
    const medians = ORDERS.map((order) => [
      report.levels[order].immediate?.median.value ?? Number.NaN,
      report.levels[order].routine?.median.value ?? Number.NaN,
    ]);
    const [[firstComeGrave, firstComeMild], [strictGrave, strictMild], [grave, mild]] = medians;
    expect(Math.abs(firstComeGrave / firstComeMild - 1)).toBeLessThan(0.5);
    expect(strictGrave * 3).toBeLessThan(strictMild);
    expect(grave * 3).toBeLessThan(mild);
  });

  it("keeps the mean wait of everybody, within its interval", () => {
    const [first, ...others] = ORDERS.map((order) => simulate(SMALL, { seed: 5, replications: 60 }).everybody[order]);
    for (const { low, high } of others) {
      expect(low).toBeLessThan(first.high);
      expect(high).toBeGreaterThan(first.low);
    }
  });

  it("takes levels as given, or without error when asked to", () => {
    const perfect = simulate(SMALL, { ...options, perfect: true });
    expect(report.givenLevels.immediate).toEqual({ immediate: 8 / 11, urgent: 1 / 11, soon: 1 / 11, routine: 1 / 11 });
    expect(perfect.givenLevels.immediate).toEqual({ immediate: 1, urgent: 0, soon: 0, routine: 0 });
    const p95 = ({ levels }: typeof report): number => levels.strict.immediate?.p95.value ?? Number.NaN;
    expect(p95(perfect)).toBeLessThan(p95(report));
  });

  it("has a curve of immediate people for each order", () => {
    for (const order of ORDERS) {
      const curve = report.immediatePercentiles[order];
      expect(curve).toHaveLength(101);
      expect(curve).toEqual(curve.toSorted((left, right) => left - right));
    }
  });

  it("serves a record of arrivals at its own times", () => {
    const recorded: Arrival[] = [
      { atMinutes: 600, level: "routine", handlingMinutes: 10 },
      { atMinutes: 601, level: "routine", handlingMinutes: 10 },
      { atMinutes: 602, level: "immediate", handlingMinutes: 10 },
    ];
    const { levels, everybody } = simulate(SMALL, { ...options, perfect: true, recorded });
    expect(everybody["first-come"]).toEqual({ value: 9, low: 9, high: 9 });
    expect(levels["first-come"].immediate?.mean.value).toBe(18);
    expect(levels.earshot.immediate?.mean.value).toBe(8);
    expect(levels.earshot.soon).toBeUndefined();
  });

  it("does not count who comes in the first hours", () => {
    const recorded: Arrival[] = [
      { atMinutes: 600, level: "routine", handlingMinutes: 70 },
      { atMinutes: 661, level: "routine", handlingMinutes: 10 },
    ];
    const { levels } = simulate({ ...SMALL, warmUpHours: 1 }, { ...options, recorded });
    expect(levels.strict.routine).toMatchObject({ people: { value: 1 }, mean: { value: 9 } });
  });

  it.each<[string, object, object]>([
    ["neither model nor record", { arrivals: undefined }, {}],
    ["an empty record", {}, { recorded: [] }],
    ["a model of nobody", { arrivals: { ...SMALL.arrivals, perHour: new Array(24).fill(0) } }, {}],
  ])("refuses %s", (_, scenario, more) => {
    expect(() => simulate({ ...SMALL, ...scenario } as typeof SMALL, { ...options, ...more })).toThrow(missing);
  });
});

describe("the scenarios that come with the project", () => {
  it.each(SCENARIOS)("%s: an order by level is what brings immediate people forward", (name) => {
    const { levels } = simulate(parseScenario(scenarioText(name)), { seed: 1, replications: 5 });
    const inTime = ORDERS.map((order) => levels[order].immediate?.withinTarget.value ?? Number.NaN);
    expect(inTime[2]).toBeGreaterThan(inTime[0] + 0.15);
    expect(levels.earshot.immediate?.median.value).toBeLessThan(
      (levels["first-come"].immediate?.median.value ?? 0) / 2,
    );
  });

  it("text-line: from two in three to about the 94% that were published", () => {
    const { levels } = simulate(parseScenario(scenarioText("text-line")), { seed: 1, replications: 20 });
    expect(levels["first-come"].immediate?.withinTarget.value).toBeLessThan(0.75);
    expect(levels.earshot.immediate?.withinTarget.low).toBeLessThan(0.97);
    expect(levels.earshot.immediate?.withinTarget.high).toBeGreaterThan(0.94);
  });

  it("backlog: from the nine hours that were published to less than a minute", () => {
    const { levels } = simulate(parseScenario(scenarioText("backlog")), { seed: 1, replications: 5 });
    expect(Math.abs((levels["first-come"].immediate?.median.value ?? 0) / 60 - 9)).toBeLessThan(1);
    expect(levels.earshot.immediate?.median.value).toBeLessThan(1);
  });
});
