import { AUDIT_LIMITS, type AuditLine, type AuditReport, type AuditStatus, describeSubject } from "./report.js";

const STATUS_WORDS: Readonly<Record<AuditStatus, string>> = {
  PASS: "PASS",
  FAIL: "FAIL",
  NOT_VERIFIED: "NOT VERIFIED",
};
const STATUS_WIDTH = 14;
const LINE_WIDTH = 100;

/** The report as a table for a terminal, without colour, at most 100 columns wide unless a single value is wider. */
export function renderAuditText(report: AuditReport): string {
  const { surroundings, subject } = report;
  const lines = [
    `Audit of: ${surroundings.command.join(" ")}`,
    ...(subject === undefined ? [] : [describeSubject(subject)]),
    `${report.startedAt}, ${Math.round(report.seconds)} s, Node.js ${surroundings.node}, ${surroundings.platform} ${surroundings.architecture}, kernel ${surroundings.kernel}`,
    "",
    ...report.lines.flatMap(renderLine),
    "",
    `Overall: ${STATUS_WORDS[report.status]}`,
    "",
    "What this audit does not cover:",
    ...AUDIT_LIMITS.flatMap((limit) => indent(wrap(limit, LINE_WIDTH - 2), "- ", "  ")),
  ];
  return `${lines.join("\n")}\n`;
}

function renderLine(line: AuditLine): readonly string[] {
  const margin = " ".repeat(STATUS_WIDTH);
  const width = LINE_WIDTH - STATUS_WIDTH;
  const rows = [...wrap(line.promise, width), ...wrap(`${line.id}: ${line.figure}`, width)];
  if (line.control !== undefined) {
    rows.push(...wrap(`control ${line.control.caught ? "caught" : "NOT CAUGHT"}: ${line.control.figure}`, width));
  }
  if (line.comparison !== undefined) rows.push(...wrap(`for comparison, with strings: ${line.comparison}`, width));
  rows.push(...(line.evidence ?? []).map((item) => `> ${printable(item)}`));
  return indent(rows, STATUS_WORDS[line.status].padEnd(STATUS_WIDTH), margin);
}

function indent(rows: readonly string[], first: string, other: string): readonly string[] {
  return rows.map((row, index) => (index === 0 ? first : other) + row);
}

function wrap(text: string, width: number): readonly string[] {
  const rows: string[] = [];
  for (const word of text.split(" ")) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows;
}

// A file name may hold bytes that steer a terminal.
function printable(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}
