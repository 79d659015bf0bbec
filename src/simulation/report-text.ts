import Table from "cli-table3";
import { URGENCIES } from "../labels.js";
import type { Estimate } from "./figures.js";
import { ORDERS } from "./orders.js";
import {
  INTERVAL_NOTE,
  LIMITS,
  ORDER_NAMES,
  ORDER_NOTES,
  type SimulationReport,
  type WaitEstimates,
} from "./report.js";

const WIDTH = 100;
const HOUR = 60;

/** Head of the table of waits. */
export const WAIT_COLUMNS: readonly string[] = ["level", "order", "mean", "median", "95 of 100", "in time", "longest"];

/** A report for a terminal. */
export function renderSimulationText(report: SimulationReport): string {
  const table = new Table({ head: [...WAIT_COLUMNS], style: { head: [], border: [], compact: true } });
  for (const row of waitRows(report)) table.push([...row]);
  return [
    report.name,
    "",
    ...report.notes.flatMap((note) => wrap(note, "- ")),
    "",
    ...summary(report).flatMap((line) => wrap(line)),
    "",
    table.toString(),
    "",
    ...[...ORDER_NOTES, ...LIMITS].flatMap((note) => wrap(note, "- ")),
    "",
  ].join("\n");
}

/** What the figures rest on, in sentences. */
export function summary(report: SimulationReport): readonly string[] {
  const { levels, targets, givenLevels, seed, replications } = report;
  const people = URGENCIES.map((level) => `${(levels.earshot[level]?.people.value ?? 0).toFixed(1)} ${level}`);
  const { immediate } = givenLevels.immediate;
  return [
    `${replications} runs, seed ${seed}. People a run: ${people.join(", ")}.`,
    `In time: ${URGENCIES.map((level) => `${level} within ${duration(targets[level])}`).join(", ")}.`,
    `Of people in immediate danger ${percent(immediate)} are given immediate, the others a milder level. ${INTERVAL_NOTE}`,
  ];
}

/** A row for each level of which people came and each order, and the mean of everybody. */
export function waitRows({ levels, everybody }: SimulationReport): readonly (readonly string[])[] {
  return [
    ...URGENCIES.flatMap((level) =>
      ORDERS.flatMap((order) => {
        const figures = levels[order][level];
        return figures === undefined ? [] : [[level, ORDER_NAMES[order], ...cells(figures)]];
      }),
    ),
    ...ORDERS.map((order) => ["everybody", ORDER_NAMES[order], minutes(everybody[order]), "", "", "", ""]),
  ];
}

function cells({ mean, median, p95, withinTarget, longest }: WaitEstimates): string[] {
  const share = `${percent(withinTarget.value)} ± ${trim(100 * marginOf(withinTarget))}`;
  return [minutes(mean), minutes(median), minutes(p95), share, minutes(longest)];
}

/** In the unit that suits the value, with half the width of the interval. */
function minutes(estimate: Estimate): string {
  const [unit, factor] = unitOf(estimate.value);
  return `${trim(factor * estimate.value)} ± ${trim(factor * marginOf(estimate))} ${unit}`;
}

/** Upper half, since the lower one may be cut at 0; for shares, which may be cut at 1, the wider one. */
function marginOf({ value, low, high }: Estimate): number {
  return Math.max(high - value, value - low);
}

/** A time as people say it: "40 s", "4.2 min", "1.5 h". */
export function duration(timeMinutes: number): string {
  const [unit, factor] = unitOf(timeMinutes);
  return `${trim(factor * timeMinutes)} ${unit}`;
}

function unitOf(timeMinutes: number): readonly [unit: string, factor: number] {
  if (timeMinutes < 1) return ["s", 60];
  return timeMinutes < 2 * HOUR ? ["min", 1] : ["h", 1 / HOUR];
}

function trim(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0).replace(/\.0$/, "");
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))}%`;
}

function wrap(text: string, bullet = ""): string[] {
  const lines: string[] = [];
  let line = bullet;
  for (const word of text.split(" ")) {
    if (line.trim() !== "" && line.length + word.length + 1 > WIDTH) {
      lines.push(line.trimEnd());
      line = " ".repeat(bullet.length);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
