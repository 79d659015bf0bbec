import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/evaluation/random.js";
import { drawArrivals, toVisits } from "../../src/simulation/arrivals.js";
import { drawExponential, drawHandling, drawLevel } from "../../src/simulation/draws.js";
import type { ArrivalModel } from "../../src/simulation/scenario.js";

const COUNT = 40_000;

function moments(draw: () => number): { mean: number; cv: number; least: number } {
  const values = Array.from({ length: COUNT }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / COUNT;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / COUNT;
  return { mean, cv: Math.sqrt(variance) / mean, least: Math.min(...values) };
}

describe("draws", () => {
  it.each([
    ["exponential", () => drawExponential(30, random), 30, 1],
    ["log-normal", () => drawHandling({ mean: 30, cv: 0.6 }, random), 30, 0.6],
    ["constant", () => drawHandling({ mean: 5, cv: 0 }, random), 5, 0],
  ])("are %s", (_, draw, mean, cv) => {
    const drawn = moments(draw);
    expect(Math.abs(drawn.mean / mean - 1)).toBeLessThan(0.02);
    expect(Math.abs(drawn.cv - cv)).toBeLessThan(0.03);
    expect(drawn.least).toBeGreaterThan(0);
  });
  const random = createRandom(7);

  it("give levels as often as their weights say, and none that has no weight", () => {
    const counts = { immediate: 0, urgent: 0, soon: 0, routine: 0 };
    for (let draw = 0; draw < COUNT; draw += 1)
      counts[drawLevel({ immediate: 1, urgent: 0, soon: 3, routine: 0 }, random)] += 1;
    expect(counts.urgent + counts.routine).toBe(0);
    expect(Math.abs(counts.immediate / COUNT - 0.25)).toBeLessThan(0.01);
  });

  it("give a level that has weight even for the largest number", () => {
    const weights = { immediate: 0.1, urgent: 0.2, soon: 0, routine: 0 };
    expect(drawLevel(weights, () => 1)).toBe("urgent");
    expect(drawLevel(weights, () => 0)).toBe("immediate");
  });
});

describe("drawArrivals", () => {
  const perHour = Array.from({ length: 24 }, (_, hour) => (hour === 23 ? 600 : hour === 0 ? 60 : 0));
  const model: ArrivalModel = {
    startHour: 23,
    hours: 24.5,
    perHour,
    levels: { immediate: 1, urgent: 1, soon: 1, routine: 1 },
    waitingAtStart: { count: 50, overMinutes: 20 },
  };
  const arrivals = drawArrivals(model, createRandom(3));
  const between = (from: number, to: number): number =>
    arrivals.filter(({ atMinutes }) => atMinutes >= from && atMinutes < to).length;

  it("follows the hour of the day, also over midnight and for a part of an hour", () => {
    // Three standard deviations of a Poisson count.
    expect(Math.abs(between(0, 60) - 600)).toBeLessThan(75);
    expect(Math.abs(between(60, 120) - 60)).toBeLessThan(24);
    expect(between(120, 24 * 60)).toBe(0);
    expect(Math.abs(between(24 * 60, 24.5 * 60) - 300)).toBeLessThan(52);
    expect(between(24.5 * 60, Number.POSITIVE_INFINITY)).toBe(0);
  });

  it("begins with those who wait already, in order of time", () => {
    expect(between(-20, 0)).toBe(50);
    expect(arrivals.map(({ atMinutes }) => atMinutes)).toEqual(
      arrivals.map(({ atMinutes }) => atMinutes).sort((left, right) => left - right),
    );
  });
});

describe("toVisits", () => {
  const same = { mean: 9, cv: 0 };
  const always = (given: string) => ({ immediate: 0, urgent: 0, soon: 0, routine: 0, [given]: 1 });
  const scenario = {
    handlingMinutes: { immediate: { mean: 40, cv: 0 }, urgent: same, soon: same, routine: same },
    givenLevels: {
      immediate: always("urgent"),
      urgent: always("urgent"),
      soon: always("soon"),
      routine: always("soon"),
    },
  };

  it("keeps what is recorded and draws the rest from the true level", () => {
    const visits = toVisits(
      [
        { atMinutes: 1, level: "immediate" },
        { atMinutes: 2, level: "routine", handlingMinutes: 3 },
      ],
      scenario,
      createRandom(1),
    );
    expect(visits).toEqual([
      { atMinutes: 1, level: "immediate", handlingMinutes: 40, givenLevel: "urgent" },
      { atMinutes: 2, level: "routine", handlingMinutes: 3, givenLevel: "soon" },
    ]);
  });
});
