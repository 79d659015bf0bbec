import { CONTEXTS, COURSES, type Evidence } from "../../src/conversation/evidence.js";
import type { Speaker } from "../../src/conversation/state.js";
import { CATEGORIES, type Category, SIGNALS, type Signal, type Urgency } from "../../src/labels.js";
import type { Assessment } from "../../src/types.js";

/** What a turn of a test is made of; all that is not said is harmless. */
export interface TurnParts {
  readonly urgency?: Partial<Record<Urgency, number>>;
  readonly labels?: Partial<Record<Category | Signal, number>>;
  readonly rule?: Urgency;
  readonly words?: number;
}

/** Turns by how grave they are, as the model would score them. */
export const TURN: Readonly<Record<"calm" | "low" | "grave" | "dying", TurnParts>> = {
  calm: { urgency: { immediate: 0.001, urgent: 0.001, soon: 0.003 } },
  low: { urgency: { immediate: 0.02, urgent: 0.1, soon: 0.75 } },
  grave: { urgency: { immediate: 0.15, urgent: 0.83, soon: 0.015 }, labels: { suicide: 0.9, intent: 0.7 } },
  dying: { urgency: { immediate: 0.99, urgent: 0.008, soon: 0.001 }, labels: { suicide: 0.9, now: 0.9, means: 0.9 } },
};

/** An assessment with given scores and nothing else in it. */
export function assessmentOf({ urgency = {}, labels = {}, rule, words = 8 }: TurnParts): Assessment {
  const { immediate = 0, urgent = 0, soon = 0 } = urgency;
  const pick = <Label extends Category | Signal>(names: readonly Label[]): Record<Label, number> =>
    Object.fromEntries(names.map((name) => [name, labels[name] ?? 0.01])) as Record<Label, number>;
  return {
    schemaVersion: 1,
    urgency: "routine",
    priority: 0,
    scores: {
      urgency: { immediate, urgent, soon, routine: 1 - immediate - urgent - soon },
      categories: pick(CATEGORIES),
      signals: pick(SIGNALS),
    },
    categories: [],
    signals: [],
    review: [],
    reasons: rule === undefined ? [] : [{ code: `rule:${rule}`, weight: 1 }],
    language: { tag: "en", confidence: 1, supported: true },
    respondWithinMinutes: 1,
    standards: { ukMentalHealthTriageScale: "", columbiaScreener: "", reachOut: "", nhsPriority: "", categories: [] },
    referrals: [],
    coverage: { bytes: 1, tokens: words, windows: 0, truncated: false },
    pack: "tiny@1.0.0",
    policy: "default@1.0.0",
    directory: "none@1",
  };
}

/** Who says what, how many minutes after the start. */
export type Said = readonly [by: Speaker, minute: number, turn: TurnParts];

/** Evidence of no risk at all. */
export const NO_EVIDENCE: Evidence = {
  levels: [0, 0, 0],
  rules: [0, 0],
  courses: new Array<number>(COURSES).fill(0),
  contexts: new Array<number>(CONTEXTS).fill(0),
  weight: 2,
};
