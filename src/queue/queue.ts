import { EarshotError } from "../errors.js";
import { URGENCIES, type Urgency } from "../labels.js";
import { isGraver, rankOf } from "../policy/levels.js";
import { DEFAULT_POLICY } from "../policy/schema.js";
import { arrange, chooseNext, type Place, placeOf, type Waiting } from "./order.js";
import type { Queue, QueueOptions } from "./queue-types.js";
import { completeRules } from "./rules.js";
import { openState, sealState } from "./snapshot.js";
import type { Held, Override } from "./state.js";
import { checkCounsellor, checkDetails, checkLevel, checkTicket, fits } from "./ticket.js";

const MINUTE_MS = 60_000;
const MAXIMUM_OVERRIDES = 10_000;

/**
 * Opens a queue; `order.ts` says who is next, and proves that nobody waits for ever.
 *
 * @throws EarshotError `QUEUE_RULES_INVALID`, and for a snapshot `INPUT_INVALID`, `SNAPSHOT_INVALID`, `SNAPSHOT_VERSION`
 */
export function createQueue(options: QueueOptions = {}): Queue {
  const rules = completeRules((options.policy ?? DEFAULT_POLICY).respondWithinMinutes, options.rules ?? {});
  const waiting = new Map<string, Place>();
  const held = new Map<number, Held>();
  const overrides: Override[] = [];
  let nextSequence = 0;
  let nextClaim = 1;
  let untilAged = rules.agedEvery - 1;
  if (options.restore !== undefined) {
    const state = openState(options.restore.snapshot, options.restore.key);
    for (const one of state.waiting) waiting.set(one.ticket.id, placeOf(one, rules));
    for (const one of state.held) held.set(one.number, one);
    overrides.push(...state.overrides);
    ({ nextSequence, nextClaim } = state);
    untilAged = Math.min(state.untilAged, untilAged);
  }

  const wait = (one: Waiting): void => void waiting.set(one.ticket.id, placeOf(one, rules));
  const giveBack = ({ number, waiting: one, fits }: Held, nowMs: number): void => {
    held.delete(number);
    wait(fits ? one : { ...one, openedMs: nowMs });
  };
  const goOnTo = (nowMs: number): void => {
    if (!Number.isFinite(nowMs)) throw new EarshotError("INPUT_INVALID");
    for (const claim of held.values()) if (nowMs >= claim.untilMs) giveBack(claim, nowMs);
  };
  const findHeld = (id: string): Held | undefined =>
    [...held.values()].find(({ waiting: { ticket } }) => ticket.id === id);
  const change = (id: string, changed: (one: Waiting) => Waiting): void => {
    const place = waiting.get(id);
    const claim = findHeld(id);
    if (place !== undefined) wait(changed(toWaiting(place)));
    else if (claim !== undefined) held.set(claim.number, { ...claim, waiting: changed(claim.waiting) });
    else throw new EarshotError("TICKET_UNKNOWN");
  };
  const endClaim = (claimNumber: number, nowMs: number): Held => {
    goOnTo(nowMs);
    const claim = held.get(claimNumber);
    if (claim === undefined) throw new EarshotError("CLAIM_EXPIRED");
    held.delete(claimNumber);
    return claim;
  };

  return {
    rules,
    add(newTicket, nowMs) {
      goOnTo(nowMs);
      const ticket = checkTicket(newTicket, nowMs);
      if (waiting.has(ticket.id) || findHeld(ticket.id) !== undefined) throw new EarshotError("TICKET_DUPLICATE");
      const tickets = waiting.size + held.size;
      if (tickets >= rules.maximumTickets && ticket.level !== "immediate")
        throw new EarshotError("QUEUE_FULL", { tickets, maximum: rules.maximumTickets });
      wait({ ticket, sequence: nextSequence, openedMs: ticket.since });
      nextSequence += 1;
    },
    update(id, newDetails) {
      const details = checkDetails(newDetails);
      change(id, ({ minimumLevel, ticket, ...rest }) => {
        const isTooMild = minimumLevel !== undefined && isGraver(minimumLevel, details.level);
        const level = isTooMild ? minimumLevel : details.level;
        const changed = { id, ...details, level, since: ticket.since };
        return { ...rest, ticket: changed, ...(minimumLevel !== undefined && { minimumLevel }) };
      });
    },
    override(id, level, nowMs) {
      checkLevel(level);
      goOnTo(nowMs);
      change(id, (one) => {
        const { level: before, priority } = one.ticket;
        overrides.push({ from: rankOf(before), to: rankOf(level), priority, atMs: nowMs });
        if (overrides.length > MAXIMUM_OVERRIDES) overrides.shift();
        return { ...one, ticket: { ...one.ticket, level }, minimumLevel: level };
      });
    },
    remove(id) {
      const claim = findHeld(id);
      if (claim !== undefined) held.delete(claim.number);
      else if (!waiting.delete(id)) throw new EarshotError("TICKET_UNKNOWN");
    },
    claim(counsellor, nowMs) {
      checkCounsellor(counsellor);
      goOnTo(nowMs);
      const { next, byAge } = chooseNext(waiting.values(), counsellor, nowMs, untilAged === 0);
      if (next === undefined) return undefined;
      const { ticket } = next;
      waiting.delete(ticket.id);
      const claim: Held = {
        number: nextClaim,
        waiting: toWaiting(next),
        untilMs: nowMs + rules.claimMinutes * MINUTE_MS,
        fits: fits(ticket, counsellor),
      };
      held.set(nextClaim, claim);
      nextClaim += 1;
      if (byAge) untilAged = rules.agedEvery - 1;
      else if (ticket.level !== "immediate") untilAged = Math.max(untilAged - 1, 0);
      const { number, untilMs } = claim;
      return { number, ticket, waitedMs: nowMs - ticket.since, untilMs, fits: claim.fits };
    },
    release(claimNumber, nowMs) {
      giveBack(endClaim(claimNumber, nowMs), nowMs);
    },
    complete(claimNumber, nowMs) {
      endClaim(claimNumber, nowMs);
    },
    list(nowMs) {
      goOnTo(nowMs);
      return arrange([...waiting.values()], nowMs, rules.agedEvery, untilAged).map(({ ticket, agedAtMs }) => ({
        ...ticket,
        waitedMs: nowMs - ticket.since,
        aged: nowMs >= agedAtMs,
      }));
    },
    counts(nowMs) {
      goOnTo(nowMs);
      const counts = Object.fromEntries(URGENCIES.map((level) => [level, 0])) as Record<Urgency, number>;
      let aged = 0;
      for (const { ticket, agedAtMs } of waiting.values()) {
        counts[ticket.level] += 1;
        if (nowMs >= agedAtMs) aged += 1;
      }
      return { waiting: counts, claimed: held.size, aged };
    },
    overrides: () => [...overrides],
    snapshot: (key) =>
      sealState(
        {
          waiting: [...waiting.values()].map(toWaiting),
          held: [...held.values()],
          overrides,
          nextSequence,
          nextClaim,
          untilAged,
        },
        key,
      ),
  };
}

function toWaiting({ ticket, sequence, openedMs, minimumLevel }: Place): Waiting {
  return { ticket, sequence, openedMs, ...(minimumLevel !== undefined && { minimumLevel }) };
}
