import type { CumulativeRisk } from "../policy/priority.js";
import { CAUSES, type Cause, FEATURES, featuresOf } from "./features.js";
import { COUNSELLOR_PLACE, FIELD, mayBeAtRisk, PLACES, placeStart, type State } from "./state.js";

/** A logistic regression on `FEATURES`. */
export interface Head {
  readonly weights: readonly number[];
  readonly bias: number;
  /** Probability in (0, 1) from which the level is reached. */
  readonly threshold: number;
}

/** What is learned from labelled conversations; `learn-conversations.ts` writes it. */
export interface ConversationModel {
  /** Changes whenever the numbers do; a saved conversation goes on only with the same. */
  readonly version: string;
  /** `name@version` of the model pack whose scores it was learned on. */
  readonly learnedOn: string;
  readonly immediate: Head;
  readonly urgent: Head;
  readonly soon: Head;
  readonly threatens: Head;
}

/** How a conversation stands for one speaker, by the evidence alone. */
export interface Standing {
  /** Place of the speaker. */
  readonly place: number;
  /** Probabilities in [0, 1] that the level is this one or a graver one. */
  readonly risk: CumulativeRisk;
  /** 0 for `routine` to 3 for `immediate`. */
  readonly level: number;
  /** Share in [0, 1] of each cause in what speaks for risk; strongest first, those of no weight left out. */
  readonly causes: ReadonlyArray<{ readonly cause: Cause; readonly share: number }>;
}

/**
 * Judges the evidence for everyone who has spoken and may be at risk, at least one. Where there is nobody, that is the
 * person who has not answered yet, by what the others wrote.
 */
export function standingsOf(model: ConversationModel, state: State, atMs: number): readonly Standing[] {
  const places = Array.from({ length: PLACES }, (_, place) => place).filter(
    (place) => mayBeAtRisk(place) && state[placeStart(place) + FIELD.turns] > 0,
  );
  return (places.length === 0 ? [0] : places).map((place) => standingAt(model, state, place, atMs));
}

function standingAt(model: ConversationModel, state: State, place: number, atMs: number): Standing {
  const features = featuresOf(state, place, atMs);
  const immediate = probabilityBy(model.immediate, features);
  const urgent = probabilityBy(model.urgent, features);
  const soon = probabilityBy(model.soon, features);
  const atLeastUrgent = Math.max(urgent, immediate);
  return {
    place,
    risk: { immediate, urgent: atLeastUrgent, soon: Math.max(soon, atLeastUrgent) },
    level: levelBy(model, immediate, urgent, soon),
    causes: causesOf(model.urgent, features),
  };
}

function levelBy(model: ConversationModel, immediate: number, urgent: number, soon: number): number {
  if (immediate >= model.immediate.threshold) return 3;
  if (urgent >= model.urgent.threshold) return 2;
  return soon >= model.soon.threshold ? 1 : 0;
}

/** Probability that a speaker is the one at risk, as if no other were. */
export function atRiskOf(model: ConversationModel, state: State, place: number, atMs: number): number {
  return place === COUNSELLOR_PLACE ? 0 : probabilityBy(model.urgent, featuresOf(state, place, atMs));
}

/** Probability that a speaker is the one who threatens, grooms or recruits. */
export function threatensOf(model: ConversationModel, state: State, place: number, atMs: number): number {
  return place === COUNSELLOR_PLACE ? 0 : probabilityBy(model.threatens, featuresOf(state, place, atMs));
}

/** The probability that a head gives. */
export function probabilityBy({ weights, bias }: Pick<Head, "weights" | "bias">, features: Float64Array): number {
  let logit = bias;
  for (let index = 0; index < features.length; index += 1) logit += weights[index] * features[index];
  return 1 / (1 + Math.exp(-logit));
}

function causesOf({ weights }: Head, features: Float64Array): Standing["causes"] {
  const sums = new Map<Cause, number>(CAUSES.map((cause) => [cause, 0]));
  let total = 0;
  for (const [index, { isRisk, cause }] of FEATURES.entries()) {
    if (!isRisk) continue;
    const part = weights[index] * features[index];
    sums.set(cause, (sums.get(cause) ?? 0) + part);
    total += part;
  }
  return [...sums]
    .filter(([, part]) => part > 0)
    .sort(([, left], [, right]) => right - left)
    .map(([cause, part]) => ({ cause, share: part / total }));
}
