import type { RandomSource } from "../evaluation/random.js";
import { URGENCIES, type Urgency } from "../labels.js";
import type { Handling } from "./scenario.js";

/** The time to the next of events that come at random moments, with this mean. */
export function drawExponential(mean: number, random: RandomSource): number {
  return -mean * Math.log(1 - random());
}

/** A log-normal time with this mean and coefficient of variation. */
export function drawHandling({ mean, cv }: Handling, random: RandomSource): number {
  const variance = Math.log(1 + cv * cv);
  return mean * Math.exp(Math.sqrt(variance) * drawNormal(random) - variance / 2);
}

/** A level, as often as its weight says. */
export function drawLevel(weights: Readonly<Record<Urgency, number>>, random: RandomSource): Urgency {
  let rest = random() * URGENCIES.reduce((sum, level) => sum + weights[level], 0);
  const possible = URGENCIES.filter((level) => weights[level] > 0);
  return (
    possible.find((level) => {
      rest -= weights[level];
      return rest < 0;
    }) ?? possible[possible.length - 1]
  );
}

/** Standard normal: Box and Muller 1958. */
function drawNormal(random: RandomSource): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
