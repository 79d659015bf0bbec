import { EarshotError } from "../errors.js";
import type { ModelThresholds } from "../policy/schema.js";
import type { Scores } from "../types.js";
import type { Pack } from "./pack.js";
import { createScorer } from "./scorer.js";

/** What a model made of one text. */
export interface TextScores {
  readonly scores: Scores;
  /** Tokens that were read, as the model counts them: words or pieces. */
  readonly tokens: number;
  /** Whether the text went on beyond what the model reads. */
  readonly truncated: boolean;
}

/** Anything that gives scores to a text: the model of a pack, or one from elsewhere. */
export interface TextModel {
  /** `name@version`. */
  readonly name: string;
  /** For what a policy leaves open. */
  readonly thresholds: ModelThresholds;
  /** Whether strings of the text stay in memory that nobody can wipe. */
  readonly keepsText: boolean;
  /**
   * Scores `source[start, end)`, UTF-8. The bytes are only read, and all of them before the call returns, so that the
   * caller may wipe them without waiting for the result.
   *
   * @throws EarshotError (the promise rejects) `RUNTIME_FAILED` when the model fails; `INPUT_INVALID` for a range that
   *   lies outside of the source; `CLOSED`
   */
  score(source: Uint8Array, start: number, end: number): Promise<TextScores>;
  /** Releases the model; later calls reject with `CLOSED`. */
  close(): Promise<void>;
}

/** The first stage of a pack as a model by itself: without its phrase rules, and without its encoder. */
export function createPackModel(pack: Pack): TextModel {
  const { manifest } = pack;
  const scorer = createScorer(pack);
  let closed = false;
  return {
    name: `${manifest.name}@${manifest.version}`,
    thresholds: manifest.thresholds,
    keepsText: false,
    async score(source, start, end) {
      if (closed) throw new EarshotError("CLOSED");
      checkRange(source, start, end);
      const { scores, words } = scorer.score(source, start, end);
      if (scores === undefined) throw new EarshotError("RUNTIME_FAILED");
      return { scores, tokens: words, truncated: false };
    },
    async close() {
      closed = true;
    },
  };
}

/**
 * Refuses what is no part of the source.
 *
 * @throws EarshotError `INPUT_INVALID`
 */
export function checkRange(source: Uint8Array, start: number, end: number): void {
  const valid = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= source.length;
  if (!valid) throw new EarshotError("INPUT_INVALID", { start, end });
}
