import { escapeHtml, renderFigure, renderPage, renderTable } from "../evaluation/html.js";
import { drawImmediate, drawInTime, drawWaits } from "./charts.js";
import { LIMITS, ORDER_NOTES, type SimulationReport } from "./report.js";
import { summary, WAIT_COLUMNS, waitRows } from "./report-text.js";

/** The report as one page that needs nothing else: no script, no font, and no address to load from. */
export function renderSimulationHtml(report: SimulationReport): string {
  return renderPage(
    `Earshot simulation: ${report.name}`,
    `<h1>${escapeHtml(report.name)}</h1>
<p>How long people would wait if the same people were served in different orders. Nobody real is in this simulation.</p>
${list(report.notes)}
${summary(report)
  .map((line) => `<p>${escapeHtml(line)}</p>`)
  .join("\n")}
<h2>Waiting times</h2>
${renderFigure("Median and 95 of 100 of the waiting times by level and order; the numbers are in the table below.", drawWaits(report))}
${renderTable(WAIT_COLUMNS, waitRows(report))}
<h2>Answered in time</h2>
${renderFigure("Share answered within the target by level and order; the numbers are in the table above.", drawInTime(report))}
${immediateSection(report)}
<h2>What the orders do, and what is left out</h2>
${list([...ORDER_NOTES, ...LIMITS])}`,
  );
}

function immediateSection(report: SimulationReport): string {
  if (report.levels.earshot.immediate === undefined) return "";
  return `<h2>People in immediate danger</h2>
${renderFigure("Share of people in immediate danger answered within each time, by order; the table above has the median and 95 of 100.", drawImmediate(report))}`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? "" : `<ul>\n${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("\n")}\n</ul>`;
}
