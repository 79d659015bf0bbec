import { type ConversationModel, type Standing, standingsOf } from "./model.js";
import { FIELD, PLACES, placeStart, type State, WHOLE } from "./state.js";

const SOON = 1;
const URGENT = 2;
const IMMEDIATE = 3;
/** Calm turns of the one at risk after which the level falls by one. A choice: one "I am fine" must not end an alarm. */
const CALM_TURNS = 3;
/** Weight of the latest turn in the running mean of the risk. */
const MEAN_WEIGHT = 0.15;

/**
 * Takes what a turn showed into the level that is held. It rises at once. It falls by one after three turns in a row of
 * the speaker at risk whose evidence stays below it, never by turns of others, and from `immediate` no lower than
 * `urgent`. More evidence of risk in any turn never makes a later level lower.
 *
 * @param place of the speaker whose turn it was
 * @param least level below which the turn itself may not be put, 0 to 3
 * @returns what the evidence alone says
 */
export function advance(model: ConversationModel, state: State, place: number, least: number): readonly Standing[] {
  const standings = standingsOf(model, state, state[WHOLE.at]);
  for (const standing of standings) hold(state, standing, standing.place === place, least);
  const { risk } = gravest(standings);
  state[WHOLE.risk] += (state[WHOLE.turns] === 1 ? 1 : MEAN_WEIGHT) * (risk.urgent - state[WHOLE.risk]);
  if (state[WHOLE.alert] === 0 && levelAt(state, standings, state[WHOLE.at]) >= URGENT)
    state[WHOLE.alert] = state[WHOLE.turns];
  return standings;
}

function hold(state: State, standing: Standing, isOwnTurn: boolean, least: number): void {
  const start = placeStart(standing.place);
  const level = Math.max(standing.level, least);
  if (level >= state[start + FIELD.held]) {
    state[start + FIELD.held] = level;
    state[start + FIELD.calm] = 0;
    if (level === IMMEDIATE) state[start + FIELD.locked] = 1;
    return;
  }
  if (!isOwnTurn) return;
  state[start + FIELD.calm] += 1;
  const lowest = state[start + FIELD.locked] === 1 ? URGENT : 0;
  if (state[start + FIELD.calm] < CALM_TURNS || state[start + FIELD.held] <= lowest) return;
  state[start + FIELD.held] -= 1;
  state[start + FIELD.calm] = 0;
}

/** The gravest level that is held for anyone, 0 to 3. */
export function heldLevel(state: State): number {
  let level = 0;
  for (let place = 0; place < PLACES; place += 1) level = Math.max(level, state[placeStart(place) + FIELD.held]);
  return level;
}

/**
 * Puts the level here at most, as somebody decided who looked. What was evidence until now counts no more, so that only
 * later turns can raise the level again.
 */
export function lowerTo(state: State, level: number): void {
  for (let place = 0; place < PLACES; place += 1) {
    const start = placeStart(place);
    const held = Math.min(state[start + FIELD.held], level);
    state.fill(0, start + FIELD.weightSum, placeStart(place + 1));
    state[start + FIELD.held] = held;
  }
}

/** The standing of the speaker whose risk is highest. */
export function gravest(standings: readonly Standing[]): Standing {
  return standings.reduce((worst, standing) => (standing.risk.urgent > worst.risk.urgent ? standing : worst));
}

/** Minutes without an answer, after which somebody who had hinted at harm counts as dropped out. */
const DROPPED_OUT_MINUTES = 10;

/**
 * The level at a moment: what is held, or what the evidence says with the silence until then. Somebody who was at `soon`
 * and has not answered for ten minutes, although written to, is put at `urgent`: they may have been stopped.
 */
export function levelAt(state: State, standings: readonly Standing[], atMs: number): number {
  let level = heldLevel(state);
  for (const standing of standings) {
    const start = placeStart(standing.place);
    const minutes = (atMs - state[start + FIELD.at]) / 60_000;
    const isSilent = state[start + FIELD.turns] > 0 && state[start + FIELD.since] > 0 && minutes >= DROPPED_OUT_MINUTES;
    level = Math.max(level, standing.level, isSilent && state[start + FIELD.held] >= SOON ? URGENT : 0);
  }
  return level;
}
