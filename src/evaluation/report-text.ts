import { URGENCIES } from "../labels.js";
import type { CalibrationReport, LevelCalibration } from "./calibrate.js";
import { FIGURES, type FigureName, type LabelFigures } from "./figures.js";
import type { Estimate } from "./intervals.js";
import { type EvaluationReport, FEWEST_GROUP_LINES, type GroupReport, INTERVAL_NOTE } from "./report.js";

/** Figures that the table of each group shows; the JSON has all of them. */
const GROUP_FIGURES: readonly (readonly [FigureName, string])[] = [
  ["recallImmediate", "recall immediate"],
  ["overlooked", "overlooked"],
  ["falseAlarms", "false alarms"],
  ["accuracy", "accuracy"],
];
const CELL = 18;
const NAME = 48;
const GROUP_NAME = 26;
const GROUP_WIDTHS = [5, CELL, CELL - 1, CELL - 1, CELL - 1];

/** A report for a terminal, at most 100 columns wide. */
export function renderEvaluationText(report: EvaluationReport): string {
  const { labelled, figures, confusion } = report;
  const sections = [
    [
      `${report.lines} lines: ${labelled.urgency} with urgency, ${labelled.categories} with categories, ${labelled.signals} with signals`,
      ...(report.rejected ? [`${report.rejected} lines could not be read and are not among them`] : []),
      ...(report.withoutScores ? [`${report.withoutScores} lines without scores: only their level is measured`] : []),
      ...(report.pack && report.policy ? [`pack ${report.pack}, policy ${report.policy}`] : []),
      ...wrap(`${INTERVAL_NOTE} Seed ${report.sampling.seed}, ${report.sampling.resamples} resamples.`),
    ],
    table(
      "",
      ["value", "95% interval", "n"],
      Object.entries(FIGURES).flatMap(([name, label]) => {
        const estimate = figures[name as FigureName];
        return estimate === undefined ? [] : [[label, decimal(estimate.value), interval(estimate), `${estimate.n}`]];
      }),
      NAME,
    ),
    confusion &&
      table(
        "true level, given level",
        [...URGENCIES],
        URGENCIES.map((level, rank) => [level, ...confusion[rank].map(String)]),
        NAME / 2,
      ),
    labelTable("category", report.categories),
    labelTable("signal", report.signals),
    groupTable("language", report.languages),
    groupTable("slice", report.slices),
  ];
  return `${sections
    .filter((section) => section !== undefined && section.length > 0)
    .map((section) => (section ?? []).join("\n"))
    .join("\n\n")}\n`;
}

/** The outcome of a calibration for a terminal. */
export function renderCalibrationText(report: CalibrationReport): string {
  const { target, policy, sampling } = report;
  const [name, share] =
    "sensitivity" in target
      ? ["sensitivity at least", target.sensitivity]
      : ["false alarms at most", target.falseAlarms];
  return `${[
    `Thresholds chosen on ${report.lines} lines for ${name} ${share}`,
    `policy ${policy.name}@${policy.version}`,
    ...(report.rejected
      ? [`${report.rejected} lines could not be read or have no urgency and are not among them`]
      : []),
    ...wrap(
      `The figures come from ${report.folds} rounds, each choosing on the other lines than those it is measured on (seed ${sampling.seed}). They hold for messages that come as these lines did: precision and alerts depend on how many of them are grave. ${INTERVAL_NOTE}`,
    ),
    ...report.levels.flatMap((level) => ["", ...levelTable(level)]),
  ].join("\n")}\n`;
}

function levelTable(level: LevelCalibration): readonly string[] {
  const { map } = level;
  const rows: readonly (readonly [string, Estimate | undefined])[] = [
    ["sensitivity", level.sensitivity],
    ["precision", level.precision],
    ["false alarms: share of lines below the level", level.falseAlarms],
    ["alerts: share of all lines", level.alerts],
    ["alerts an hour", level.alertsPerHour],
    ["calibration error before", level.calibrationErrorBefore],
    ["calibration error after", level.calibrationErrorAfter],
  ];
  return [
    `${level.level}${level.level === "urgent" ? " or above" : ""}: threshold ${level.threshold}, ${level.positives} lines at the level, ${level.negatives} below`,
    map === undefined
      ? "  no map of the probability could be fitted"
      : `  probability mapped with slope ${map.slope.toFixed(3)} and offset ${map.offset.toFixed(3)} on the logit`,
    ...table(
      "",
      ["value", "95% interval", "n"],
      rows.flatMap(([label, estimate]) =>
        estimate ? [[label, decimal(estimate.value), interval(estimate), `${estimate.n}`]] : [],
      ),
      NAME,
    ),
  ];
}

function labelTable(kind: string, labels: readonly LabelFigures[] | undefined): readonly string[] | undefined {
  if (labels === undefined || labels.length === 0) return undefined;
  return table(
    kind,
    ["n", "precision", "recall", "F1"],
    labels.map(({ label, n, precision, recall, f1 }) => [
      label,
      `${n}`,
      ...[precision, recall, f1].map((estimate) => withInterval(estimate)),
    ]),
    NAME / 2 + 4,
    [6, CELL, CELL, CELL],
  );
}

function groupTable(kind: string, groups: readonly GroupReport[]): readonly string[] | undefined {
  if (groups.length === 0) return undefined;
  const rows = groups.map(({ id, lines, figures }) => [
    id.length < GROUP_NAME ? id : `${id.slice(0, GROUP_NAME - 2)}…`,
    `${lines}`,
    ...(figures === undefined
      ? [`too few: under ${FEWEST_GROUP_LINES}`]
      : GROUP_FIGURES.map(([name]) => withInterval(figures[name]))),
  ]);
  return table(kind, ["n", ...GROUP_FIGURES.map(([, label]) => label)], rows, GROUP_NAME, GROUP_WIDTHS);
}

function table(
  corner: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  nameWidth: number,
  widths: readonly number[] = head.map(() => CELL - 1),
): readonly string[] {
  return [[corner, ...head], ...rows].map(([name, ...cells]) =>
    `${name.padEnd(nameWidth)}${cells.map((cell, column) => cell.padStart(widths[column])).join("")}`.trimEnd(),
  );
}

function decimal(value: number): string {
  return value.toFixed(3);
}

function interval({ low, high }: Estimate): string {
  return `${decimal(low)} to ${decimal(high)}`;
}

function withInterval(estimate: Estimate | undefined): string {
  if (estimate === undefined) return "-";
  return `${estimate.value.toFixed(2)} (${estimate.low.toFixed(2)}-${estimate.high.toFixed(2)})`;
}

function wrap(text: string): readonly string[] {
  const rows: string[] = [];
  for (const word of text.split(" ")) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= 100) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows;
}
