/**
 * Prints how well conversations are judged, beside the gravest single turn as the floor, for the conversations that were
 * held out and for those that were learned from:
 *
 *     npx tsx models/training/report-conversations.ts [--kinds]
 *
 * `--kinds` adds a line for each held-out conversation.
 */

import { CONVERSATION_MODEL } from "../../src/conversation/learned.js";
import { atRiskOf, threatensOf } from "../../src/conversation/model.js";
import { addTurn, createState, placeOf, type Speaker, WHOLE } from "../../src/conversation/state.js";
import { bootstrap, DEFAULT_SAMPLING, type Estimate, proportion } from "../../src/evaluation/intervals.js";
import {
  alertOf,
  countAlerts,
  floorOf,
  type LabelledConversation,
  readConversations,
  roleOf,
} from "./conversations.js";

const NUMBERS = ["person", "peer", "stranger", "parent", "teacher"];
/** As in a group where nobody knows who is who, only the counsellor if there is one. */
const numbered = (by: string): Speaker => (by === "counsellor" ? by : NUMBERS.indexOf(by));

function show(estimate: Estimate | undefined, factor: number): string {
  if (estimate === undefined) return "none";
  const { value, low, high, n } = estimate;
  const [shown, from, to] = [value, low, high].map((number) => (number * factor).toFixed(1));
  return `${shown} [${from}, ${to}] (n ${n})`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function print(
  name: string,
  conversations: readonly LabelledConversation[],
  alerts: ReadonlyArray<number | null>,
): void {
  const counts = countAlerts(
    conversations.map(({ firstAlert }) => firstAlert),
    alerts,
  );
  const late = counts.turnsLate;
  const [turns] = bootstrap(
    late.length,
    (drawn) => [median(late.flatMap((value, index) => new Array<number>(drawn[index]).fill(value)))],
    DEFAULT_SAMPLING,
  );
  const falseOf = (peak: number): string => {
    const own = conversations.flatMap((conversation, index) => (conversation.peak === peak ? [alerts[index]] : []));
    return show(proportion(own.filter((alert) => alert !== null).length, own.length), 100);
  };
  process.stdout.write(
    `${name}
  recall, %                      ${show(proportion(counts.alerted, counts.reaching), 100)}
  at or before the turn, %       ${show(proportion(counts.inTime, counts.reaching), 100)}
  median turns late              ${show(turns, 1)}
  false alerts per 100           ${show(proportion(counts.falseAlerts, counts.harmless), 100)}
    of those labelled soon       ${falseOf(1)}
    of those labelled routine    ${falseOf(0)}
`,
  );
}

/** In conversations with others that reach urgent: how often the person is told from who threatens them. */
function printSpeakers(conversations: readonly LabelledConversation[]): void {
  let pairs = 0;
  let told = 0;
  let accused = 0;
  let harmless = 0;
  for (const { turns, firstAlert } of conversations) {
    if (!turns.some(({ by }) => roleOf(by) === "other")) continue;
    const state = createState();
    for (const { by, atMs, evidence } of turns) addTurn(state, numbered(by), atMs, evidence);
    const place = (by: string): number => placeOf(state, numbered(by));
    const other = ["stranger", "parent"].find((by) => turns.some((turn) => turn.by === by));
    const threatens = (by: string): number => threatensOf(CONVERSATION_MODEL, state, place(by), state[WHOLE.at]);
    if (firstAlert === null) {
      harmless += 1;
      const all = new Set(turns.map(({ by }) => by));
      if ([...all].some((by) => threatens(by) >= CONVERSATION_MODEL.threatens.threshold)) accused += 1;
    } else if (other !== undefined) {
      pairs += 1;
      const atRisk = atRiskOf(CONVERSATION_MODEL, state, place("person"), state[WHOLE.at]);
      if (threatens(other) > threatens("person") && atRisk >= CONVERSATION_MODEL.urgent.threshold) told += 1;
    }
  }
  process.stdout.write(
    `speakers, without knowing who is who
  person at risk, and the stranger or parent likelier to threaten, %  ${show(proportion(told, pairs), 100)}
  harmless conversations in which somebody is said to threaten, %     ${show(proportion(accused, harmless), 100)}
`,
  );
}

for (const part of ["held out", "training"] as const) {
  const conversations = await readConversations(part);
  const floor = conversations.map(floorOf);
  const alerts = conversations.map((conversation) => alertOf(conversation, roleOf));
  process.stdout.write(`== ${part}: ${conversations.length} conversations\n`);
  print("gravest turn (floor)", conversations, floor);
  print("conversation", conversations, alerts);
  print(
    "conversation, speakers as numbers",
    conversations,
    conversations.map((conversation) => alertOf(conversation, numbered)),
  );
  for (const setting of [...new Set(conversations.map((conversation) => conversation.setting))].sort()) {
    const kept = conversations.flatMap((conversation, index) => (conversation.setting === setting ? [index] : []));
    print(
      `conversation, ${setting} only`,
      kept.map((index) => conversations[index]),
      kept.map((index) => alerts[index]),
    );
  }
  printSpeakers(conversations);
  if (!process.argv.includes("--kinds") || part === "training") continue;
  process.stdout.write("labelled turn, alert of the floor, alert of the conversation, kind\n");
  for (const [index, { about, firstAlert }] of conversations.entries()) {
    const turns = [firstAlert, floor[index], alerts[index]].map((turn) => String(turn ?? "-").padStart(3));
    process.stdout.write(`${turns.join(" ")}  ${about}\n`);
  }
}
