import * as z from "zod/mini";
import { EarshotError } from "../errors.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../labels.js";
import type { ModelThresholds } from "../policy/schema.js";

/** One file of a pack beside its manifest. */
export interface PackFile {
  /** Name inside the pack's folder. */
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal SHA-256. */
  readonly sha256: string;
}

/**
 * From logits to a calibrated one: `whole * logit of the whole + window * highest logit of a window + offset`, and where
 * the encoder ran also `encoder` and `encoderWindow` times its own.
 */
export interface Calibration {
  readonly whole: number;
  readonly window: number;
  readonly encoder?: number | undefined;
  readonly encoderWindow?: number | undefined;
  readonly offset: number;
}

/** One head: for messages of one window, and for longer ones. Slopes are not negative, so that risk stays monotone. */
export interface HeadCalibration {
  readonly short: Calibration;
  readonly long: Calibration;
}

/** How the second stage reads a message. */
export interface EncoderSettings {
  /** ONNX graph. */
  readonly file: string;
  readonly vocabulary: string;
  /** Pieces that the vocabulary must have. */
  readonly pieces: number;
  /** Pieces in a window, how far apart windows begin, and how many are read at most. */
  readonly windowPieces: number;
  readonly stridePieces: number;
  readonly maximumWindows: number;
  /** As `Manifest.calibration`, for messages that both models have read. */
  readonly calibration: readonly HeadCalibration[];
}

/** How well the model did in one language, on development texts. */
export interface LanguageQuality {
  /** BCP 47 primary tag. */
  readonly tag: string;
  /** Labelled texts that the model was trained on. */
  readonly trainingTexts: number;
  /** Labelled texts that the figures were measured on; 0 when there were none. */
  readonly developmentTexts: number;
  /** Quadratic kappa of urgency, null when not measured. */
  readonly kappa: number | null;
}

/** What a pack says about itself; `models/packs/<name>/manifest.json`. */
export interface Manifest {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Must be the labels that this version of Earshot speaks, in order. */
  readonly labels: { readonly urgency: string[]; readonly categories: string[]; readonly signals: string[] };
  /** Version of the text path (normaliser and features) that the pack was trained with. */
  readonly textVersion: number;
  readonly files: readonly PackFile[];
  readonly linear: {
    readonly file: string;
    /** Words in a block, and blocks in a window; windows overlap by all blocks but one. */
    readonly blockWords: number;
    readonly blocksPerWindow: number;
  };
  readonly language: {
    readonly file: string;
    /** BCP 47 tag of each column. */
    readonly tags: readonly string[];
    /** Words that are looked at, from the beginning. */
    readonly words: number;
    /** Probability of supported languages together under which a message counts as unsupported. */
    readonly supportedFrom: number;
    readonly calibration: { readonly scale: number };
  };
  readonly rules: { readonly file: string };
  /** A second stage, which a pack may do without. */
  readonly encoder?: EncoderSettings | undefined;
  /** First the cumulative levels (immediate, urgent or graver, soon or graver), then categories, then signals. */
  readonly calibration: readonly HeadCalibration[];
  readonly thresholds: ModelThresholds;
  /** Languages with risk data; all others are unsupported. */
  readonly languages: readonly LanguageQuality[];
  readonly trainingData: ReadonlyArray<{ readonly name: string; readonly licence: string; readonly texts: number }>;
}

/** Version of normaliser and features; a pack that was trained with another one would score nonsense. */
export const TEXT_VERSION = 1;
/** Cumulative levels, categories and signals. */
export const HEADS: number = URGENCIES.length - 1 + CATEGORIES.length + SIGNALS.length;

const probability = z.number().check(z.gte(0), z.lte(1));
const natural = z.int().check(z.gte(0));
const fileName = z.string().check(z.regex(/^[a-z0-9][a-z0-9.-]*$/));
const tag = z.string().check(z.regex(/^[A-Za-z0-9-]{2,35}$/));
const slope = z.number().check(z.gte(0));
const calibration = z.strictObject({
  whole: slope,
  window: slope,
  encoder: z.optional(slope),
  encoderWindow: z.optional(slope),
  offset: z.number(),
});
const calibrations = z.array(z.strictObject({ short: calibration, long: calibration })).check(z.length(HEADS));
const probabilities = <Label extends string>(labels: readonly Label[]) =>
  z.strictObject(Object.fromEntries(labels.map((label) => [label, probability])) as Record<Label, typeof probability>);
const exactly = (labels: readonly string[]) =>
  z.array(z.string()).check(z.refine((value) => value.join() === labels.join()));

const manifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string().check(z.regex(/^[a-z0-9-]{1,64}$/)),
  version: z.string().check(z.regex(/^\d+\.\d+\.\d+$/)),
  licence: z.string(),
  labels: z.strictObject({ urgency: exactly(URGENCIES), categories: exactly(CATEGORIES), signals: exactly(SIGNALS) }),
  textVersion: z.literal(TEXT_VERSION),
  files: z.array(
    z.strictObject({ path: fileName, bytes: natural, sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }),
  ),
  linear: z.strictObject({
    file: fileName,
    blockWords: z.int().check(z.gte(4), z.lte(64)),
    blocksPerWindow: z.int().check(z.gte(1), z.lte(8)),
  }),
  language: z.strictObject({
    file: fileName,
    tags: z.array(tag),
    words: natural,
    supportedFrom: probability,
    calibration: z.strictObject({ scale: z.number() }),
  }),
  rules: z.strictObject({ file: fileName }),
  encoder: z.optional(
    z.strictObject({
      file: fileName,
      vocabulary: fileName,
      pieces: natural,
      windowPieces: z.int().check(z.gte(16), z.lte(512)),
      stridePieces: z.int().check(z.gte(8), z.lte(512)),
      maximumWindows: z.int().check(z.gte(1), z.lte(64)),
      calibration: calibrations,
    }),
  ),
  calibration: calibrations,
  thresholds: z.strictObject({
    urgency: z.strictObject({
      immediate: probability,
      urgent: probability,
      soon: probability,
      doubt: probability,
      doubtRatio: z.number().check(z.gt(0)),
    }),
    categories: probabilities(CATEGORIES),
    signals: probabilities(SIGNALS),
  }),
  languages: z.array(
    z.strictObject({ tag, trainingTexts: natural, developmentTexts: natural, kappa: z.nullable(z.number()) }),
  ),
  trainingData: z.array(z.strictObject({ name: z.string(), licence: z.string(), texts: natural })),
});

/**
 * Reads a manifest.
 *
 * @throws EarshotError `PACK_INVALID` when it is not JSON or does not match
 */
export function parseManifest(json: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new EarshotError("PACK_INVALID");
  }
  const result = manifestSchema.safeParse(value);
  if (!result.success) throw new EarshotError("PACK_INVALID", { problems: result.error.issues.length });
  return result.data;
}
