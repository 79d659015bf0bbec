import { URGENCIES } from "../labels.js";
import { drawConfusion, drawEstimates, drawPrecisionRecall, drawReliability } from "./charts.js";
import { FIGURES, type FigureName, type LabelFigures } from "./figures.js";
import { escapeHtml, renderFigure, renderPage, renderTable } from "./html.js";
import type { Estimate } from "./intervals.js";
import {
  type EvaluationReport,
  FEWEST_GROUP_LINES,
  type GroupReport,
  INTERVAL_NOTE,
  type ScoreCurves,
} from "./report.js";

/** Groups in one chart; of more, the table has the rest. */
const MOST_ROWS = 60;
/** Points of a curve in its table. */
const TABLE_POINTS = 10;

const GROUP_FIGURES: readonly FigureName[] = [
  "recallImmediate",
  "recallUrgentOrAbove",
  "overlooked",
  "falseAlarms",
  "accuracy",
  "kappa",
  "aurocImmediate",
  "calibrationErrorUrgentOrAbove",
];
/** Of these there is a chart for each kind of group. */
const GROUP_CHARTS: readonly FigureName[] = ["recallImmediate", "falseAlarms", "accuracy"];

/** The report as one page that needs nothing else: no script, no font, and no address to load from. */
export function renderEvaluationHtml(report: EvaluationReport): string {
  const { labelled, figures, curves, confusion } = report;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [
      "Lines",
      `${report.lines}: ${labelled.urgency} with urgency, ${labelled.categories} with categories, ${labelled.signals} with signals`,
    ],
    ["Not read", report.rejected ? `${report.rejected} lines, which are not among them` : undefined],
    ["Without scores", report.withoutScores ? `${report.withoutScores} lines` : undefined],
    ["Pack", report.pack],
    ["Policy", report.policy],
    ["Resampling", `seed ${report.sampling.seed}, ${report.sampling.resamples} times`],
  ];
  return renderPage(
    "Earshot evaluation",
    `<h1>Earshot evaluation</h1>
<p>How well labelled messages were recognised. The page holds numbers only, and nothing of any message.</p>
<dl>
${facts.flatMap(([name, value]) => (value === undefined ? [] : [`<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`])).join("\n")}
</dl>
<p class="small">${escapeHtml(INTERVAL_NOTE)} n is the number of lines that a figure is taken over.</p>
<h2>Figures</h2>
${renderTable(
  ["Figure", "Value", "95% interval", "n"],
  Object.entries(FIGURES).flatMap(([name, label]) => {
    const estimate = figures[name as FigureName];
    return estimate === undefined ? [] : [[label, decimal(estimate.value), interval(estimate), `${estimate.n}`]];
  }),
)}
${confusion === undefined ? "" : confusionSection(confusion)}
${curves === undefined ? "" : curveSection(curves)}
${labelSection("Categories", report.categories)}
${labelSection("Signals", report.signals)}
${groupSection("Languages", "language", report.languages)}
${groupSection("Slices", "slice", report.slices)}`,
  );
}

function confusionSection(confusion: NonNullable<EvaluationReport["confusion"]>): string {
  return `<h2>True and given level</h2>
${renderFigure("Heat map of lines by true level and given level; the numbers are in the table below.", drawConfusion(confusion))}
${renderTable(
  ["True level", ...URGENCIES],
  URGENCIES.map((level, rank) => [level, ...confusion[rank].map(String)]),
)}`;
}

function curveSection(curves: NonNullable<EvaluationReport["curves"]>): string {
  const both: readonly (readonly [string, ScoreCurves])[] = [
    ["immediate", curves.immediate],
    ["urgent or above", curves.urgentOrAbove],
  ];
  const reliability = both.map(
    ([name, curve]) => `<h3>Probability of ${name}</h3>
${renderFigure(`Reliability diagram of ${name}: the share that came true against the probability given. On the dashed line both are equal; bars are 95% intervals. The numbers are in the table below.`, drawReliability(curve))}
${renderTable(
  ["Probability", "n", "Mean probability", "Came true", "95% interval"],
  curve.reliability.map(({ from, to, predicted, observed }) => [
    `${from.toFixed(1)} to ${to.toFixed(1)}`,
    `${observed.n}`,
    decimal(predicted),
    decimal(observed.value),
    interval(observed),
  ]),
)}`,
  );
  return `<h2>Do the probabilities come true?</h2>
${reliability.join("\n")}
<h2>Precision and recall</h2>
${renderFigure("Precision against recall of immediate (solid line) and of urgent or above (dashed line), at every threshold. Points of both are in the table below.", drawPrecisionRecall(curves))}
${renderTable(
  ["Probability", "Threshold", "Recall", "Precision"],
  both.flatMap(([name, { precisionRecall }]) =>
    spread(precisionRecall).map(({ threshold, recall, precision }) => [
      name,
      decimal(threshold),
      decimal(recall),
      decimal(precision),
    ]),
  ),
)}`;
}

function labelSection(title: string, labels: readonly LabelFigures[] | undefined): string {
  if (labels === undefined || labels.length === 0) return "";
  return `<h2>${title}</h2>
${renderFigure(
  `F1 of each label with its 95% interval; the numbers are in the table below.`,
  drawEstimates(labels.map(({ label, f1 }) => ({ name: label, estimate: f1 }))),
)}
${renderTable(
  ["Label", "n", "Precision", "Recall", "F1"],
  labels.map(({ label, n, precision, recall, f1 }) => [label, `${n}`, cell(precision), cell(recall), cell(f1)]),
)}`;
}

function groupSection(title: string, kind: string, groups: readonly GroupReport[]): string {
  if (groups.length === 0) return "";
  const charts = GROUP_CHARTS.flatMap((name) => {
    const rows = groups.flatMap(({ id, figures }) =>
      figures?.[name] === undefined ? [] : [{ name: id, estimate: figures[name] }],
    );
    if (rows.length === 0) return [];
    const left = rows.length > MOST_ROWS ? ` The first ${MOST_ROWS} of ${rows.length} are drawn.` : "";
    const alternative = `${FIGURES[name]} by ${kind}, with 95% intervals.${left} The numbers are in the table below.`;
    return [`<h3>${FIGURES[name]}</h3>\n${renderFigure(alternative, drawEstimates(rows.slice(0, MOST_ROWS)))}`];
  });
  return `<h2>${title}</h2>
${charts.join("\n")}
${renderTable(
  [kind, "n", ...GROUP_FIGURES.map((name) => FIGURES[name])],
  groups.map(({ id, lines, figures }) => [
    id,
    `${lines}`,
    ...(figures === undefined
      ? [`too few: under ${FEWEST_GROUP_LINES}`, ...GROUP_FIGURES.slice(1).map(() => "")]
      : GROUP_FIGURES.map((name) => cell(figures[name]))),
  ]),
  "wide",
)}`;
}

function spread<Point>(points: readonly Point[]): readonly Point[] {
  const step = (points.length - 1) / (TABLE_POINTS - 1);
  if (step <= 1) return points;
  return Array.from({ length: TABLE_POINTS }, (_, index) => points[Math.round(index * step)]);
}

function decimal(value: number): string {
  return value.toFixed(3);
}

function interval({ low, high }: Estimate): string {
  return `${decimal(low)} to ${decimal(high)}`;
}

function cell(estimate: Estimate | undefined): string {
  return estimate === undefined
    ? "–"
    : `${estimate.value.toFixed(2)} (${estimate.low.toFixed(2)}–${estimate.high.toFixed(2)})`;
}
