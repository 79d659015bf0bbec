import { confusionMatrix, countWithin, quadraticKappa } from "../../src/evaluation/agreement.js";
import { type Category, URGENCIES, type Urgency } from "../../src/labels.js";
import type { Triage } from "../../src/triage.js";
import type { Suite, SuiteLine } from "./suites.js";

/** What the product said of one line. */
export interface Result {
  readonly urgency: Urgency;
  readonly categories: readonly Category[];
}

/** How many of how many. */
export type Share = readonly [hits: number, n: number];

/** What is measured on one suite. */
export interface SuiteFigures {
  /** Lines. */
  readonly n: number;
  /** Lines whose level is the labelled one. */
  readonly exact: number;
  /** Agreement of the levels with quadratic weights, 1 at most; null where all lines are labelled alike. */
  readonly kappa: number | null;
  /** Of the lines labelled `immediate`, those put at `soon` or `routine`. */
  readonly overlooked: Share;
  /** Of the lines labelled `routine`, those put at `urgent` or above. */
  readonly raised: Share;
  /** Of the sets of versions of one sentence, those with one level throughout; null without sets. */
  readonly steady: Share | null;
}

/** Figures by name of the suite. */
export type FiguresBySuite = Readonly<Record<string, SuiteFigures>>;

/** What `fixtures/slices/recorded.json` holds. */
export interface Recorded {
  /** `name@version` of the model pack and of the policy that the figures were taken with. */
  readonly pack: string;
  readonly policy: string;
  readonly suites: FiguresBySuite;
}

/** A figure that is worse than the recorded one. */
export interface Regression {
  readonly suite: string;
  readonly figure: "missing" | "n" | "agreement" | "overlooked" | "raised" | "steady";
}

const ALL_LEVELS = URGENCIES.length;
const URGENT_OR_ABOVE = 2;
const encoder = new TextEncoder();

/** Scores the lines one by one as the product would: without their language, with the default policy. */
export function scoreSuite(triage: Triage, suite: Suite): Promise<readonly Result[]> {
  return Promise.all(suite.lines.map(({ text }) => triage.assess(encoder.encode(text))));
}

/** The figures of lines and what was said of them, in the same order. */
export function measure(lines: readonly SuiteLine[], results: readonly Result[]): SuiteFigures {
  const levels = lines.map(({ urgency }) => URGENCIES.indexOf(urgency));
  const given = results.map(({ urgency }) => URGENCIES.indexOf(urgency));
  const matrix = confusionMatrix(levels, given, new Uint8Array(lines.length).fill(1));
  const [immediate] = matrix;
  const routine = matrix[ALL_LEVELS - 1];
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return {
    n: countWithin(matrix, ALL_LEVELS, ALL_LEVELS),
    exact: sum(matrix.map((row, level) => row[level])),
    kappa: new Set(levels).size > 1 ? quadraticKappa(matrix) : null,
    overlooked: [sum(immediate.slice(URGENT_OR_ABOVE)), sum(immediate)],
    raised: [sum(routine.slice(0, URGENT_OR_ABOVE)), sum(routine)],
    steady: steadySets(lines, results),
  };
}

function steadySets(lines: readonly SuiteLine[], results: readonly Result[]): Share | null {
  const levelsOfSet = new Map<string, Set<Urgency>>();
  lines.forEach(({ pair }, line) => {
    if (pair === undefined) return;
    const levels = levelsOfSet.get(pair) ?? new Set();
    levelsOfSet.set(pair, levels.add(results[line].urgency));
  });
  if (levelsOfSet.size === 0) return null;
  return [[...levelsOfSet.values()].filter(({ size }) => size === 1).length, levelsOfSet.size];
}

/** Micro-averaged F1 of the categories over their thresholds, in [0, 1]; 1 when none is labelled and none was given. */
export function categoryF1(lines: readonly SuiteLine[], results: readonly Result[]): number {
  let right = 0;
  let named = 0;
  lines.forEach(({ categories }, line) => {
    right += categories.filter((category) => results[line].categories.includes(category)).length;
    named += categories.length + results[line].categories.length;
  });
  return named === 0 ? 1 : (2 * right) / named;
}

/**
 * What fell below what was recorded by more than one line. On one machine the model always gives the same figures; on a
 * processor with other vector instructions the encoder rounds otherwise, and a line that lies on a threshold may fall on
 * the other side. Agreement is kappa (which one line moves by about 1/n), or exact lines where there is none. A suite
 * whose lines changed has to be recorded again, whatever its figures are.
 */
export function findRegressions(recorded: FiguresBySuite, measured: FiguresBySuite): readonly Regression[] {
  const names = new Set([...Object.keys(recorded), ...Object.keys(measured)]);
  return [...names].flatMap((suite) => {
    const before = recorded[suite];
    const after = measured[suite];
    if (before === undefined || after === undefined) return [{ suite, figure: "missing" }];
    if (after.n !== before.n) return [{ suite, figure: "n" }];
    const figures: Regression["figure"][] = [];
    const agreement = (of: SuiteFigures): number => (of.kappa === null ? of.exact : of.kappa * of.n);
    if (agreement(after) < agreement(before) - 1) figures.push("agreement");
    if (after.overlooked[0] > before.overlooked[0] + 1) figures.push("overlooked");
    if (after.raised[0] > before.raised[0] + 1) figures.push("raised");
    if ((after.steady?.[0] ?? 0) < (before.steady?.[0] ?? 0) - 1) figures.push("steady");
    return figures.map((figure) => ({ suite, figure }));
  });
}
