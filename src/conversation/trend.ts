import { URGENCIES } from "../labels.js";
import { priorityOf } from "../policy/priority.js";
import type { SpeakerTrend, Trend } from "../types.js";
import { gravest, levelAt } from "./course.js";
import { atRiskOf, type ConversationModel, type Standing, threatensOf } from "./model.js";
import { FIELD, PLACES, placeStart, type State, speakerAt, WHOLE } from "./state.js";

/** What is told of a conversation at a moment. */
export function trendOf(model: ConversationModel, state: State, standings: readonly Standing[], atMs: number): Trend {
  const rank = levelAt(state, standings, atMs);
  const level = URGENCIES[URGENCIES.length - 1 - rank];
  const { risk, causes } = gravest(standings);
  return {
    turns: state[WHOLE.turns],
    level,
    priority: priorityOf(level, risk),
    risk: risk.urgent,
    slope: risk.urgent - state[WHOLE.risk],
    firstAlert: state[WHOLE.alert] === 0 ? null : state[WHOLE.alert] - 1,
    held: standings.every((standing) => standing.level < rank),
    reasons: causes.map(({ cause, share }) => ({ code: `trend:${cause}`, weight: share })),
    speakers: speakersOf(model, state, atMs),
  };
}

function speakersOf(model: ConversationModel, state: State, atMs: number): readonly SpeakerTrend[] {
  const speakers: SpeakerTrend[] = [];
  for (let place = 0; place < PLACES; place += 1) {
    const speaker = speakerAt(state, place);
    if (speaker === undefined) continue;
    speakers.push({
      speaker,
      turns: state[placeStart(place) + FIELD.turns],
      atRisk: atRiskOf(model, state, place, atMs),
      threatens: threatensOf(model, state, place, atMs),
    });
  }
  return speakers;
}
