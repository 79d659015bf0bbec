/**
 * Learns how a conversation is judged from its turns, and writes `src/conversation/learned.json`:
 *
 *     npx tsx models/training/learn-conversations.ts && npx biome format --write src/conversation/learned.json
 *
 * Every fifth conversation is not looked at. Turns are scored by the bundled pack, so this is run again whenever the pack
 * changes. There is no chance in it: the same pack and data give the same numbers.
 */

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { FEATURES, featuresOf } from "../../src/conversation/features.js";
import { type Head, probabilityBy } from "../../src/conversation/model.js";
import { addTurn, createState, placeOf, WHOLE } from "../../src/conversation/state.js";
import { fitLogistic, type Sequence } from "./conversation-fit.js";
import {
  type AlertCounts,
  countAlerts,
  firstAtLeast,
  type LabelledConversation,
  readConversations,
  roleOf,
  turnLevel,
} from "./conversations.js";

const FOLDS = 5;
const PENALTIES = [0.003, 0.01, 0.03];
const LEVELS = { immediate: 3, urgent: 2, soon: 1 } as const;
type LevelName = keyof typeof LEVELS;

const training = await readConversations("training");
const byPerson = training.map((conversation) => featuresAfterTurns(conversation, 0));
const isFree = FEATURES.map(({ isRisk }) => !isRisk);

/** What the numbers of a place are after each turn. */
function featuresAfterTurns({ turns }: LabelledConversation, place: number): Float64Array[] {
  const state = createState();
  return turns.map(({ by, atMs, evidence }) => {
    addTurn(state, roleOf(by), atMs, evidence);
    return featuresOf(state, place, state[WHOLE.at]);
  });
}

const firstLabelled = (level: number): Array<number | null> =>
  training.map(({ turns }) =>
    firstAtLeast(
      turns.map((turn) => turn.level),
      level,
    ),
  );

function sequencesOf(level: number): Sequence[] {
  const first = firstLabelled(level);
  return training.map(({ turns }, index) => ({
    rows: byPerson[index],
    isPositive: turns.map((turn) => turn.level >= level),
    first: first[index],
  }));
}

/** Probabilities after each turn of each conversation, by a model that has not seen it. */
function outOfFold(sequences: readonly Sequence[], penalty: number): number[][] {
  const foldOf = (index: number): number => Math.floor(index / 4) % FOLDS;
  const heads = Array.from({ length: FOLDS }, (_, fold) =>
    fitLogistic(
      sequences.filter((_, index) => foldOf(index) !== fold),
      isFree,
      penalty,
    ),
  );
  return sequences.map(({ rows }, index) => rows.map((row) => probabilityBy(heads[foldOf(index)], row)));
}

interface Choice {
  readonly penalty: number;
  readonly threshold: number;
  readonly counts: AlertCounts;
  readonly probabilities: readonly number[][];
}

/**
 * The penalty and the highest threshold at which as many conversations are alerted as by the gravest single turn, and as
 * many in time; of these, the pair with the fewest false alerts.
 *
 * @param already turns at which there is an alert anyway
 */
function choose(level: number, already: ReadonlyArray<number | null>): Choice {
  const labelled = firstLabelled(level);
  const floor = countAlerts(
    labelled,
    training.map(({ turns }) => firstAtLeast(turns.map(turnLevel), level)),
  );
  const sequences = sequencesOf(level);
  const choices = PENALTIES.map((penalty): Choice => {
    const probabilities = outOfFold(sequences, penalty);
    const count = (threshold: number): AlertCounts =>
      countAlerts(
        labelled,
        probabilities.map((values, index) => {
          const own = firstAtLeast(values, threshold);
          const other = already[index];
          return own === null || other === null ? (own ?? other) : Math.min(own, other);
        }),
      );
    for (let step = 199; step > 0; step -= 1) {
      const threshold = step / 200;
      const counts = count(threshold);
      if (counts.alerted >= floor.alerted && counts.inTime >= floor.inTime)
        return { penalty, threshold, counts, probabilities };
    }
    return { penalty, threshold: 1 / 200, counts: count(1 / 200), probabilities };
  });
  const best = choices.reduce((left, right) => (right.counts.falseAlerts < left.counts.falseAlerts ? right : left));
  for (const [name, { alerted, inTime, falseAlerts, reaching, harmless }] of Object.entries({
    floor,
    chosen: best.counts,
  }))
    process.stdout.write(
      `level ${level} ${name.padEnd(6)} alerted ${alerted}/${reaching}, in time ${inTime}/${reaching}, false ${falseAlerts}/${harmless}\n`,
    );
  process.stdout.write(`level ${level} penalty ${best.penalty}, threshold ${best.threshold}\n`);
  return best;
}

