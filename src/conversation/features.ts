import { CONTEXTS, COURSES, LEVELS, RULE_LEVELS } from "./evidence.js";
import { COUNSELLOR_PLACE, FIELD, PLACES, placeStart, STRONGEST, type State } from "./state.js";

/** Why a conversation stands where it does; each feature counts for one of these. */
export const CAUSES = ["turn", "past", "course", "others", "silence"] as const;
/** Why a conversation stands where it does. */
export type Cause = (typeof CAUSES)[number];

/** What a number of the model's input is. */
export interface Feature {
  readonly name: string;
  /** Whether more of it is more risk, so that its weight must not be below 0. */
  readonly isRisk: boolean;
  readonly cause: Cause;
}

interface Block {
  readonly name: string;
  readonly length: number;
  readonly isRisk: boolean;
  readonly cause: Cause;
}

const block = (name: string, length: number, isRisk: boolean, cause: Cause): Block => ({ name, length, isRisk, cause });
const BLOCKS: readonly Block[] = [
  block("last", LEVELS, true, "turn"),
  block("strongest", LEVELS * STRONGEST, true, "past"),
  block("fast", LEVELS, true, "turn"),
  block("slow", LEVELS, true, "past"),
  block("mean", LEVELS, true, "past"),
  block("rules", RULE_LEVELS, true, "past"),
  block("courses", COURSES, true, "course"),
  block("again", 1, true, "turn"),
  block("unanswered", LEVELS, true, "silence"),
  block("silence", LEVELS, true, "silence"),
  block("contexts", CONTEXTS, false, "past"),
  block("turns", 2, false, "past"),
  block("words", 2, false, "past"),
  block("other-strongest", LEVELS * STRONGEST, true, "others"),
  block("other-rules", RULE_LEVELS, true, "others"),
  block("other-courses", COURSES, true, "course"),
  block("other-contexts", CONTEXTS, false, "others"),
  block("other-turns", 2, false, "others"),
  block("counsellor-strongest", LEVELS * STRONGEST, true, "others"),
  block("counsellor-present", 1, false, "others"),
];

/** The numbers that the model reads, in order. */
export const FEATURES: readonly Feature[] = BLOCKS.flatMap(({ name, length, isRisk, cause }) =>
  Array.from({ length }, (_, index) => ({ name: `${name}-${index}`, isRisk, cause })),
);

const MANY_TURNS = 10;
const MANY_UNANSWERED = 4;
const MS_PER_MINUTE = 60_000;
/** The logarithm of a day in minutes: silence counts no more after that. */
const LONG_SILENCE = Math.log1p(24 * 60);

/**
 * What speaks for one speaker being at risk: what they said, what the strongest of the others said, and what the
 * counsellor asked. More evidence of risk in any turn never makes a feature with `isRisk` smaller.
 *
 * @param atMs now, in milliseconds since 1970, for how long the speaker has been silent
 */
export function featuresOf(state: State, place: number, atMs: number): Float64Array {
  const features = new Float64Array(FEATURES.length);
  let next = 0;
  const put = (value: number): void => {
    features[next] = value;
    next += 1;
  };
  const putAll = (values: Float64Array, field: number, length: number): void => {
    for (let index = 0; index < length; index += 1) put(values[field + index]);
  };

  const own = state.subarray(placeStart(place), placeStart(place + 1));
  const turns = own[FIELD.turns];
  putAll(own, FIELD.last, LEVELS);
  putAll(own, FIELD.strongest, LEVELS * STRONGEST);
  putAll(own, FIELD.fast, LEVELS);
  putAll(own, FIELD.slow, LEVELS);
  putAll(own, FIELD.mean, LEVELS);
  putAll(own, FIELD.rules, RULE_LEVELS);
  putAll(own, FIELD.courses, COURSES);
  put(Math.sqrt(own[FIELD.last + 1] * own[FIELD.slow + 1]));
  const unanswered = turns === 0 ? 0 : Math.min(own[FIELD.since], MANY_UNANSWERED) / MANY_UNANSWERED;
  const minutes = turns === 0 ? 0 : Math.max(atMs - own[FIELD.at], 0) / MS_PER_MINUTE;
  const silence = Math.min(Math.log1p(minutes) / LONG_SILENCE, 1);
  for (let level = 0; level < LEVELS; level += 1) put(own[FIELD.slow + level] * unanswered);
  for (let level = 0; level < LEVELS; level += 1) put(own[FIELD.slow + level] * silence);
  putAll(own, FIELD.contexts, CONTEXTS);
  put(Math.min(turns, MANY_TURNS) / MANY_TURNS);
  put(Math.log1p(Math.min(turns, MANY_TURNS)));
  put(own[FIELD.weightSum] / Math.max(turns, 1));
  put(own[FIELD.weightLast]);

  const others = strongestOfOthers(state, place);
  putAll(others, FIELD.strongest, LEVELS * STRONGEST);
  putAll(others, FIELD.rules, RULE_LEVELS);
  putAll(others, FIELD.courses, COURSES);
  putAll(others, FIELD.contexts, CONTEXTS);
  put(Math.min(others[FIELD.turns], MANY_TURNS) / MANY_TURNS);
  put(Math.min(others[FIELD.turns], 1));

  const counsellor = placeStart(COUNSELLOR_PLACE);
  putAll(state.subarray(counsellor), FIELD.strongest, LEVELS * STRONGEST);
  put(Math.min(state[counsellor + FIELD.turns], 1));
  return features;
}

/** Each number at its highest among the others, so that it does not matter who of them spoke first. */
function strongestOfOthers(state: State, place: number): Float64Array {
  const highest = new Float64Array(placeStart(1));
  for (let other = 0; other < PLACES; other += 1) {
    if (other === place || other === COUNSELLOR_PLACE) continue;
    const start = placeStart(other);
    for (let field = 0; field < highest.length; field += 1)
      highest[field] = Math.max(highest[field], state[start + field]);
  }
  return highest;
}
