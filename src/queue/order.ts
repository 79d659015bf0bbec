/**
 * Who is next.
 *
 * Every ticket has a start: the beginning of its wait, less a head start for its priority within its level, at most
 * `headStartMinutes`. It is aged once it has waited `ageAfterMinutes` (never, when it is immediate), and open to all once
 * it has waited `anyoneAfterMinutes`. It fits a claim when it is open to all or when the counsellor has its language and
 * one of its categories. Among the tickets that fit, a claim takes
 *
 * 1. the immediate one with the earliest start; if there is none,
 * 2. in an aged turn, the aged one that became aged first; else
 * 3. the one of the gravest level, within it the one with the earliest start.
 *
 * Ties go to the one that was added first. A turn is aged when, of the claims that took no immediate ticket, the last
 * `agedEvery - 1` were not aged turns that found somebody.
 *
 * **Nobody below `immediate` overtakes an immediate.** By 1: while an immediate ticket fits, no other is handed out; and
 * every immediate ticket fits everybody after `anyoneAfterMinutes` (counted anew when somebody whom it does not fit gives
 * it back; 0 makes it fit everybody always).
 *
 * **Within a level nobody is overtaken, outside aged turns, by somebody who came more than the head start H later.** With
 * waits that began at s(x) and s(y): start(y) <= start(x) gives s(y) - H <= start(y) <= start(x) <= s(x).
 *
 * **Nobody starves.** Let x be open to all and keep its level. If x is below `immediate`, let it be aged. From now on,
 * in any stretch of t minutes, let there be
 *
 * - at least c t - b claims (capacity; b = 1 when they come at equal distances), and
 * - at most r t + s events that put an immediate ticket into the queue: one is added, one is raised to `immediate`, or
 *   the claim of one ends without being completed; with r < c.
 *
 * Let I be the number of immediate tickets that wait now, and A the number of those below `immediate`, waiting or
 * claimed, that became aged before x did (or with it, and were added earlier), each counted once more for every time that
 * its claim ends without being completed. (A ticket whose level changes, or which is added with an earlier beginning,
 * counts too if that puts its ageing before that of x.) Let k = `agedEvery`. Then x is claimed after at most
 *
 * - (I + s + b) / (c - r) minutes when it is immediate,
 * - (I + s + b + k A + k - 1) / (c - r) minutes when it is not.
 *
 * Proof. Suppose that x still waits after t minutes. No claim came back empty, because x fitted each. Let i claims have
 * taken an immediate ticket, j have been aged turns that found somebody, and l the others. Immediate tickets are taken
 * at most as often as they are there: i <= I + r t + s. If x is immediate, each claim took an immediate ticket, so
 * c t - b <= i <= I + r t + s. If not: an aged turn passes over x only for a ticket that became aged before it, so j <= A;
 * and as x is aged and fits, every aged turn finds somebody, so at most k - 1 of the others lie between two of them, before
 * the first and after the last: l <= (k - 1)(j + 1). So c t - b <= i + j + l <= I + r t + s + k A + k - 1. Both solve to
 * the bounds. The clock must not go back. All of A, b, c, I, r, s are numbers that the operator can count; `waitingBound`
 * does the sum.
 */
import type { Urgency } from "../labels.js";
import { rankOf } from "../policy/levels.js";
import type { QueueRules } from "./rules.js";
import { type Counsellor, fits, type Ticket } from "./ticket.js";

/** What is kept of somebody who waits. */
export interface Waiting {
  readonly ticket: Ticket;
  /** Counts up as tickets are added. */
  readonly sequence: number;
  /**
   * From when the time until the ticket is open to all counts: the beginning of the wait, or when a counsellor whom it did
   * not fit gave it back, so that it is not offered to them again at once.
   */
  readonly openedMs: number;
  /** A person set this level: no later assessment puts the ticket below it. */
  readonly minimumLevel?: Urgency | undefined;
}

/** With what its place follows from. */
export interface Place extends Waiting {
  /** 0 for the gravest level. */
  readonly rank: number;
  /** The beginning of the wait less the head start. */
  readonly startMs: number;
  /** When it is aged; never, for an immediate one. */
  readonly agedAtMs: number;
  /** When it is open to all. */
  readonly anyoneAtMs: number;
}

const MINUTE_MS = 60_000;
const BANDS = 4;

/** Works out a place. */
export function placeOf(waiting: Waiting, rules: QueueRules): Place {
  const { ticket, sequence, openedMs, minimumLevel } = waiting;
  const { level, since } = ticket;
  // Field by field, so that all places have one shape: claims look at every one of them.
  return {
    ticket,
    sequence,
    openedMs,
    minimumLevel,
    rank: rankOf(level),
    startMs: since - rules.headStartMinutes[level] * MINUTE_MS * shareOfLevel(ticket),
    agedAtMs: level === "immediate" ? Number.POSITIVE_INFINITY : since + rules.ageAfterMinutes[level] * MINUTE_MS,
    anyoneAtMs: openedMs + rules.anyoneAfterMinutes[level] * MINUTE_MS,
  };
}

