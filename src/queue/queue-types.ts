import type { Urgency } from "../labels.js";
import type { Policy } from "../policy/schema.js";
import type { QueueRules } from "./rules.js";
import type { Override } from "./state.js";
import type { Counsellor, NewTicket, Ticket, TicketDetails } from "./ticket.js";

/** How a queue is set up. */
export interface QueueOptions {
  /** Its `respondWithinMinutes` give the rules that `rules` leaves open; the default policy when absent. */
  readonly policy?: Pick<Policy, "respondWithinMinutes">;
  readonly rules?: Partial<QueueRules>;
  /** Goes on where another queue was when this snapshot was made. */
  readonly restore?: { readonly snapshot: Uint8Array; readonly key: Uint8Array };
}

/** A ticket that has been given to a counsellor, for as long as the claim holds. */
export interface Claim {
  /** Stands for the claim in `complete` and `release`. */
  readonly number: number;
  readonly ticket: Ticket;
  readonly waitedMs: number;
  /** When the ticket returns to the queue, in milliseconds since 1970. */
  readonly untilMs: number;
  /** Whether the counsellor speaks the language and was trained for it; if not, the wait for one was too long. */
  readonly fits: boolean;
}

/** A ticket in the list of those who wait. */
export interface ListedTicket extends Ticket {
  readonly waitedMs: number;
  /** Whether it has waited longer than `ageAfterMinutes`. */
  readonly aged: boolean;
}

/** How many wait. */
export interface QueueCounts {
  readonly waiting: Readonly<Record<Urgency, number>>;
  readonly claimed: number;
  readonly aged: number;
}

/**
 * People who wait, as numbers and codes. Time is an argument everywhere: milliseconds since 1970, which must not go back.
 * All methods are synchronous, so that claims that come at once get different tickets; several processes need one that
 * holds the queue. A method that throws changes nothing, except that claims whose time is over have been returned.
 *
 * Errors of all methods: `TICKET_INVALID` (a field is unknown or impossible), `INPUT_INVALID` (the time is no number).
 */
export interface Queue {
  readonly rules: QueueRules;
  /**
   * Takes somebody in.
   *
   * @throws EarshotError `TICKET_DUPLICATE` when the id is here already; `QUEUE_FULL` when `maximumTickets` are and this
   * one is not immediate: nothing is dropped, the ticket stays with the caller, who tries again later
   */
  add(ticket: NewTicket, nowMs: number): void;
  /**
   * Takes over a new assessment of the same person; the beginning of the wait stays. A level that a person set can be
   * raised so, never lowered.
   *
   * @throws EarshotError `TICKET_UNKNOWN`
   */
  update(id: string, details: TicketDetails): void;
  /**
   * Sets the level by a person's judgement, up or down, and records it.
   *
   * @throws EarshotError `TICKET_UNKNOWN`
   */
  override(id: string, level: Urgency, nowMs: number): void;
  /**
   * Takes out somebody who no longer waits.
   *
   * @throws EarshotError `TICKET_UNKNOWN`
   */
  remove(id: string): void;
  /** Gives the next ticket that fits; undefined when none does. The cost grows with the number of tickets. */
  claim(counsellor: Counsellor, nowMs: number): Claim | undefined;
  /**
   * Gives a claim back; the ticket keeps the beginning of its wait.
   *
   * @throws EarshotError `CLAIM_EXPIRED` when the claim has ended
   */
  release(claimNumber: number, nowMs: number): void;
  /**
   * A person has begun to answer: the ticket leaves the queue.
   *
   * @throws EarshotError `CLAIM_EXPIRED` when the claim has ended, and somebody else may have the ticket
   */
  complete(claimNumber: number, nowMs: number): void;
  /** Those who wait, in the order in which a counsellor whom everything fits would get them now. */
  list(nowMs: number): readonly ListedTicket[];
  counts(nowMs: number): QueueCounts;
  /** What persons decided, oldest first: the last 10,000. */
  overrides(): readonly Override[];
  /**
   * Everything, encrypted and authenticated with AES-256-GCM, for a restart. Who restores an old one gets back people who
   * have been answered since.
   *
   * @throws EarshotError `INPUT_INVALID` when the key has not 32 bytes
   */
  snapshot(key: Uint8Array): Uint8Array;
}
