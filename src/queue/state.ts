import type { Waiting } from "./order.js";

/** A level that a person set, in numbers only: for calibrating the model against it. */
export interface Override {
  /** Level before: 0 for immediate to 3 for routine. */
  readonly from: number;
  /** Level after; the same when the person confirmed it. */
  readonly to: number;
  /** Priority by the last assessment. */
  readonly priority: number;
  /** When, in milliseconds since 1970. */
  readonly atMs: number;
}

/** A ticket that a counsellor has been given. */
export interface Held {
  readonly number: number;
  readonly waiting: Waiting;
  readonly untilMs: number;
  readonly fits: boolean;
}

/** Everything that a queue holds, as plain data. */
export interface QueueState {
  readonly waiting: readonly Waiting[];
  readonly held: readonly Held[];
  readonly overrides: readonly Override[];
  readonly nextSequence: number;
  readonly nextClaim: number;
  /** Claims that have to go by before the next aged turn. */
  readonly untilAged: number;
}
