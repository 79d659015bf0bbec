import { FIGURES } from "../evaluation/figures.js";
import { escapeHtml, renderFigure, renderPage, renderTable } from "../evaluation/html.js";
import { drawLatencies, drawQuality, drawServer, drawThroughput } from "./charts.js";
import { type BenchmarkReport, READING_NOTES } from "./report.js";
import { QUALITY_FIGURES, reportFacts, reportTables } from "./tables.js";

/** The report as one page that needs nothing else: no script, no font, and no address to load from. */
export function renderBenchmarkHtml(report: BenchmarkReport): string {
  const noise = report.noise.map((sentence) => `<p><strong>Noisy:</strong> ${escapeHtml(sentence)}</p>`);
  return renderPage(
    "Earshot benchmark",
    `<h1>Earshot benchmark</h1>
<p>What models cost on one machine. The page holds numbers only, and nothing of any message.</p>
${list(reportFacts(report))}
${noise.join("\n")}
<h2>Figures</h2>
${reportTables(report)
  .map(({ title, head, rows }) => `<h3>${escapeHtml(title)}</h3>\n${renderTable(head, rows, "wide")}`)
  .join("\n")}
<h2>How long messages take</h2>
${report.settings.texts
  .map(
    ({ name }, set) => `<h3>${escapeHtml(name)}</h3>
${renderFigure("Share of messages answered within each time, by model, on a logarithmic axis; medians and percentiles are in the first table.", drawLatencies(report, set))}`,
  )
  .join("\n")}
<h2>How many messages a second</h2>
${renderFigure("Messages a second by processes at a time and model; the numbers are in a table above.", drawThroughput(report))}
<h2>When messages come by themselves</h2>
${renderFigure("Time within which 99 in 100 messages are answered, by messages that come in a second and model; the numbers are in a table above.", drawServer(report))}
${qualitySection(report)}
<h2>How to read this</h2>
${list(READING_NOTES)}`,
  );
}

/** Against the time of the messages that the scenarios use. */
function qualitySection(report: BenchmarkReport): string {
  const { quality = [], models, settings } = report;
  const measured = quality.filter(({ model }) => models.some(({ name }) => name === model));
  const set = settings.texts.findIndex(({ name }) => name === models[0].scenarios.texts);
  const figures = QUALITY_FIGURES.filter((figure) => measured.some((own) => own.figures[figure] !== undefined));
  if (figures.length === 0) return "";
  return `<h2>Quality against time</h2>
${figures
  .map(
    (figure) => `<h3>${FIGURES[figure]}</h3>
${renderFigure(`${FIGURES[figure]} of each model with its 95% interval, against the median time of one message; the numbers are in the tables above.`, drawQuality(report, figure, set))}`,
  )
  .join("\n")}`;
}

function list(items: readonly string[]): string {
  return `<ul>\n${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("\n")}\n</ul>`;
}
