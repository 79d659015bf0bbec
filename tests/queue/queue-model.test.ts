import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { URGENCIES, type Urgency } from "../../src/labels.js";
import { waitingBound } from "../../src/queue/order.js";
import { createQueue } from "../../src/queue/queue.js";
import type { Queue } from "../../src/queue/queue-types.js";
import type { QueueRules } from "../../src/queue/rules.js";
import { commands, OPTIONS, setUp } from "./model.js";

const MINUTE = 60_000;

describe("whatever happens to a queue", () => {
  it("loses nobody, claims nobody twice, keeps the order, and survives restarts", () => {
    fc.assert(
      fc.property(commands, (sequence) => fc.modelRun(setUp, sequence)),
      { numRuns: 300 },
    );
  });
});

interface Watched {
  readonly level: Urgency;
  readonly index: number;
  /** When it was both open to all and, below immediate, aged. */
  readonly fromMs: number;
  readonly agedAtMs: number;
  immediateWaiting: number;
  claimedAtMs?: number;
}

/** What happens in one step of 30 seconds, before its claim. */
interface Step {
  readonly arrivals: readonly Urgency[];
  readonly immediate: boolean;
  readonly release: boolean;
}

const STEP_MS = 30_000;
const LONGEST_RUN = 150;
const CLAIMS_PER_MINUTE = 2;
const IMMEDIATE_PER_MINUTE = 1;
const IMMEDIATE_EXCESS = 2;

/** Runs the steps with a claim in each, and at most as many immediate tickets as the rate and excess allow. */
function runSteps(rules: QueueRules, steps: readonly Step[]): { watched: Watched[]; releasedOf: Watched[] } {
  const queue: Queue = createQueue({ rules });
  const watched: Watched[] = [];
  const releasedOf: Watched[] = [];
  const add = (level: Urgency, nowMs: number): void => {
    const index = watched.length;
    const agedAtMs = level === "immediate" ? nowMs : nowMs + rules.ageAfterMinutes[level] * MINUTE;
    const fromMs = level === "immediate" ? nowMs + rules.anyoneAfterMinutes.immediate * MINUTE : agedAtMs;
    watched.push({ level, index, fromMs, agedAtMs, immediateWaiting: 0 });
    queue.add({ id: String(index), level, priority: (3 - URGENCIES.indexOf(level) + (index % 5) / 4) / 4 }, nowMs);
  };
  let allowance = IMMEDIATE_EXCESS;
  for (let step = 0; step < 5 * LONGEST_RUN; step += 1) {
    const nowMs = step * STEP_MS;
    const { arrivals, immediate, release } = steps[step] ?? { arrivals: [], immediate: false, release: false };
    allowance = Math.min(allowance + IMMEDIATE_PER_MINUTE / 2, IMMEDIATE_EXCESS);
    for (const level of arrivals) add(level, nowMs);
    if (immediate && allowance >= 1) {
      allowance -= 1;
      add("immediate", nowMs);
    }
    const waiting = queue.counts(nowMs).waiting.immediate;
    for (const one of watched) if (one.fromMs <= nowMs && one.fromMs > nowMs - STEP_MS) one.immediateWaiting = waiting;
    const claim = queue.claim({}, nowMs);
    if (claim === undefined) continue;
    const taken = watched[Number(claim.ticket.id)];
    taken.claimedAtMs ??= nowMs;
    if (release && taken.level !== "immediate") {
      releasedOf.push(taken);
      queue.release(claim.number, nowMs);
    } else queue.complete(claim.number, nowMs);
  }
  return { watched, releasedOf };
}

/** Tickets that became aged before this one and were not claimed then, and how often their claims came back. */
function agedEarlier(one: Watched, { watched, releasedOf }: ReturnType<typeof runSteps>): number {
  const isEarlier = (other: Watched): boolean =>
    other.level !== "immediate" &&
    (other.agedAtMs < one.agedAtMs || (other.agedAtMs === one.agedAtMs && other.index < one.index));
  const released = releasedOf.filter((other) => isEarlier(other) || other === one).length;
  const waiting = watched.filter(
    (other) => isEarlier(other) && (other.claimedAtMs === undefined || other.claimedAtMs >= one.fromMs),
  ).length;
  return waiting + released;
}

describe("nobody starves", () => {
  const step: fc.Arbitrary<Step> = fc.record({
    arrivals: fc.array(fc.constantFrom<Urgency>("urgent", "urgent", "soon", "routine"), { maxLength: 3 }),
    immediate: fc.boolean(),
    release: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
  });

  it.each([1, 2, 4])("within the bound, under more people than can be served, agedEvery %d", (agedEvery) => {
    const rules = createQueue({ rules: { ...OPTIONS.rules, agedEvery, maximumTickets: 100_000 } }).rules;
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: LONGEST_RUN }), (steps) => {
        const run = runSteps(rules, steps);
        for (const one of run.watched) {
          const minutes = waitingBound(one.level, rules, {
            claimsPerMinute: CLAIMS_PER_MINUTE,
            claimShortfall: 1,
            immediatePerMinute: IMMEDIATE_PER_MINUTE,
            immediateExcess: IMMEDIATE_EXCESS,
            immediateWaiting: one.immediateWaiting,
            agedEarlier: agedEarlier(one, run),
          });
          const allowed =
            one.level === "immediate" ? rules.anyoneAfterMinutes.immediate : rules.ageAfterMinutes[one.level];
          const cameAtMs = one.fromMs - allowed * MINUTE;
          expect((one.claimedAtMs ?? Number.POSITIVE_INFINITY) - cameAtMs).toBeLessThanOrEqual(minutes * MINUTE);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("while urgent tickets alone would take every claim", () => {
    const queue = createQueue();
    const ageAfter = queue.rules.ageAfterMinutes.routine;
    queue.add({ id: "routine", level: "routine", priority: 0.1 }, 0);
    queue.add({ id: "u0", level: "urgent", priority: 0.6 }, 0);
    let served = 0;
    for (let minute = 1; served === 0 && minute < 2 * ageAfter; minute += 1) {
      queue.add({ id: `u${minute}`, level: "urgent", priority: 0.6 }, minute * MINUTE);
      const claim = queue.claim({}, minute * MINUTE);
      if (claim?.ticket.id === "routine") served = minute;
      queue.complete(claim?.number ?? 0, minute * MINUTE);
    }
    expect(served).toBeGreaterThanOrEqual(ageAfter);
    // Nothing aged earlier, one claim a minute, no immediate ticket: (1 + 4 - 1) / 1.
    expect(served).toBeLessThanOrEqual(ageAfter + 4);
  });
});
