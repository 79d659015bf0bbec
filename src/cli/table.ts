import { styleText } from "node:util";
import Table from "cli-table3";
import type { EarshotErrorCode } from "../errors.js";
import { URGENCIES, type Urgency } from "../labels.js";
import type { Assessment } from "../types.js";
import { withoutControls } from "./messages.js";

/** One scored message, as far as the table shows it. */
export interface TableRow {
  readonly line: number;
  readonly assessment: Assessment;
  readonly preview?: string;
}

/** Everything that the table shows. */
export interface TableContent {
  readonly rows: readonly TableRow[];
  /** Scored messages that are not among `rows`. */
  readonly left: number;
  readonly rejected: ReadonlyArray<{ readonly line: number; readonly error: EarshotErrorCode }>;
  readonly countPerLevel: Readonly<Record<Urgency, number>>;
  readonly medianMicroseconds: number;
  readonly colour: boolean;
  readonly showPreview: boolean;
}

const COLOURS = {
  immediate: ["bold", "white", "bgRed"],
  urgent: ["bold", "red"],
  soon: ["yellow"],
  routine: ["dim"],
} as const;
const MAXIMUM_REASONS = 3;
const MAXIMUM_REJECTED = 20;

/** The triage as a table, gravest first: a letter beside each colour, and no text unless a preview was asked for. */
export function renderTable(content: TableContent): string {
  const { rows, showPreview } = content;
  const table = new Table({
    head: [
      "level",
      "priority",
      "message",
      "categories",
      "why",
      "look anyway",
      "who can help",
      ...(showPreview ? ["begins"] : []),
    ],
    style: { head: [], border: [], compact: true },
    // The level's column has no width of its own: in one that has, escape sequences count and break the word.
    colWidths: [null, 10, 10, 28, 26, 24, 40, ...(showPreview ? [28] : [])],
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  for (const row of rows) table.push(cells(row, content));
  return [table.toString(), ...summary(content)].join("\n");
}

function cells({ line, assessment, preview }: TableRow, { colour, showPreview }: TableContent): string[] {
  const { urgency, priority, id, categories, reasons, review, language } = assessment;
  const letter = `${urgency[0].toUpperCase()} ${urgency}`;
  const languageNote = review.some((code) => code.startsWith("LANGUAGE")) ? ` (${withoutControls(language.tag)})` : "";
  return [
    colour ? styleText([...COLOURS[urgency]], letter, { validateStream: false }) : letter,
    priority.toFixed(3),
    id === undefined ? `line ${line}` : withoutControls(id),
    categories.join("\n"),
    reasons
      .slice(0, MAXIMUM_REASONS)
      .map(({ code }) => code)
      .join("\n"),
    review.join("\n") + languageNote,
    helper(assessment),
    ...(showPreview ? [preview ?? ""] : []),
  ];
}

/** The first suggestion; the JSON formats list all of them with their reasons. */
function helper({ referrals, referralNotice }: Assessment): string {
  const [first] = referrals;
  if (first === undefined) return referralNotice === undefined || referralNotice === "NOT_NEEDED" ? "" : referralNotice;
  return `${first.service}: ${first.channels.map(({ address }) => address).join(", ")}${first.stale ? " (check the number)" : ""}`;
}

function summary({ rows, left, rejected, countPerLevel, medianMicroseconds }: TableContent): string[] {
  const total = URGENCIES.reduce((sum, level) => sum + countPerLevel[level], 0);
  const lines = [
    `${total} messages: ${URGENCIES.map((level) => `${countPerLevel[level]} ${level}`).join(", ")}`,
    `${medianMicroseconds.toFixed(0)} microseconds a message at the median`,
  ];
  if (left > 0) lines.push(`${rows.length} shown, ${left} less grave ones not (--top)`);
  if (rejected.length > 0) {
    const reasons = rejected.slice(0, MAXIMUM_REJECTED).map(({ line, error }) => `line ${line} ${error}`);
    if (rejected.length > MAXIMUM_REJECTED) reasons.push(`${rejected.length - MAXIMUM_REJECTED} more (--format jsonl)`);
    lines.push(`${rejected.length} lines could not be read, a person has to look at them: ${reasons.join(", ")}`);
  }
  lines.push("A suggestion, not a decision: a person decides, and every message is read.");
  return lines;
}
