import { URGENCIES, type Urgency } from "../labels.js";
import { rankOf } from "../policy/levels.js";
import { createQueue } from "../queue/queue.js";
import type { QueueOptions } from "../queue/queue-types.js";

/** Orders that are compared. */
export const ORDERS = ["first-come", "strict", "earshot"] as const;
/** An order in which people are served. */
export type OrderName = (typeof ORDERS)[number];

/** Those who wait, in one order. */
export interface Order {
  /** Somebody begins to wait. */
  add(index: number, givenLevel: Urgency, nowMinutes: number): void;
  /** Takes who is next; somebody waits. */
  next(nowMinutes: number): number;
}

const MINUTE_MS = 60_000;

/** Opens an empty order; `earshot` is a queue as `createQueue` makes it, with these options. */
export function openOrder(name: OrderName, options: Pick<QueueOptions, "policy" | "rules">): Order {
  if (name === "earshot") return earshot(options);
  const lines = URGENCIES.map(() => openLine());
  return {
    add: (index, givenLevel) => lines[name === "strict" ? rankOf(givenLevel) : 0].push(index),
    next: () => {
      const line = lines.find(({ size }) => size() > 0);
      if (line === undefined) throw new RangeError("Nobody waits.");
      return line.shift();
    },
  };
}

function earshot(options: Pick<QueueOptions, "policy" | "rules">): Order {
  const queue = createQueue({ ...options, rules: { ...options.rules, maximumTickets: Number.MAX_SAFE_INTEGER } });
  return {
    add: (index, level, nowMinutes) =>
      // The middle of the level's band: how well priorities order people of one level has not been measured.
      queue.add(
        { id: String(index), level, priority: (URGENCIES.length - rankOf(level) - 0.5) / URGENCIES.length },
        nowMinutes * MINUTE_MS,
      ),
    next: (nowMinutes) => {
      const claim = queue.claim({}, nowMinutes * MINUTE_MS);
      if (claim === undefined) throw new RangeError("Nobody waits.");
      queue.complete(claim.number, nowMinutes * MINUTE_MS);
      return Number(claim.ticket.id);
    },
  };
}

interface WaitingLine {
  push(index: number): void;
  shift(): number;
  size(): number;
}

/** First in, first out, without moving those behind at each step. */
function openLine(): WaitingLine {
  const items: number[] = [];
  let head = 0;
  return {
    push: (index) => void items.push(index),
    shift: () => items[head++],
    size: () => items.length - head,
  };
}
