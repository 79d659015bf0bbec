import {
  AUDIT_PROMISES,
  type AuditCheck,
  type AuditLine,
  type AuditStatus,
  describeSubject,
  overallStatus,
} from "../audit/report.js";
import { FIGURES, type FigureName } from "../evaluation/figures.js";
import type { Estimate } from "../evaluation/intervals.js";
import { type GroupReport, INTERVAL_NOTE } from "../evaluation/report.js";
import { URGENCIES } from "../labels.js";
import { ORDERS } from "../simulation/orders.js";
import { ORDER_NAMES, ORDER_NOTES, LIMITS as SIMULATION_LIMITS } from "../simulation/report.js";
import type { Facts } from "./facts.js";
import { list, quoted, table } from "./markdown.js";
import type { Audit } from "./read-reports.js";

const STATUS_WORDS: Readonly<Record<AuditStatus, string>> = {
  PASS: "PASS",
  FAIL: "FAIL",
  NOT_VERIFIED: "NOT VERIFIED",
};

const GROUP_FIGURES: readonly FigureName[] = ["overlooked", "falseAlarms", "recallUrgentOrAbove", "kappa"];

/** One figure in a sentence, with its interval, its lines and its source, or that it was not measured. */
export function figure({ evaluation }: Facts, name: FigureName): string {
  // "overlooked: immediate put at soon or routine" has a colon of its own.
  const label = FIGURES[name].replace(/: (.*)$/, " ($1)");
  if (evaluation.missing !== undefined) return `${label}: ${evaluation.missingFigure}`;
  const value = evaluation.report.figures[name];
  if (value === undefined)
    return `${label}: **not measured**, the labelled messages do not allow it (${evaluation.source})`;
  return `${label}: ${withInterval(value)}, n=${value.n} (${evaluation.source})`;
}

/** All figures of the evaluation. */
export function evaluationSection({ evaluation, pack, policyName }: Facts): string {
  if (evaluation.missing !== undefined) return evaluation.missing;
  const { report, source } = evaluation;
  const rows = (Object.keys(FIGURES) as FigureName[]).map((name) => {
    const value = report.figures[name];
    return [FIGURES[name], ...(value === undefined ? ["not measured", ""] : [withInterval(value), `${value.n}`])];
  });
  const rejected =
    report.rejected === undefined ? "" : ` ${report.rejected} lines could not be read and are not among them.`;
  return `Measured on ${report.lines} labelled messages with pack ${pack} and policy ${policyName}.${rejected}

${table(["figure", "value and interval", "n"], rows)}

Source: ${source}, seed ${report.sampling.seed}, resampled ${report.sampling.resamples} times. ${INTERVAL_NOTE}`;
}

/** The figures of each language and each slice of the evaluation. */
export function groupsSection({ evaluation }: Facts): string {
  if (evaluation.missing !== undefined) return evaluation.missing;
  const { report, source } = evaluation;
  const section = (name: string, groups: readonly GroupReport[]): string => {
    if (groups.length === 0) return `By ${name}: **not measured**, the lines name none (${source}).`;
    const head = [name, "lines", ...GROUP_FIGURES.map((figureName) => FIGURES[figureName])];
    return `${table(head, groups.map(groupRow))}\n\nSource: ${source}.`;
  };
  return `${section("language", report.languages)}\n\n${section("slice", report.slices)}`;
}

function groupRow({ id, lines, figures }: GroupReport): readonly string[] {
  const cells = GROUP_FIGURES.map((name) => {
    const value = figures?.[name];
    if (figures === undefined) return "too few lines";
    return value === undefined ? "not measured" : `${withInterval(value)}, n=${value.n}`;
  });
  return [quoted(id), `${lines}`, ...cells];
}

/** Every check of the audit, in its order. One that the file leaves out was not verified. */
export function auditSection({ audit }: Facts): string {
  if (audit.missing !== undefined) return audit.missing;
  const { report, source } = audit;
  const lines = completeLines(report);
  const rows = lines.map(({ promise, status, figure: measured, evidence = [] }) => [
    `**${STATUS_WORDS[status]}**`,
    promise,
    quoted([measured, ...evidence].join("; ")),
  ]);
  const { platform, architecture, kernel, node } = report.surroundings;
  const place = quoted(`${platform} ${architecture}, kernel ${kernel}, Node.js ${node}`);
  return `Overall: **${STATUS_WORDS[overallStatus(lines)]}**, on
${quoted(report.startedAt)}, ${place}.

${table(["result", "promise", "measured"], rows)}

Source: ${source}, of ${quoted(report.subject === undefined ? "" : describeSubject(report.subject))} on one machine: make it again after
every change. \`earshot audit\` looks at \`earshot score\`, with \`--serve\` at the service; for other ways of running the
program, SECURITY.md says what is covered.`;
}

const KEEPS_NOTHING: readonly AuditCheck[] = ["residue", "output", "network", "files", "writes"];

/** Whether the audit allows the sentence that the program keeps nothing: these checks passed, and none failed. */
export function keepsNothing({ audit }: Facts): boolean {
  if (audit.missing !== undefined) return false;
  const lines = completeLines(audit.report);
  return lines.every(({ id, status }) => (KEEPS_NOTHING.includes(id) ? status === "PASS" : status !== "FAIL"));
}

function completeLines({ lines }: Audit): readonly AuditLine[] {
  return (Object.keys(AUDIT_PROMISES) as AuditCheck[]).flatMap((id) => {
    const promise = AUDIT_PROMISES[id];
    const found = lines.filter((line) => line.id === id);
    return found.length > 0
      ? found.map((line) => ({ ...line, promise }))
      : [{ id, promise, status: "NOT_VERIFIED" as const, figure: "not in the file" }];
  });
}

/** What ordering would change, for people who do not exist. */
export function simulationSection({ simulation }: Facts): string {
  if (simulation.missing !== undefined) return simulation.missing;
  const { report, source } = simulation;
  const minutes = ({ value, low, high }: Omit<Estimate, "n">): string => interval([value, low, high], 1);
  const rows = URGENCIES.flatMap((level) =>
    ORDERS.flatMap((order) => {
      const waits = report.levels[order][level];
      if (waits === undefined) return [];
      const { mean, p95, withinTarget, people } = waits;
      return [[level, ORDER_NAMES[order], minutes(people), minutes(mean), minutes(p95), withInterval(withinTarget)]];
    }),
  );
  return `${quoted(report.name)}: ${report.replications} runs, seed ${report.seed}, nobody real.

${table(["true level", "order", "people a run", "mean minutes", "minutes of 95 in 100", "share in time"], rows)}

Source: ${source}. How often a level is given wrongly is an assumption of the scenario, and not measured with this pack.
What else it assumes and leaves out:

${list([...report.notes.map(quoted), ...ORDER_NOTES, ...SIMULATION_LIMITS])}`;
}

function withInterval({ value, low, high }: Omit<Estimate, "n">): string {
  return interval([value, low, high], 3);
}

function interval(values: readonly number[], decimals: number): string {
  const [value, low, high] = values.map((number) => number.toFixed(decimals));
  return `${value} (${low} to ${high})`;
}
