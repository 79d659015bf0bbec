import { describe, expect, it } from "vitest";
import { createTurns, MESSAGE_BYTES, TURN_BYTES } from "../../src/pool/turns.js";
import { countTurns } from "./count-turns.js";

const PER_TURN = TURN_BYTES / MESSAGE_BYTES;

describe("turns of the event loop", () => {
  it.each([
    ["empty messages", 0, PER_TURN],
    ["messages that take half a turn", TURN_BYTES / 2 - MESSAGE_BYTES, 2],
    ["messages that take more than a turn", 10 * TURN_BYTES, 1],
  ])("begin when one is full: %s", (_, length, fitting) => {
    const next = createTurns();
    const waits = Array.from({ length: fitting + 1 }, () => next(length) !== undefined);
    expect(waits).toEqual([...new Array<boolean>(fitting).fill(false), true]);
  });

  it("come one after the other, and the messages in their order", async () => {
    const next = createTurns();
    const counter = countTurns();
    const seen: number[] = [];
    const order: number[] = [];
    const ask = async (index: number): Promise<void> => {
      await next(0);
      order.push(index);
      seen.push(counter.turns());
    };
    const count = 5 * PER_TURN;
    await Promise.all(Array.from({ length: count }, (_, index) => ask(index)));
    counter.stop();
    expect(order).toEqual(Array.from({ length: count }, (_, index) => index));
    const perTurn = new Map<number, number>();
    for (const turn of seen) perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1);
    expect([...perTurn.values()].every((messages) => messages <= 2 * PER_TURN)).toBe(true);
    expect(perTurn.size).toBeGreaterThanOrEqual(4);
  });

  it("are not waited for when the last one has come", async () => {
    const next = createTurns();
    for (let index = 0; index < PER_TURN + 1; index += 1) await next(0);
    expect(next(0)).toBeUndefined();
  });
});
