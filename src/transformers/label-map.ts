import * as z from "zod/mini";
import { EarshotError } from "../errors.js";
import { CATEGORIES, type Category, SIGNALS, type Signal, URGENCIES, type Urgency } from "../labels.js";
import type { Scores } from "../types.js";

/** Shares from 0 to 1; a label that is left out has 0. */
export type Shares<Label extends string> = Readonly<Partial<Record<Label, number | undefined>>> | undefined;

/** What one label of another model says in our terms. An empty one says nothing. */
export interface LabelMeaning {
  /** Share of the texts with this label that are of each level; what is missing to 1 is `routine`. */
  readonly urgency?: Shares<Urgency>;
  /** Share of the texts with this label that speak of each category. */
  readonly categories?: Shares<Category>;
  /** Share of the texts with this label that show each signal. */
  readonly signals?: Shares<Signal>;
}

/** From the labels of another model to ours: a small JSON file. */
export interface LabelMap {
  readonly schemaVersion: 1;
  /** Of the model, for `Assessment.pack`. */
  readonly name: string;
  readonly version: string;
  /** Every label of the model and no other, spelled as in its `config.json`. */
  readonly labels: Readonly<Record<string, LabelMeaning>>;
}

const share = z.number().check(z.gte(0), z.lte(1));
const shares = <Label extends string>(labels: readonly Label[]) =>
  z.optional(
    z.strictObject(
      Object.fromEntries(labels.map((label) => [label, z.optional(share)])) as Record<
        Label,
        z.ZodMiniOptional<typeof share>
      >,
    ),
  );
/** Sums of decimal fractions are not exact. */
const SLACK = 1e-9;
const atMostOne = (urgency: Shares<Urgency>): boolean =>
  URGENCIES.reduce((sum, level) => sum + (urgency?.[level] ?? 0), 0) <= 1 + SLACK;

const labelMapSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string().check(z.regex(/^[a-z0-9-]{1,64}$/)),
  version: z.string().check(z.regex(/^\d+\.\d+\.\d+$/)),
  labels: z.record(
    z.string().check(z.minLength(1), z.maxLength(200)),
    z.strictObject({
      urgency: shares(URGENCIES).check(z.refine(atMostOne)),
      categories: shares(CATEGORIES),
      signals: shares(SIGNALS),
    }),
  ),
});

/**
 * Checks a label map. One by which no label could make a text more than routine is refused: it would put everybody last
 * without a word.
 *
 * @throws EarshotError `LABEL_MAP_INVALID`
 */
export function parseLabelMap(value: unknown): LabelMap {
  const result = labelMapSchema.safeParse(value);
  if (!result.success) throw new EarshotError("LABEL_MAP_INVALID", { problems: result.error.issues.length });
  const isGrave = ({ urgency = {} }: LabelMeaning): boolean =>
    URGENCIES.some((level) => level !== "routine" && (urgency[level] ?? 0) > 0);
  if (!Object.values(result.data.labels).some(isGrave)) throw new EarshotError("LABEL_MAP_INVALID", { grave: 0 });
  return result.data;
}

/** Turns the probabilities of another model, in the order of its labels, into ours. */
export type MapScores = (probabilities: ArrayLike<number>) => Scores;

/**
 * Prepares a label map for a model with these labels. Where labels exclude each other, what they say is added up, as
 * shares of a whole are; where several may hold at once, the strongest counts, so that two that say the same do not
 * count twice.
 *
 * @param exclusive whether the probabilities sum to 1
 * @throws EarshotError `LABEL_MAP_INVALID` when the map names another label, or leaves one out
 */
export function createMapping(map: LabelMap, labels: readonly string[], exclusive: boolean): MapScores {
  const unknown = Object.keys(map.labels).filter((label) => !labels.includes(label)).length;
  const missing = labels.filter((label) => !Object.hasOwn(map.labels, label)).length;
  if (unknown + missing > 0) throw new EarshotError("LABEL_MAP_INVALID", { unknown, missing });
  const meanings = labels.map((label) => map.labels[label]);
  const atLeast = [1, 2, 3].map((levels) =>
    meanings.map(({ urgency = {} }) =>
      URGENCIES.slice(0, levels).reduce((sum, level) => sum + (urgency[level] ?? 0), 0),
    ),
  );
  const categories = CATEGORIES.map((category) => meanings.map((meaning) => meaning.categories?.[category] ?? 0));
  const signals = SIGNALS.map((signal) => meanings.map((meaning) => meaning.signals?.[signal] ?? 0));

  return (probabilities) => {
    const combine = (weights: readonly number[]): number => {
      let combined = 0;
      for (let i = 0; i < weights.length; i += 1) {
        const part = weights[i] * probabilities[i];
        combined = exclusive ? combined + part : Math.max(combined, part);
      }
      return Math.min(1, combined);
    };
    const [immediate, urgent, soon] = atLeast.map(combine);
    return {
      urgency: { immediate, urgent: urgent - immediate, soon: soon - urgent, routine: 1 - soon },
      categories: toRecord(CATEGORIES, categories.map(combine)),
      signals: toRecord(SIGNALS, signals.map(combine)),
    };
  };
}

function toRecord<Label extends string>(labels: readonly Label[], values: readonly number[]): Record<Label, number> {
  return Object.fromEntries(labels.map((label, index) => [label, values[index]])) as Record<Label, number>;
}
