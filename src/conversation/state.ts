import { CONTEXTS, COURSES, type Evidence, LEVELS, RULE_LEVELS } from "./evidence.js";

/** Who speaks: a role, or in groups a number of the caller's own choice, the same for every turn of one speaker. */
export type Speaker = "person" | "counsellor" | "other" | number;

/** Places for speakers with a number. Those who come later share the last one. */
export const NUMBERED_SPEAKERS = 8;

const ROLES = ["person", "counsellor", "other"] as const;
/** Places for speakers: one per role, then the numbered ones. */
export const PLACES: number = ROLES.length + NUMBERED_SPEAKERS;
/** Strongest turns that are kept per level. */
export const STRONGEST = 3;

type SpeakerNumber =
  | "key"
  | "turns"
  | "at"
  | "since"
  | "weightSum"
  | "weightLast"
  | "last"
  | "strongest"
  | "fast"
  | "slow"
  | "mean"
  | "rules"
  | "courses"
  | "contexts"
  | "held"
  | "calm"
  | "locked";
type WholeNumber = "turns" | "at" | "alert" | "risk";

// Where each number of a speaker stands, counted from the start of the speaker's place.
let width = 0;
const take = (count: number): number => {
  width += count;
  return width - count;
};
/** Offsets of what is kept of one speaker. */
export const FIELD: Readonly<Record<SpeakerNumber, number>> = {
  /** Number of the speaker plus one, or `SHARED`. */
  key: take(1),
  turns: take(1),
  /** Milliseconds since 1970 of the latest turn. */
  at: take(1),
  /** Turns of others since the latest own one. */
  since: take(1),
  weightSum: take(1),
  weightLast: take(1),
  last: take(LEVELS),
  /** Per level the three strongest turns, strongest first. */
  strongest: take(LEVELS * STRONGEST),
  fast: take(LEVELS),
  slow: take(LEVELS),
  mean: take(LEVELS),
  rules: take(RULE_LEVELS),
  courses: take(COURSES),
  contexts: take(CONTEXTS),
  /** Level that is held for this speaker, 0 for `routine` to 3 for `immediate`. */
  held: take(1),
  /** Own turns since the evidence last reached the held level. */
  calm: take(1),
  /** 1 while only somebody who looked may take the level below `urgent`. */
  locked: take(1),
};
const PLACE_LENGTH = width;

/** Stands for the number of a place that several speakers share. */
export const SHARED = -1;

/** Offsets of what is kept of the whole conversation, after the speakers. */
export const WHOLE: Readonly<Record<WholeNumber, number>> = {
  turns: PLACES * PLACE_LENGTH,
  /** Milliseconds since 1970 of the latest turn. */
  at: PLACES * PLACE_LENGTH + 1,
  /** Number of the turn, from 1, that first reached `urgent`; 0 for none. */
  alert: PLACES * PLACE_LENGTH + 2,
  /** Running mean of the risk. */
  risk: PLACES * PLACE_LENGTH + 3,
};

/** Numbers of a state, however long the conversation. */
export const STATE_LENGTH: number = PLACES * PLACE_LENGTH + Object.keys(WHOLE).length;

/** All that is kept of a conversation: `STATE_LENGTH` numbers, all 0 at its start. */
export type State = Float64Array;

// Half the weight on the latest turn; or on about the latest four. Choices; which of the two counts is learned.
const FAST = 0.5;
const SLOW = 0.15;
/** What a label must exceed to add to a course: below it stands the noise of labels that are absent. */
const COURSE_FROM = 0.1;
const COURSE_LIMIT = 2;

/** A conversation in which nothing has been said. */
export function createState(): State {
  return new Float64Array(STATE_LENGTH);
}

/** Where the numbers of a place begin. */
export function placeStart(place: number): number {
  return place * PLACE_LENGTH;
}

/** Who speaks from a place; null for a place that is shared, undefined for one that nobody has taken. */
export function speakerAt(state: State, place: number): Speaker | null | undefined {
  const start = placeStart(place);
  if (state[start + FIELD.turns] === 0) return undefined;
  if (place < ROLES.length) return ROLES[place];
  return state[start + FIELD.key] === SHARED ? null : state[start + FIELD.key] - 1;
}

/** Adds one turn. Times that run backwards count as no time passed. */
export function addTurn(state: State, speaker: Speaker, atMs: number, evidence: Evidence): void {
  const place = placeOf(state, speaker);
  const at = Math.max(atMs, state[WHOLE.at]);
  for (let other = 0; other < PLACES; other += 1) state[placeStart(other) + FIELD.since] += 1;
  state[WHOLE.at] = at;
  state[WHOLE.turns] += 1;

  const own = state.subarray(placeStart(place), placeStart(place + 1));
  own[FIELD.turns] += 1;
  own[FIELD.at] = at;
  own[FIELD.since] = 0;
  own[FIELD.weightSum] += evidence.weight;
  own[FIELD.weightLast] = evidence.weight;
  for (let level = 0; level < LEVELS; level += 1) {
    const value = evidence.levels[level];
    own[FIELD.last + level] = value;
    own[FIELD.fast + level] += FAST * (value - own[FIELD.fast + level]);
    own[FIELD.slow + level] += SLOW * (value - own[FIELD.slow + level]);
    own[FIELD.mean + level] += (evidence.weight / own[FIELD.weightSum]) * (value - own[FIELD.mean + level]);
    insert(own.subarray(FIELD.strongest + level * STRONGEST, FIELD.strongest + (level + 1) * STRONGEST), value);
  }
  for (let rule = 0; rule < RULE_LEVELS; rule += 1)
    own[FIELD.rules + rule] = Math.max(own[FIELD.rules + rule], evidence.rules[rule]);
  for (let course = 0; course < COURSES; course += 1) {
    const sum = own[FIELD.courses + course] + Math.max(evidence.courses[course] - COURSE_FROM, 0);
    own[FIELD.courses + course] = Math.min(sum, COURSE_LIMIT);
  }
  for (let context = 0; context < CONTEXTS; context += 1)
    own[FIELD.contexts + context] += SLOW * (evidence.contexts[context] - own[FIELD.contexts + context]);
}

/** The place a speaker has or now takes. */
export function placeOf(state: State, speaker: Speaker): number {
  if (typeof speaker === "string") return ROLES.indexOf(speaker);
  for (let place = ROLES.length; place < PLACES; place += 1) {
    const start = placeStart(place);
    if (state[start + FIELD.key] === 0) state[start + FIELD.key] = speaker + 1;
    if (state[start + FIELD.key] === speaker + 1) return place;
  }
  state[placeStart(PLACES - 1) + FIELD.key] = SHARED;
  return PLACES - 1;
}

/** Whether a place is that of somebody who may be the one at risk: the person, or anyone with a number. */
export function mayBeAtRisk(place: number): boolean {
  return place === 0 || place >= ROLES.length;
}

/** Place of the role that answers for the service. */
export const COUNSELLOR_PLACE: number = ROLES.indexOf("counsellor");

function insert(strongest: Float64Array, value: number): void {
  let rest = value;
  for (let rank = 0; rank < strongest.length; rank += 1) {
    const higher = Math.max(strongest[rank], rest);
    rest = Math.min(strongest[rank], rest);
    strongest[rank] = higher;
  }
}
