import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { connect, type NatsConnection } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EarshotError } from "../../src/errors.js";
import { createAsker } from "../../src/nats/asker.js";
import type { Assessment } from "../../src/types.js";
import { BASE_PACK, MAIN } from "../cli/command.js";
import { type Broker, hasBroker, ifBroker, startBroker, startWork } from "./broker.js";

const canRun = hasBroker && existsSync(BASE_PACK) && existsSync(MAIN);
const needs = canRun ? "" : `${ifBroker} (needs the built command and the pack)`;

/** Messages of which many need the second stage. */
const TEXTS = [
  "I am going to do it tonight, I have everything here",
  "nobody would notice if I was gone",
  "how do I apply for a school for next year?",
  "he says he will show the pictures to everyone if I tell",
];

let broker: Broker;
let connection: NatsConnection;

interface Outcome {
  readonly id: string;
  readonly answer?: Assessment;
  readonly code?: string;
}

/** Asks for every id, some at a time, and gives one outcome for each. */
async function askAll(
  ids: readonly string[],
  atOnce: number,
  ask: (text: string, id: string) => Promise<Assessment>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const rest = ids.entries();
  const lane = async (): Promise<void> => {
    for (const [index, id] of rest) {
      try {
        outcomes.push({ id, answer: await ask(TEXTS[index % TEXTS.length], id) });
      } catch (error) {
        outcomes.push({ id, code: error instanceof EarshotError ? error.code : "other" });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return outcomes;
}

const idsOf = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `message-${index}`);

/** Every message has one outcome, and every answer is that of its own message. */
function expectNothingLost(ids: readonly string[], outcomes: readonly Outcome[]): void {
  expect(outcomes.map(({ id }) => id).sort()).toEqual([...ids].sort());
  for (const { id, answer, code } of outcomes) {
    expect(answer === undefined).toBe(code !== undefined);
    if (answer !== undefined) expect(answer.id).toBe(id);
  }
}

beforeAll(async () => {
  if (!canRun) return;
  broker = await startBroker();
  connection = await connect({ servers: broker.url });
});

afterAll(async () => {
  await connection?.close();
  await broker?.stop();
});

describe(`earshot work${needs}`, () => {
  it.runIf(canRun)("kill -9 of a worker under load loses nothing, and the rest go on", async () => {
    const workers = await Promise.all([0, 1, 2].map(() => startWork(broker, "--subject", "kill.earshot")));
    const asker = createAsker(connection, { subject: "kill.earshot", timeoutMs: 1_000, attempts: 6 });
    const ids = idsOf(600);
    let asked = 0;
    const outcomes = await askAll(ids, 24, async (text, id) => {
      asked += 1;
      if (asked === 200) void workers[0].end("SIGKILL");
      return asker.assess(text, { id });
    });
    expectNothingLost(ids, outcomes);
    expect(outcomes.filter(({ code }) => code !== undefined)).toEqual([]);
    expect(await workers[0].end("SIGKILL")).toBeNull();
    expect(await Promise.all(workers.slice(1).map((worker) => worker.end("SIGTERM")))).toEqual([0, 0]);
  });

  it.runIf(canRun)("when the last worker dies, what it had is an error", async () => {
    const worker = await startWork(broker, "--subject", "last.earshot");
    const asker = createAsker(connection, { subject: "last.earshot", timeoutMs: 300, attempts: 2 });
    const ids = idsOf(100);
    const outcomes = await askAll(ids, 20, async (text, id) => {
      if (id === "message-60") void worker.end("SIGKILL");
      return asker.assess(text, { id });
    });
    expectNothingLost(ids, outcomes);
    const codes = new Set(outcomes.map(({ code }) => code).filter((code) => code !== undefined));
    expect(outcomes.some(({ answer }) => answer !== undefined)).toBe(true);
    expect(codes.size).toBeGreaterThan(0);
    for (const code of codes) expect(["SERVICE_TIMEOUT", "SERVICE_UNREACHABLE"]).toContain(code);
  });

  it.runIf(canRun)("SIGTERM: answers what it has, ends with 0, and says nothing", async () => {
    const worker = await startWork(broker, "--subject", "term.earshot");
    const asker = createAsker(connection, { subject: "term.earshot", attempts: 1 });
    const ids = idsOf(40);
    const asked = askAll(ids, 40, (text, id) => asker.assess(text, { id }));
    await connection.flush();
    expect(await worker.end("SIGTERM")).toBe(0);
    const outcomes = await asked;
    expectNothingLost(ids, outcomes);
    expect(outcomes.filter(({ code }) => code !== undefined)).toEqual([]);
    expect(worker.errors()).toBe("earshot work: ready\n");
  });

  it.runIf(canRun)(
    "with more than it may hold it refuses the surplus, and immediate ones are still answered",
    async () => {
      const worker = await startWork(broker, "--subject", "full.earshot", "--max-in-flight", "2");
      const asker = createAsker(connection, { subject: "full.earshot", attempts: 1 });
      const ids = idsOf(200);
      const outcomes = await askAll(ids, 200, (text, id) => asker.assess(text, { id }));
      expectNothingLost(ids, outcomes);
      const refused = outcomes.filter(({ code }) => code !== undefined);
      expect(refused.length).toBeGreaterThan(0);
      expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["OVERLOADED"]));
      // The first of the four texts is found immediate by its words alone.
      const first = outcomes.filter(({ id }) => Number(id.slice("message-".length)) % TEXTS.length === 0);
      expect(new Set(first.map(({ answer }) => answer?.urgency))).toEqual(new Set(["immediate"]));
      await worker.end("SIGTERM");
    },
  );

  it.runIf(canRun)("a server that goes and comes again finds its worker back", async () => {
    const own = await startBroker();
    const worker = await startWork(own);
    await own.stop();
    await expect.poll(worker.errors, { timeout: 5_000 }).toContain("the connection is lost; trying again\n");
    // Longer than until the next attempt, which fails.
    await delay(3_000);
    const again = await startBroker([], own.port);
    await expect.poll(worker.errors, { timeout: 10_000 }).toContain("connected again\n");
    const asking = await connect({ servers: again.url });
    expect((await createAsker(asking).assess(TEXTS[0])).urgency).toBe("immediate");
    await asking.close();
    expect(await worker.end("SIGTERM")).toBe(0);
    await again.stop();
  });

  it.runIf(canRun)("two signals end it at once", async () => {
    const worker = await startWork(broker, "--subject", "twice.earshot", "--drain-seconds", "100");
    const silent = await connect({ servers: broker.url });
    // Many long messages, so that it has something to wait for.
    const text = "nobody would notice if I was gone and I ".repeat(20_000);
    for (let count = 0; count < 20; count += 1)
      silent.publish("twice.earshot.assess", JSON.stringify({ text }), { reply: "nobody" });
    await silent.flush();
    void worker.end("SIGTERM");
    const asker = createAsker(connection, { subject: "twice.earshot", timeoutMs: 100, attempts: 1 });
    const takesNoMore = (): Promise<boolean> =>
      asker.assess("hi").then(
        () => false,
        (error) => error.code === "SERVICE_UNREACHABLE",
      );
    await expect.poll(takesNoMore, { timeout: 10_000 }).toBe(true);
    expect(await worker.end("SIGTERM")).toBeNull();
    await silent.close();
  });
});