function learnLevel(name: LevelName, already: ReadonlyArray<number | null>): { head: Head; choice: Choice } {
  const choice = choose(LEVELS[name], already);
  const { weights, bias } = fitLogistic(sequencesOf(LEVELS[name]), isFree, choice.penalty);
  return { head: rounded({ weights, bias, threshold: choice.threshold }), choice };
}

/**
 * Who threatens is not labelled. Taken as such: a stranger or parent in a conversation that reaches `urgent` and is about
 * harm by somebody. Taken as not: the person, peers and teachers, and everybody in a conversation that does not.
 */
const CONTACT_HARM = ["fv", "sv", "ose", "bu", "cv", "hp", "ex", "ac", "os"];
/** Few features for few examples: the course of what somebody writes and of what is written back. */
const THREATENS_FEATURES = ["courses", "other-courses", "other-strongest", "contexts"];
const THREATENS_PENALTY = 0.01;
const keepForThreatens = (row: Float64Array): Float64Array =>
  row.map((value, index) => {
    const { name } = FEATURES[index];
    return THREATENS_FEATURES.includes(name.slice(0, name.lastIndexOf("-"))) ? value : 0;
  });
const OTHER_PLACE = placeOf(createState(), "other");

function learnThreatens(): Head {
  const sequences: Sequence[] = [];
  let positives = 0;
  for (const [index, conversation] of training.entries()) {
    const { turns, firstAlert } = conversation;
    if (!turns.some(({ by }) => roleOf(by) === "other")) continue;
    const isThreat =
      firstAlert !== null &&
      turns.some(({ by }) => by === "stranger" || by === "parent") &&
      turns[firstAlert].categories.some((category) => CONTACT_HARM.includes(category));
    if (isThreat) positives += 1;
    const rows = featuresAfterTurns(conversation, OTHER_PLACE);
    // Before the labelled turn nobody can tell yet.
    const known = isThreat ? rows.slice(firstAlert) : rows;
    sequences.push({ rows: known, isPositive: known.map(() => isThreat), first: isThreat ? 0 : null });
    sequences.push({ rows: byPerson[index], isPositive: turns.map(() => false), first: null });
  }
  process.stdout.write(`threatens: ${positives} of ${sequences.length / 2} conversations\n`);
  const { weights, bias } = fitLogistic(
    sequences.map((sequence) => ({ ...sequence, rows: sequence.rows.map(keepForThreatens) })),
    isFree,
    THREATENS_PENALTY,
  );
  return rounded({ weights, bias, threshold: 0.5 });
}

function rounded({ weights, bias, threshold }: Head): Head {
  const round = (value: number): number => Math.round(value * 1e4) / 1e4;
  return { weights: weights.map(round), bias: round(bias), threshold };
}

const never = training.map(() => null);
const immediate = learnLevel("immediate", never);
const alarms = immediate.choice.probabilities.map((values) => firstAtLeast(values, immediate.head.threshold));
const urgent = learnLevel("urgent", alarms);
const soon = learnLevel("soon", never);
const heads = { immediate: immediate.head, urgent: urgent.head, soon: soon.head, threatens: learnThreatens() };
const version = createHash("sha256").update(JSON.stringify(heads)).digest("hex").slice(0, 12);
const learnedOn = training[0].turns[0].assessment.pack;
const target = new URL("../../src/conversation/learned.json", import.meta.url);
writeFileSync(target, `${JSON.stringify({ version, learnedOn, ...heads }, null, 1)}\n`);