/**
 * The ticket that a claim takes, if one fits; and whether that is because it became aged first. One pass over all, a
 * tenth of a millisecond for 10,000: a heap would be faster, but could not ask whom a ticket fits.
 */
export function chooseNext(
  places: Iterable<Place>,
  counsellor: Counsellor,
  nowMs: number,
  isAgedTurn: boolean,
): { readonly next: Place | undefined; readonly byAge: boolean } {
  const isOffered = (place: Place): boolean => nowMs >= place.anyoneAtMs || fits(place.ticket, counsellor);
  let first: Place | undefined;
  let oldest: Place | undefined;
  for (const place of places) {
    // The comparisons come first because they are cheap and nearly always say no.
    const leads = first === undefined || compareLevels(place, first) < 0;
    const isOldest = isAgedTurn && nowMs >= place.agedAtMs && (oldest === undefined || compareAges(place, oldest) < 0);
    if (!(leads || isOldest) || !isOffered(place)) continue;
    if (leads) first = place;
    if (isOldest) oldest = place;
  }
  if (oldest === undefined || first?.ticket.level === "immediate") return { next: first, byAge: false };
  return { next: oldest, byAge: true };
}

/** All tickets in the order in which claims for which everything fits would take them now. */
export function arrange(places: readonly Place[], nowMs: number, agedEvery: number, untilAged: number): Place[] {
  const byLevel = places.toSorted(compareLevels);
  const aged = places.filter(({ agedAtMs }) => nowMs >= agedAtMs).sort(compareAges);
  const order = new Set<Place>();
  let oldest = 0;
  let turns = untilAged;
  for (const place of byLevel) {
    while (place.rank > 0 && !order.has(place) && turns === 0) {
      while (order.has(aged[oldest])) oldest += 1;
      if (oldest >= aged.length) break;
      order.add(aged[oldest]);
      turns = agedEvery - 1;
    }
    if (order.has(place)) continue;
    order.add(place);
    if (place.rank > 0) turns = Math.max(turns - 1, 0);
  }
  return [...order];
}

/** What the bound on waiting rests on; see the head of this file for the letters. */
export interface WaitingAssumptions {
  /** c: claims of all counsellors together, a minute. */
  readonly claimsPerMinute: number;
  /** b: claims by which a stretch may fall short of that. */
  readonly claimShortfall: number;
  /** r: immediate tickets that come in, a minute, with those whose claims came back. */
  readonly immediatePerMinute: number;
  /** s: those by which a stretch may exceed that. */
  readonly immediateExcess: number;
  /** I: immediate tickets that wait when the wait in question becomes too long. */
  readonly immediateWaiting: number;
  /** A: tickets below `immediate` that became aged earlier, with their claims that came back. */
  readonly agedEarlier: number;
}

/**
 * Minutes after which somebody of this level has been claimed at the latest, as proved at the head of this file; infinite
 * when immediate tickets alone use up all claims.
 */
export function waitingBound(
  level: Urgency,
  rules: Pick<QueueRules, "ageAfterMinutes" | "agedEvery" | "anyoneAfterMinutes">,
  assumptions: WaitingAssumptions,
): number {
  const { claimsPerMinute, claimShortfall, immediatePerMinute, immediateExcess, immediateWaiting, agedEarlier } =
    assumptions;
  const spare = claimsPerMinute - immediatePerMinute;
  if (!(spare > 0)) return Number.POSITIVE_INFINITY;
  const immediate = immediateWaiting + immediateExcess + claimShortfall;
  if (level === "immediate") return rules.anyoneAfterMinutes.immediate + immediate / spare;
  const aged = rules.agedEvery * agedEarlier + rules.agedEvery - 1;
  return rules.ageAfterMinutes[level] + (immediate + aged) / spare;
}

/** Where the priority lies within the band of its level, 0 to 1; a level set by a person may lie outside that band. */
function shareOfLevel({ level, priority }: Ticket): number {
  return Math.min(Math.max(priority * BANDS - (BANDS - 1 - rankOf(level)), 0), 1);
}

function compareLevels(left: Place, right: Place): number {
  return left.rank - right.rank || left.startMs - right.startMs || left.sequence - right.sequence;
}

function compareAges(left: Place, right: Place): number {
  return left.agedAtMs - right.agedAtMs || left.sequence - right.sequence;
}
