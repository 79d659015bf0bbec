import type { RandomSource } from "../evaluation/random.js";
import { drawExponential, drawHandling, drawLevel } from "./draws.js";
import type { Arrival, ArrivalModel, Scenario, Visit } from "./scenario.js";

const HOUR = 60;
const HOURS_PER_DAY = 24;

/** Draws who comes when: a Poisson process whose rate changes with the hour. In order of time. */
export function drawArrivals(model: ArrivalModel, random: RandomSource): Arrival[] {
  const { count, overMinutes } = model.waitingAtStart ?? { count: 0, overMinutes: 0 };
  const arrivals: Arrival[] = [];
  const arrive = (atMinutes: number): void => void arrivals.push({ atMinutes, level: drawLevel(model.levels, random) });
  for (const atMinutes of Array.from({ length: count }, () => -overMinutes * random()).sort((a, b) => a - b))
    arrive(atMinutes);
  for (let start = 0; start < model.hours; start += 1) {
    const rate = model.perHour[(model.startHour + start) % HOURS_PER_DAY];
    const end = Math.min(start + 1, model.hours) * HOUR;
    // What is left of an interval may be drawn anew at each hour, because the process has no memory.
    for (let at = start * HOUR + gap(rate, random); at < end; at += gap(rate, random)) arrive(at);
  }
  return arrivals;
}

/** Adds to each arrival what a run needs: how long the conversation takes, if that is open, and the level given. */
export function toVisits(
  arrivals: readonly Arrival[],
  { handlingMinutes, givenLevels }: Pick<Scenario, "handlingMinutes" | "givenLevels">,
  random: RandomSource,
): Visit[] {
  return arrivals.map((arrival) => ({
    ...arrival,
    handlingMinutes: arrival.handlingMinutes ?? drawHandling(handlingMinutes[arrival.level], random),
    givenLevel: drawLevel(givenLevels[arrival.level], random),
  }));
}

function gap(perHour: number, random: RandomSource): number {
  return perHour === 0 ? Number.POSITIVE_INFINITY : drawExponential(HOUR / perHour, random);
}
