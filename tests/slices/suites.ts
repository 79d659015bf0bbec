import { readdirSync, readFileSync } from "node:fs";
import type { Category, Signal, Urgency } from "../../src/labels.js";

/** One line of a suite: an invented message with its labels. */
export interface SuiteLine {
  readonly text: string;
  /** BCP 47 tag; not given to the product, which has to find it. */
  readonly language: string;
  readonly urgency: Urgency;
  readonly categories: readonly Category[];
  readonly signals: readonly Signal[];
  /** Name of the suite. */
  readonly slice: string;
  /** Name of the set of versions of one sentence that the line belongs to. */
  readonly pair?: string;
}

/** The lines of one file. */
export interface Suite {
  readonly name: string;
  readonly lines: readonly SuiteLine[];
}

const FOLDER = new URL("../../fixtures/slices/", import.meta.url);

/** Where the figures to hold are kept. */
export const RECORDED_FILE: URL = new URL("recorded.json", FOLDER);

/** All suites, by name. */
export function readSuites(): readonly Suite[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".jsonl"))
    .sort()
    .map((file) => ({
      name: file.slice(0, -".jsonl".length),
      lines: readFileSync(new URL(file, FOLDER), "utf8")
        .trimEnd()
        .split("\n")
        .map((line): SuiteLine => JSON.parse(line)),
    }));
}
