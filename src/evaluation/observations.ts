import { EarshotError } from "../errors.js";
import { CATEGORIES, type Category, SIGNALS, type Signal, URGENCIES, type Urgency } from "../labels.js";
import { cumulativeRisk } from "../policy/priority.js";
import type { Assessment } from "../types.js";

/** What is known to be right about a message. What was not labelled is left out; an empty list says that there is none. */
export interface TrueLabels {
  readonly urgency?: Urgency;
  readonly categories?: readonly Category[];
  readonly signals?: readonly Signal[];
  /** BCP 47 tag to group by; that of the assessment by default. */
  readonly language?: string;
  /** Part of the data to group by. */
  readonly slice?: string;
}

/** A message that was scored, and what is right about it. */
export interface LabelledAssessment extends TrueLabels {
  readonly assessment: Pick<Assessment, "urgency" | "scores" | "categories" | "signals"> &
    Partial<Pick<Assessment, "language" | "pack" | "policy">>;
}

const COLUMNS = [
  "trueLevel",
  "level",
  "immediate",
  "urgent",
  "trueCategories",
  "categories",
  "trueSignals",
  "signals",
  "language",
  "slice",
] as const;
type ColumnName = (typeof COLUMNS)[number];

/**
 * All that is kept of the lines: one number each. Levels are places in `URGENCIES`; `immediate` and `urgent` are the
 * probabilities of that level or a graver one; sets of labels are bits; languages and slices are places in their lists.
 * What is not known is not a number.
 */
export type Columns = Readonly<Record<ColumnName, Float64Array>>;

/** The lines of a data set. */
export interface Observations {
  readonly columns: Columns;
  readonly languages: readonly string[];
  readonly slices: readonly string[];
  /** `name@version` of what gave the first assessment, where it said so. */
  readonly pack?: string;
  readonly policy?: string;
}

/**
 * Takes labelled messages in one after another and keeps numbers of them.
 *
 * @throws EarshotError `LABEL_INVALID` for a label that is none
 */
export async function observe(
  labelled: AsyncIterable<LabelledAssessment> | Iterable<LabelledAssessment>,
): Promise<Observations> {
  let columns = emptyColumns(1024);
  let count = 0;
  const languages = new Map<string, number>();
  const slices = new Map<string, number>();
  let first: LabelledAssessment["assessment"] | undefined;
  for await (const item of labelled) {
    first ??= item.assessment;
    if (count === columns.level.length) columns = mapColumns((name) => enlarged(columns[name]));
    const row = toRow(item, languages, slices);
    for (const name of COLUMNS) columns[name][count] = row[name];
    count += 1;
  }
  return {
    columns: mapColumns((name) => columns[name].slice(0, count)),
    languages: [...languages.keys()],
    slices: [...slices.keys()],
    ...(first?.pack !== undefined && { pack: first.pack }),
    ...(first?.policy !== undefined && { policy: first.policy }),
  };
}

function toRow(
  { assessment, urgency, categories, signals, language, slice }: LabelledAssessment,
  languages: Map<string, number>,
  slices: Map<string, number>,
): Record<ColumnName, number> {
  const risk = assessment.scores && cumulativeRisk(assessment.scores.urgency);
  return {
    trueLevel: urgency === undefined ? Number.NaN : placeIn(URGENCIES, urgency),
    level: placeIn(URGENCIES, assessment.urgency),
    immediate: risk?.immediate ?? Number.NaN,
    urgent: risk?.urgent ?? Number.NaN,
    trueCategories: categories === undefined ? Number.NaN : toBits(CATEGORIES, categories),
    categories: toBits(CATEGORIES, assessment.categories),
    trueSignals: signals === undefined ? Number.NaN : toBits(SIGNALS, signals),
    signals: toBits(SIGNALS, assessment.signals),
    language: placeOf(language ?? assessment.language?.tag, languages),
    slice: placeOf(slice, slices),
  };
}

function toBits<Label>(labels: readonly Label[], chosen: readonly Label[]): number {
  return chosen.reduce((bits, label) => bits | (1 << placeIn(labels, label)), 0);
}

function placeIn<Label>(labels: readonly Label[], label: Label): number {
  const place = labels.indexOf(label);
  if (place < 0) throw new EarshotError("LABEL_INVALID");
  return place;
}

function placeOf(name: string | undefined, places: Map<string, number>): number {
  if (name === undefined) return Number.NaN;
  const place = places.get(name) ?? places.size;
  places.set(name, place);
  return place;
}

/** The lines that `isChosen` says yes to, in the same order. */
export function selectLines(columns: Columns, isChosen: (line: number) => boolean): Columns {
  const lines = Uint32Array.from({ length: columns.level.length }, (_, line) => line).filter(isChosen);
  return takeLines(columns, lines);
}

/**
 * The lines in an order that depends on nothing but themselves, so that the same lines give the same intervals however
 * they were sorted: resampling draws places.
 */
export function inFixedOrder(columns: Columns): Columns {
  // Languages and slices are numbered as they come. Lines that differ in nothing else may change places unnoticed.
  const keys = COLUMNS.filter((name) => name !== "language" && name !== "slice").map((name) => columns[name]);
  const lines = Uint32Array.from({ length: columns.level.length }, (_, line) => line).sort((left, right) => {
    for (const key of keys) {
      const difference = known(key[left]) - known(key[right]);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return takeLines(columns, lines);
}

function known(value: number): number {
  return Number.isNaN(value) ? -1 : value;
}

function takeLines(columns: Columns, lines: Uint32Array): Columns {
  return mapColumns((name) => Float64Array.from(lines, (line) => columns[name][line]));
}

function emptyColumns(length: number): Columns {
  return mapColumns(() => new Float64Array(length));
}

function enlarged(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}

function mapColumns(make: (name: ColumnName) => Float64Array): Columns {
  return Object.fromEntries(COLUMNS.map((name) => [name, make(name)])) as Record<ColumnName, Float64Array>;
}
