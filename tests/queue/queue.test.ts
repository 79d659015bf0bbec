import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { URGENCIES, type Urgency } from "../../src/labels.js";
import { createQueue } from "../../src/queue/queue.js";
import type { Queue, QueueOptions } from "../../src/queue/queue-types.js";

const MINUTE = 60_000;
const fails = (code: string) => expect.objectContaining({ code });

function queueWith(options: QueueOptions, ...tickets: ReadonlyArray<readonly [string, Urgency, string?]>): Queue {
  const queue = createQueue(options);
  for (const [id, level, language] of tickets)
    queue.add({ id, level, priority: 0.5, ...(language !== undefined && { language }) }, 0);
  return queue;
}

const ids = (queue: Queue, nowMs: number): readonly string[] => queue.list(nowMs).map(({ id }) => id);
const levelOf = (queue: Queue, id: string): string | undefined =>
  queue.list(0).find((ticket) => ticket.id === id)?.level;

describe("createQueue", () => {
  it("serves the gravest first, then who came first", () => {
    const queue = queueWith({}, ["a", "routine"], ["b", "soon"], ["c", "immediate"], ["d", "urgent"], ["e", "soon"]);
    expect(ids(queue, 0)).toEqual(["c", "d", "b", "e", "a"]);
    const claimed = [1, 2, 3, 4, 5].map(() => queue.claim({}, 1000)?.ticket.id);
    expect(claimed).toEqual(["c", "d", "b", "e", "a"]);
    expect(queue.claim({}, 1000)).toBeUndefined();
  });

  it("says who waits, since when, and how many", () => {
    const queue = queueWith({}, ["a", "urgent"], ["b", "immediate"]);
    queue.add({ id: "c", level: "urgent", priority: 0.6, categories: ["neglect"], trend: 0.2 }, 20 * MINUTE);
    expect(queue.claim({}, 30 * MINUTE)).toMatchObject({ ticket: { id: "b" }, waitedMs: 30 * MINUTE, fits: true });
    expect(queue.list(30 * MINUTE)).toEqual([
      { id: "a", level: "urgent", priority: 0.5, categories: [], since: 0, waitedMs: 30 * MINUTE, aged: true },
      {
        id: "c",
        level: "urgent",
        priority: 0.6,
        categories: ["neglect"],
        trend: 0.2,
        since: 20 * MINUTE,
        waitedMs: 10 * MINUTE,
        aged: false,
      },
    ]);
    expect(queue.counts(30 * MINUTE)).toEqual({
      waiting: { immediate: 0, urgent: 2, soon: 0, routine: 0 },
      claimed: 1,
      aged: 1,
    });
  });

  it("takes its rules from the policy", () => {
    const policy = { respondWithinMinutes: { immediate: 1, urgent: 2, soon: 3, routine: 4 } };
    expect(createQueue({ policy, rules: { agedEvery: 2 } }).rules).toMatchObject({
      ageAfterMinutes: { urgent: 1, soon: 1.5, routine: 2 },
      agedEvery: 2,
    });
    expect(() => createQueue({ rules: { agedEvery: 0 } })).toThrow(fails("QUEUE_RULES_INVALID"));
  });

  it("refuses an id that is here, waiting or claimed", () => {
    const queue = queueWith({}, ["a", "soon"], ["b", "immediate"]);
    queue.claim({}, 0);
    for (const id of ["a", "b"])
      expect(() => queue.add({ id, level: "soon", priority: 0 }, 0)).toThrow(fails("TICKET_DUPLICATE"));
    expect(ids(queue, 0)).toEqual(["a"]);
  });

  it("when full takes immediate tickets only, and drops nobody", () => {
    const queue = queueWith({ rules: { maximumTickets: 2 } }, ["a", "routine"], ["b", "routine"]);
    const full = expect.objectContaining({ code: "QUEUE_FULL", details: { tickets: 2, maximum: 2 } });
    expect(() => queue.add({ id: "c", level: "urgent", priority: 0.5 }, 0)).toThrow(full);
    queue.claim({}, 0);
    expect(() => queue.add({ id: "c", level: "urgent", priority: 0.5 }, 0)).toThrow(full);
    queue.add({ id: "d", level: "immediate", priority: 0.8 }, 0);
    expect(ids(queue, 0)).toEqual(["d", "b"]);
    queue.remove("d");
    queue.remove("b");
    queue.add({ id: "c", level: "urgent", priority: 0.5 }, 0);
    expect(ids(queue, 0)).toEqual(["c"]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, "0" as unknown as number])("refuses %s as a time", (time) => {
    const queue = queueWith({}, ["a", "soon"]);
    const calls = [
      () => queue.add({ id: "b", level: "soon", priority: 0 }, time),
      () => queue.override("a", "urgent", time),
      () => queue.claim({}, time),
      () => queue.list(time),
      () => queue.counts(time),
      () => queue.complete(1, time),
    ];
    for (const call of calls) expect(call).toThrow(fails("INPUT_INVALID"));
    expect(ids(queue, 0)).toEqual(["a"]);
    expect(levelOf(queue, "a")).toBe("soon");
  });
});

describe("claims", () => {
  it("go to one counsellor each", () => {
    const queue = queueWith({}, ["a", "soon"], ["b", "soon"]);
    const [first, second, third] = [queue.claim({}, 0), queue.claim({}, 0), queue.claim({}, 0)];
    expect([first?.ticket.id, second?.ticket.id, third]).toEqual(["a", "b", undefined]);
    expect(first?.number).not.toBe(second?.number);
  });

  it("return after their time, with the wait as long as it was", () => {
    const queue = queueWith({}, ["a", "soon"], ["b", "soon"]);
    const claim = queue.claim({}, 1000);
    expect(claim?.untilMs).toBe(1000 + 2 * MINUTE);
    expect(ids(queue, 1000 + 2 * MINUTE - 1)).toEqual(["b"]);
    expect(queue.list(1000 + 2 * MINUTE)).toMatchObject([{ id: "a", since: 0 }, { id: "b" }]);
    expect(() => queue.complete(claim?.number ?? 0, 1000 + 2 * MINUTE)).toThrow(fails("CLAIM_EXPIRED"));
    expect(ids(queue, 1000 + 2 * MINUTE)).toEqual(["a", "b"]);
  });

  it("can be given back and completed, once", () => {
    const queue = queueWith({}, ["a", "soon"], ["b", "soon"]);
    const first = queue.claim({}, 0)?.number ?? 0;
    queue.release(first, 1);
    expect(ids(queue, 1)).toEqual(["a", "b"]);
    expect(() => queue.release(first, 1)).toThrow(fails("CLAIM_EXPIRED"));
    const second = queue.claim({}, 1)?.number ?? 0;
    queue.complete(second, 2);
    expect(ids(queue, 9 * MINUTE)).toEqual(["b"]);
    expect(() => queue.complete(second, 2)).toThrow(fails("CLAIM_EXPIRED"));
  });

  it("end when the person has gone", () => {
    const queue = queueWith({}, ["a", "soon"]);
    const claim = queue.claim({}, 0)?.number ?? 0;
    queue.remove("a");
    expect(() => queue.complete(claim, 0)).toThrow(fails("CLAIM_EXPIRED"));
    expect(ids(queue, 9 * MINUTE)).toEqual([]);
    expect(() => queue.remove("a")).toThrow(fails("TICKET_UNKNOWN"));
  });

  it("offer an immediate ticket that fits nobody to anyone, and not again at once", () => {
    const queue = queueWith({}, ["a", "immediate", "sw"], ["b", "routine", "en"]);
    const english = { languages: ["en"] };
    expect(queue.claim(english, 0)?.ticket.id).toBe("b");
    expect(queue.claim(english, MINUTE - 1)).toBeUndefined();
    const claim = queue.claim(english, MINUTE);
    expect(claim).toMatchObject({ ticket: { id: "a" }, fits: false });
    queue.release(claim?.number ?? 0, MINUTE);
    expect(queue.claim(english, 2 * MINUTE - 1)?.ticket.id).not.toBe("a");
    expect(queue.claim({ languages: ["sw"] }, 2 * MINUTE - 1)).toMatchObject({ ticket: { id: "a" }, fits: true });
  });

  it("refuse a counsellor who cannot be", () => {
    expect(() => createQueue().claim({ languages: ["?"] }, 0)).toThrow(fails("TICKET_INVALID"));
  });

  it("give one in `agedEvery` to who has waited too long, not counting those of immediate tickets", () => {
    const queue = queueWith({ rules: { agedEvery: 2 } }, ["old", "routine"]);
    const day = 24 * 60 * MINUTE;
    for (const id of ["u1", "u2", "u3"]) queue.add({ id, level: "urgent", priority: 0.5 }, 3 * day);
    for (const id of ["i1", "i2"]) queue.add({ id, level: "immediate", priority: 0.8 }, 3 * day);
    const claimed = [1, 2, 3, 4, 5, 6].map(() => queue.claim({}, 3 * day)?.ticket.id);
    expect(claimed).toEqual(["i1", "i2", "u1", "old", "u2", "u3"]);
  });
});

describe("levels", () => {
  it("follow a new assessment, and the wait stays", () => {
    const queue = queueWith({}, ["a", "soon"], ["b", "urgent"]);
    queue.update("a", { level: "immediate", priority: 0.9, categories: ["suicide"], language: "en" });
    expect(queue.list(1000)[0]).toMatchObject({ id: "a", level: "immediate", categories: ["suicide"], waitedMs: 1000 });
    queue.update("a", { level: "routine", priority: 0.1 });
    expect(ids(queue, 0)).toEqual(["b", "a"]);
    expect(() => queue.update("c", { level: "soon", priority: 0 })).toThrow(fails("TICKET_UNKNOWN"));
  });

  it.each([{ id: "b" }, { since: 0 }, { text: "hello" }])("do not change with anything else: %o", (more) => {
    const queue = queueWith({}, ["a", "soon"]);
    const details = { level: "urgent", priority: 0.5, ...more } as const;
    expect(() => queue.update("a", details)).toThrow(fails("TICKET_INVALID"));
    expect(levelOf(queue, "a")).toBe("soon");
  });

  it.each<[Urgency, Urgency, Urgency]>([
    ["urgent", "immediate", "immediate"],
    ["urgent", "routine", "urgent"],
    ["routine", "soon", "soon"],
    ["immediate", "urgent", "immediate"],
  ])("that a person set to %s and a model to %s are %s", (byPerson, byModel, expected) => {
    const queue = queueWith({}, ["a", "soon"]);
    queue.override("a", byPerson, 0);
    queue.update("a", { level: byModel, priority: 0.5 });
    expect(levelOf(queue, "a")).toBe(expected);
  });

  it("that a person set hold while the ticket is claimed, and after it returns", () => {
    const queue = queueWith({}, ["a", "soon"]);
    const claim = queue.claim({}, 0)?.number ?? 0;
    queue.override("a", "urgent", 0);
    queue.update("a", { level: "routine", priority: 0.5 });
    queue.release(claim, 0);
    expect(levelOf(queue, "a")).toBe("urgent");
  });

  it("that a person set are recorded as numbers only", () => {
    const queue = queueWith({}, ["a", "soon"]);
    queue.override("a", "immediate", 5);
    queue.override("a", "immediate", 6);
    const log = queue.overrides();
    expect(log).toEqual([
      { from: 2, to: 0, priority: 0.5, atMs: 5 },
      { from: 0, to: 0, priority: 0.5, atMs: 6 },
    ]);
    expect(() => queue.override("b", "soon", 7)).toThrow(fails("TICKET_UNKNOWN"));
    expect(() => queue.override("a", "high" as Urgency, 7)).toThrow(fails("TICKET_INVALID"));
    expect(queue.overrides()).toEqual(log);
  });

  it("keep the last 10,000 decisions of persons", () => {
    const queue = queueWith({}, ["a", "soon"]);
    for (let time = 0; time < 10_005; time += 1) queue.override("a", "soon", time);
    const log = queue.overrides();
    expect([log.length, log[0].atMs, log.at(-1)?.atMs]).toEqual([10_000, 5, 10_004]);
  });
});

describe("snapshot", () => {
  const key = randomBytes(32);
  const filled = (): Queue => {
    const queue = queueWith({ rules: { agedEvery: 3 } }, ["a", "soon"], ["b", "immediate", "sw"], ["c", "routine"]);
    queue.claim({ languages: ["sw"] }, 1000);
    queue.override("c", "urgent", 1500);
    return queue;
  };

  it("goes on where the queue was: claims, decisions of persons, turns", () => {
    const queue = filled();
    const restored = createQueue({ rules: { agedEvery: 3 }, restore: { snapshot: queue.snapshot(key), key } });
    expect(restored.list(2000)).toEqual(queue.list(2000));
    expect(restored.overrides()).toEqual(queue.overrides());
    restored.update("c", { level: "routine", priority: 0 });
    expect(restored.list(2000)[0]).toMatchObject({ id: "c", level: "urgent" });
    restored.complete(1, 2000);
    expect(() => restored.release(1, 2000)).toThrow(fails("CLAIM_EXPIRED"));
    restored.add({ id: "b", level: "soon", priority: 0 }, 2000);
    expect(ids(restored, 2000)).toEqual(["c", "a", "b"]);
    expect(ids(queue, 1000 + 2 * MINUTE)).toEqual(["b", "c", "a"]);
  });

  it("may be opened under other rules", () => {
    const snapshot = filled().snapshot(key);
    const restored = createQueue({ rules: { agedEvery: 1, maximumTickets: 1 }, restore: { snapshot, key } });
    expect(ids(restored, 2000)).toEqual(["c", "a"]);
    expect(() => restored.add({ id: "d", level: "soon", priority: 0 }, 0)).toThrow(fails("QUEUE_FULL"));
  });

  it("does not open with another key", () => {
    const restore = { snapshot: filled().snapshot(key), key: randomBytes(32) };
    expect(() => createQueue({ restore })).toThrow(fails("SNAPSHOT_INVALID"));
  });
});

it("has a level for each rank in its records", () => {
  const queue = queueWith({}, ["a", "soon"]);
  for (const level of URGENCIES) queue.override("a", level, 0);
  expect(queue.overrides().map(({ to }) => URGENCIES[to])).toEqual([...URGENCIES]);
});
