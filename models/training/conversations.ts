import { readFileSync } from "node:fs";
import { advance, levelAt } from "../../src/conversation/course.js";
import { type Evidence, evidenceOf } from "../../src/conversation/evidence.js";
import { CONVERSATION_MODEL } from "../../src/conversation/learned.js";
import { addTurn, createState, placeOf, type Speaker, WHOLE } from "../../src/conversation/state.js";
import { URGENCIES } from "../../src/labels.js";
import { createTriage } from "../../src/triage.js";
import type { Assessment } from "../../src/types.js";

/** One turn, labelled and scored. */
export interface LabelledTurn {
  /** Who spoke, in the words of the data. */
  readonly by: string;
  readonly atMs: number;
  /** Level of the conversation as known after this turn, 0 for `routine` to 3 for `immediate`. */
  readonly level: number;
  readonly categories: readonly string[];
  readonly assessment: Assessment;
  readonly evidence: Evidence;
}

/** One labelled conversation. */
export interface LabelledConversation {
  readonly about: string;
  readonly setting: string;
  /** The highest level it reaches, 0 to 3. */
  readonly peak: number;
  /** Index of the turn from which a good counsellor would say at least urgent; null for never. */
  readonly firstAlert: number | null;
  readonly turns: readonly LabelledTurn[];
}

const LETTERS = "RSUI";
/** Of five conversations in a row the last is held out. */
const CYCLE = 5;
const URGENT = 2;

/** Which conversations: those that were learned from, or every fifth, which was not looked at. */
export type Part = "training" | "held out";

/** Reads conversations and scores their turns one by one with the bundled pack and the default policy. */
export async function readConversations(part: Part): Promise<LabelledConversation[]> {
  const path = new URL("data/conversations.jsonl", import.meta.url);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  await using triage = await createTriage();
  const conversations: LabelledConversation[] = [];
  for (const [index, line] of lines.entries()) {
    if ((index % CYCLE === CYCLE - 1) !== (part === "held out")) continue;
    const row = JSON.parse(line);
    const turns: LabelledTurn[] = [];
    for (const { by, t, text, u, c } of row.turns) {
      const assessment = await triage.assess(text);
      const evidence = evidenceOf(assessment);
      turns.push({ by, atMs: t * 1000, level: LETTERS.indexOf(u), categories: c, assessment, evidence });
    }
    const { about, setting, first_alert: firstAlert } = row;
    conversations.push({ about, setting, peak: LETTERS.indexOf(row.peak), firstAlert, turns });
  }
  return conversations;
}

/** Index of the first turn after which the conversation is urgent or graver; null for never. */
export function alertOf({ turns }: LabelledConversation, speakerOf: (by: string) => Speaker): number | null {
  const state = createState();
  const levels = turns.map(({ by, atMs, evidence }) => {
    addTurn(state, speakerOf(by), atMs, evidence);
    const standings = advance(CONVERSATION_MODEL, state, placeOf(state, speakerOf(by)), 0);
    return levelAt(state, standings, state[WHOLE.at]);
  });
  return firstAtLeast(levels, URGENT);
}

/** Index of the first turn that is urgent or graver by itself: what the gravest turn alone would say. */
export function floorOf({ turns }: LabelledConversation): number | null {
  return firstAtLeast(turns.map(turnLevel), URGENT);
}

/** The role that a speaker of the data has in Earshot. */
export function roleOf(by: string): Speaker {
  return by === "person" || by === "counsellor" ? by : "other";
}

/** Level of a turn by itself, 0 to 3. */
export function turnLevel({ assessment }: LabelledTurn): number {
  return URGENCIES.length - 1 - URGENCIES.indexOf(assessment.urgency);
}

/** Index of the first number of at least `limit`, null when there is none. */
export function firstAtLeast(values: readonly number[], limit: number): number | null {
  const index = values.findIndex((value) => value >= limit);
  return index === -1 ? null : index;
}

/** Alerts of conversations, counted against their labels. */
export interface AlertCounts {
  /** Conversations that reach the level. */
  readonly reaching: number;
  /** Of these, those with an alert at any turn. */
  readonly alerted: number;
  /** Of these, those with one at or before the labelled turn. */
  readonly inTime: number;
  /** Turns from the labelled one to the alert, of those with one; below 0 for early. */
  readonly turnsLate: readonly number[];
  /** Conversations that never reach the level. */
  readonly harmless: number;
  /** Of these, those with an alert. */
  readonly falseAlerts: number;
}

/** Counts alerts. Both arrays hold, per conversation, the index of a turn or null for never. */
export function countAlerts(labelled: ReadonlyArray<number | null>, alerts: ReadonlyArray<number | null>): AlertCounts {
  const counts = { reaching: 0, alerted: 0, inTime: 0, turnsLate: [] as number[], harmless: 0, falseAlerts: 0 };
  for (const [index, first] of labelled.entries()) {
    const alert = alerts[index];
    if (first === null) {
      counts.harmless += 1;
      if (alert !== null) counts.falseAlerts += 1;
      continue;
    }
    counts.reaching += 1;
    if (alert === null) continue;
    counts.alerted += 1;
    counts.turnsLate.push(alert - first);
    if (alert <= first) counts.inTime += 1;
  }
  return counts;
}
