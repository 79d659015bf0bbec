import { readFileSync } from "node:fs";
import { FIXTURES } from "./command.js";

/** The invented inbox as a labelled file: each line with its labels, lines that cannot be read as they are. */
export function labelledInbox(): string {
  const labels = new Map<string, string>();
  for (const line of readFileSync(`${FIXTURES}inbox.labels.jsonl`, "utf8").trim().split("\n")) {
    const { id, urgency, categories, signals } = JSON.parse(line);
    labels.set(id, JSON.stringify({ urgency, categories, signals }).slice(1));
  }
  const lines = readFileSync(`${FIXTURES}inbox.jsonl`, "utf8").trimEnd().split("\n");
  return lines
    .map((line) => {
      const label = labels.get(/^\{"id":"([^"]+)"/.exec(line)?.[1] ?? "");
      return `${label === undefined ? line : `${line.slice(0, -1)},${label}`}\n`;
    })
    .join("");
}

/** A word that must not come out again anywhere. */
export const CANARY = "Zwergflusspferd";

/** Lines with the canary wherever a text or a mistake may stand. */
export const CANARY_LINES: readonly string[] = [
  `{"text":"${CANARY} ${CANARY}","urgency":"routine","id":"${CANARY}"}`,
  `{"text":"i have the pills here ${CANARY}","urgency":"immediate","categories":["suicide"]}`,
  `{"text":"a","urgency":"${CANARY}"}`,
  `{"text":"a","categories":["${CANARY}"]}`,
  `{"text":"a","urgency":"soon","slice":"${CANARY}"}`,
  `{"text":"a","urgency":"soon","${CANARY}":"${CANARY}"}`,
  `{"text":"a","urgency":"soon","country":"${CANARY}"}`,
  `{"text":"${CANARY}"}`,
  `{"text":"${CANARY}","urgency":"soon"`,
  CANARY,
];
/** What becomes of them. */
export const CANARY_ERRORS: ReadonlyArray<readonly [line: number, error: string]> = [
  [3, "LABEL_INVALID"],
  [4, "LABEL_INVALID"],
  [5, "LABEL_INVALID"],
  [7, "FIELD_INVALID"],
  [8, "LABELS_MISSING"],
  [9, "LINE_NOT_JSON"],
  [10, "LINE_NOT_JSON"],
];
