import { EarshotError } from "../errors.js";
import { URGENCIES, type Urgency } from "../labels.js";

/** A level that somebody graver can overtake. */
export type MilderUrgency = Exclude<Urgency, "immediate">;

/** Minutes per level. */
export type MinutesPerLevel = Readonly<Record<Urgency, number>>;

/** What an operator may set of the order in which people are served. All times in minutes. */
export interface QueueRules {
  /**
   * How much earlier somebody with the highest priority of a level counts as having come than somebody with its lowest.
   * Within a level nobody is overtaken by a person who came later than this. 0: first come, first served.
   */
  readonly headStartMinutes: MinutesPerLevel;
  /** From this wait on a ticket is aged, and shares in the turns of `agedEvery`. */
  readonly ageAfterMinutes: Readonly<Record<MilderUrgency, number>>;
  /** Of so many claims that no immediate ticket takes, one goes to who has been aged longest; whole, 1 or more. */
  readonly agedEvery: number;
  /**
   * From this wait on a ticket is offered to every counsellor, whatever their languages and skills; for a level below
   * `immediate` at most `ageAfterMinutes`. 0 for `immediate`: then a counsellor gets one even when nothing fits.
   */
  readonly anyoneAfterMinutes: MinutesPerLevel;
  /** How long a claim holds before its ticket returns to the queue; above 0. */
  readonly claimMinutes: number;
  /** With so many tickets, waiting and claimed, only immediate ones are still taken; whole, 1 or more. */
  readonly maximumTickets: number;
}

const MILDER: readonly MilderUrgency[] = ["urgent", "soon", "routine"];

/**
 * Rules that follow from the times within which a person should have answered. The shares are choices, not findings:
 * half of the time is left for being served once the wait is called too long, and a fifth is spent on waiting for
 * somebody who speaks the language.
 */
export function rulesFor(respondWithinMinutes: MinutesPerLevel): QueueRules {
  const share = (part: number): MinutesPerLevel =>
    Object.fromEntries(URGENCIES.map((level) => [level, part * respondWithinMinutes[level]])) as MinutesPerLevel;
  const { urgent, soon, routine } = share(0.5);
  return {
    headStartMinutes: share(0.5),
    ageAfterMinutes: { urgent, soon, routine },
    agedEvery: 4,
    anyoneAfterMinutes: share(0.2),
    claimMinutes: 2,
    maximumTickets: 10_000,
  };
}

/**
 * Completes an operator's rules.
 *
 * @throws EarshotError `QUEUE_RULES_INVALID` when one is unknown, out of range or contradicts another
 */
export function completeRules(respondWithinMinutes: MinutesPerLevel, own: Partial<QueueRules>): QueueRules {
  const defaults = rulesFor(respondWithinMinutes);
  const rules = { ...defaults, ...own };
  const isValid =
    Object.keys(rules).length === Object.keys(defaults).length &&
    areMinutes(rules.headStartMinutes, URGENCIES) &&
    areMinutes(rules.anyoneAfterMinutes, URGENCIES) &&
    areMinutes(rules.ageAfterMinutes, MILDER) &&
    MILDER.every((level) => rules.anyoneAfterMinutes[level] <= rules.ageAfterMinutes[level]) &&
    isMinutes(rules.claimMinutes) &&
    rules.claimMinutes > 0 &&
    isCount(rules.agedEvery) &&
    isCount(rules.maximumTickets);
  if (!isValid) throw new EarshotError("QUEUE_RULES_INVALID");
  return rules;
}

function areMinutes(value: unknown, levels: readonly Urgency[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  const minutes = value as Readonly<Record<string, unknown>>;
  return Object.keys(minutes).length === levels.length && levels.every((level) => isMinutes(minutes[level]));
}

function isMinutes(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
