/**
 * Prints the figures of the suites in `fixtures/slices`, measured through the built package:
 *
 *     npm run evaluate                 the table
 *     npm run evaluate -- --errors     also the lines with another level than the labelled one, by number
 *     npm run evaluate -- --record     also writes the figures that the gate holds
 */

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { type Estimate, proportion } from "../../src/evaluation/intervals.js";
import {
  categoryF1,
  measure,
  type Recorded,
  type Result,
  type Share,
  type SuiteFigures,
  scoreSuite,
} from "./measure.js";
import { RECORDED_FILE, readSuites, type SuiteLine } from "./suites.js";

const BUILT = new URL("../../dist/index.js", import.meta.url).href;

const { values: flags } = parseArgs({
  options: { errors: { type: "boolean", default: false }, record: { type: "boolean", default: false } },
});
const { createTriage }: typeof import("../../src/index.js") = await import(BUILT);
await using triage = await createTriage();
const { pack, policy } = await triage.assess("?");

const suites = await Promise.all(
  readSuites().map(async (suite) => {
    const results = await scoreSuite(triage, suite);
    return { ...suite, results, figures: measure(suite.lines, results) };
  }),
);

const table = new Table({
  head: [
    "suite",
    "n",
    "exact level",
    "kappa",
    "immediate overlooked",
    "routine at urgent or above",
    "sets at one level",
    "category F1",
  ],
  style: { head: [], border: [], compact: true },
});
for (const { name, lines, results, figures } of suites) table.push(row(name, lines, results, figures));
const lines = suites.flatMap((suite) => suite.lines);
const results = suites.flatMap((suite) => suite.results);
table.push(row("all", lines, results, measure(lines, results)));
print(`${pack}, policy ${policy}; 95% intervals by Wilson`);
print(table.toString());

if (flags.errors) for (const suite of suites) printErrors(suite.name, suite.lines, suite.results);
if (flags.record) {
  const recorded: Recorded = {
    pack,
    policy,
    suites: Object.fromEntries(suites.map(({ name, figures }) => [name, figures])),
  };
  writeFileSync(RECORDED_FILE, `${JSON.stringify(recorded, null, 2)}\n`);
  print("recorded");
}

function row(
  name: string,
  lines: readonly SuiteLine[],
  results: readonly Result[],
  { n, exact, kappa, overlooked, raised, steady }: SuiteFigures,
): string[] {
  return [
    name,
    String(n),
    share([exact, n]),
    kappa?.toFixed(3) ?? "",
    share(overlooked),
    share(raised),
    steady === null ? "" : share(steady),
    categoryF1(lines, results).toFixed(3),
  ];
}

function share([hits, n]: Share): string {
  const estimate = proportion(hits, n);
  return estimate === undefined ? "" : `${hits} of ${n} ${interval(estimate)}`;
}

function interval({ low, high }: Estimate): string {
  return `[${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

function printErrors(name: string, lines: readonly SuiteLine[], results: readonly Result[]): void {
  lines.forEach(({ urgency }, line) => {
    const given = results[line].urgency;
    if (given !== urgency) print(`${name}.jsonl:${line + 1} ${urgency} -> ${given}`);
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
