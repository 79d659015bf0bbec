import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { EarshotError, isEarshotError } from "../../src/errors.js";
import { DEFAULT_POLICY } from "../../src/policy/schema.js";
import { createPool } from "../../src/pool/create-pool.js";
import type { TriagePool, TriagePoolOptions } from "../../src/pool/pool-types.js";
import { type AssessOptions, createTriage, MAXIMUM_TEXT_BYTES, type Message } from "../../src/triage.js";
import { BASE_PACK, FIXTURES } from "../cli/command.js";
import { countTurns } from "./count-turns.js";
import { LEAVE_MS, LONG, ORDERS, obedientWorker, SLEEP_MS, WORKER } from "./worker-programs.js";

const encoder = new TextEncoder();
const SETTINGS = { country: "KE", now: (): Date => new Date("2026-01-05T12:00:00Z") };
const open = (options: TriagePoolOptions = {}, file = WORKER): Promise<TriagePool> =>
  createPool({ ...SETTINGS, workers: 2, ...options }, file);
/** Workers that do as they are told, with long messages, which all go to a worker; without a second stage they start sooner. */
const openObedient = (options: TriagePoolOptions = {}): Promise<TriagePool> =>
  open({ policy: { ...DEFAULT_POLICY, secondLook: null }, ...options }, obedientWorker);
const triage = await createTriage(SETTINGS);
const shared = await open();

afterAll(async () => {
  await triage.close();
  await shared.close();
});

/** What the messages of the fixture say, as far as they are JSON. */
const inbox: readonly Message[] = readFileSync(`${FIXTURES}inbox.jsonl`, "utf8")
  .split("\n")
  .flatMap((line) => {
    try {
      const { text, id, language, age } = JSON.parse(line);
      return typeof text === "string" && text.trim() !== "" ? [{ text: encoder.encode(text), id, language, age }] : [];
    } catch {
      return [];
    }
  });

/** A result, or the code of a failure. */
async function outcome(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    return isEarshotError(error) ? error.code : "other";
  }
}

/** A value of a wrong type, as a caller without TypeScript may pass it. */
const wrong = <Type>(value: unknown): Type => value as Type;

describe("results", () => {
  it.each([
    ["as they came", inbox],
    ["the other way round", [...inbox].reverse()],
  ])("are those of a triage, in the order of the messages: %s", async (_, messages) => {
    const expected: unknown[] = [];
    for (const { text, ...context } of messages) expected.push(await triage.assess(text, context));
    const streamed: unknown[] = [];
    for await (const assessment of shared.stream(messages)) streamed.push(assessment);
    expect(streamed.length).toBeGreaterThan(70);
    expect(streamed).toEqual(expected);
  });

  it.each<[string, Uint8Array | string, AssessOptions?]>([
    ["a string", "ça va pas 😢 né", { spans: true }],
    ["a long string", "ж ".repeat(500_000)],
    ["nothing", ""],
    ["no bytes", new Uint8Array(0)],
    ["blanks", " \n\t"],
    ["one byte", Uint8Array.of(0x61)],
    ["bytes that are not UTF-8", Uint8Array.of(0xff, 0xc0, 0x80, 0x61)],
    ["one byte less than is scored", new Uint8Array(MAXIMUM_TEXT_BYTES - 1).fill(0x61)],
    ["as much as is scored", new Uint8Array(MAXIMUM_TEXT_BYTES).fill(0x61)],
    ["one byte more", new Uint8Array(MAXIMUM_TEXT_BYTES + 1).fill(0x61)],
    ["twice as much", new Uint8Array(2 * MAXIMUM_TEXT_BYTES).fill(0x61)],
    ["blanks for longer than is scored", new Uint8Array(MAXIMUM_TEXT_BYTES + 9).fill(0x20)],
    [
      "blanks for as long as is scored, and then a word",
      new Uint8Array(MAXIMUM_TEXT_BYTES + 9).fill(0x20).fill(0x61, MAXIMUM_TEXT_BYTES + 5),
    ],
    ["what is wanted of who can help", LONG, { referral: { channels: ["web"], limit: 1 } }],
    ["an age that is none", "hi", { age: 300 }],
    ["a country that is none", "hi", { country: "Kenya" }],
    ["no text", wrong(12)],
    ["something else that is long", wrong({ length: 10_000 })],
  ])("are those of a triage for %s", async (_, text, context) => {
    expect(await outcome(shared.assess(text, context))).toEqual(await outcome(triage.assess(text, context)));
  });

  it("are those of a triage for any bytes and any string", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.string({ unit: "binary", maxLength: 400 })),
        async (text) => {
          expect(await outcome(shared.assess(text))).toEqual(await outcome(triage.assess(text)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("go each to who asked, of 200 at once", async () => {
    const asked = Array.from({ length: 200 }, (_, index) => ({ ...inbox[index % inbox.length], id: `${index}` }));
    const answers = await Promise.all(asked.map(({ text, ...context }) => shared.assess(text, context)));
    for (const [index, { text, ...context }] of asked.entries())
      expect(answers[index]).toEqual(await triage.assess(text, context));
  });

  it("take the time from the clock of the caller", async () => {
    const night = await open({ now: () => new Date("2026-01-05T23:30:00Z"), workers: 1 });
    const alone = await createTriage({ ...SETTINGS, now: () => new Date("2026-01-05T23:30:00Z") });
    const text = "my boyfriend hits me";
    expect(await night.assess(text)).toEqual(await alone.assess(text));
    await night.close();
    await alone.close();
  });
});

describe("a worker that ends", () => {
  it.each([
    [1, ORDERS.exit],
    [2, ORDERS.exit],
    [1, ORDERS.throw],
    [2, ORDERS.throw],
    [1, ORDERS.hang],
    [2, ORDERS.hang],
  ])("is replaced, and the thread that asks reads its message: %i workers, %s", async (workers, id) => {
    const pool = await openObedient({ workers, workerTimeoutMs: SLEEP_MS });
    const ids = Array.from({ length: 40 }, (_, index) => (index === 9 || index === 20 ? id : `${index}`));
    const outcomes = await Promise.all(ids.map((own) => outcome(pool.assess(LONG, { id: own }))));
    const { id: _, ...expected } = await triage.assess(LONG, { id: "", secondLook: false });
    const names = { policy: expect.any(String) };
    for (const [index, own] of ids.entries()) expect(outcomes[index]).toEqual({ ...expected, ...names, id: own });
    await pool.close();
  });

  it("while it has no message is replaced too", async () => {
    const pool = await openObedient({ workers: 1 });
    expect(await pool.assess(LONG, { id: ORDERS.leave })).toMatchObject({ id: ORDERS.leave });
    await setTimeout(4 * LEAVE_MS);
    expect(await pool.assess(LONG, { id: "1" })).toMatchObject({ id: "1" });
    await pool.close();
  });

  it("and cannot be replaced leaves nobody waiting; when it can be again, the pool goes on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "earshot-pool-"));
    const pack = join(folder, "pack");
    cpSync(BASE_PACK, pack, { recursive: true });
    const pool = await openObedient({ workers: 1, pack });
    renameSync(pack, `${pack}-away`);
    for (const ids of [[ORDERS.exit, "1", "2"], ["3"]])
      for (const [index, answer] of (await Promise.all(ids.map((id) => pool.assess(LONG, { id })))).entries())
        expect(answer).toMatchObject({ id: ids[index] });
    renameSync(`${pack}-away`, pack);
    expect(await pool.assess(LONG, { id: ORDERS.sleep })).toMatchObject({ id: ORDERS.sleep });
    await pool.close();
    rmSync(folder, { recursive: true });
  });
});

describe("close", () => {
  it("answers what is being scored and refuses what waits and what comes", async () => {
    const pool = await openObedient({ workers: 1 });
    const scored = pool.assess(LONG, { id: ORDERS.sleep });
    const waiting = outcome(pool.assess(LONG));
    const closing = pool.close();
    expect(await outcome(pool.assess(LONG))).toBe("CLOSED");
    expect(await outcome(pool.assess("hello", { secondLook: false }))).toBe("CLOSED");
    expect(() => pool.conversation()).toThrow(new EarshotError("CLOSED"));
    expect(await waiting).toBe("CLOSED");
    expect(await scored).toMatchObject({ id: ORDERS.sleep });
    await closing;
    await pool.close();
    expect(await outcome(pool.stream([{ text: "hello" }]).next())).toBe("CLOSED");
  });

  it("waits for a worker that is being replaced", async () => {
    const pool = await openObedient({ workers: 1 });
    expect(await pool.assess(LONG, { id: ORDERS.exit })).toBeDefined();
    const waiting = outcome(pool.assess(LONG));
    await pool.close();
    expect(await waiting).toBe("CLOSED");
  });

  it("does not wait for ever for a worker that hangs, and answers its message", async () => {
    const pool = await openObedient({ workers: 1, workerTimeoutMs: SLEEP_MS });
    const scored = pool.assess(LONG, { id: ORDERS.hang });
    await pool.close();
    expect(await scored).toMatchObject({ id: ORDERS.hang });
  });
});

describe("a full pool", () => {
  it.each([0, 3])("takes no more than may wait: %i", async (maximumWaiting) => {
    const pool = await openObedient({ workers: 1, maximumWaiting });
    const taken = Array.from({ length: maximumWaiting + 1 }, () => pool.assess(LONG, { id: ORDERS.sleep }));
    const [refused] = await Promise.allSettled([pool.assess(LONG)]);
    expect(refused).toMatchObject({ reason: { code: "POOL_FULL", details: { waiting: maximumWaiting } } });
    expect(await Promise.all(taken)).toHaveLength(maximumWaiting + 1);
    expect(await pool.assess(LONG)).toBeDefined();
    await pool.close();
  });

  it("answers who needs no worker, and who does not want one, before it answers who has one", async () => {
    const pool = await openObedient({ workers: 1, maximumWaiting: 0 });
    const order: string[] = [];
    const ask = async (name: string, text: string, options: AssessOptions = {}): Promise<void> => {
      await pool.assess(text, options);
      order.push(name);
    };
    await Promise.all([
      ask("with a worker", LONG, { id: ORDERS.sleep }),
      ask("short", "hello"),
      ask("without", LONG, { secondLook: false }),
    ]);
    expect(order).toEqual(["short", "without", "with a worker"]);
    await pool.close();
  });

  it("lets a stream wait", async () => {
    const pool = await open({ workers: 1, maximumWaiting: 0 });
    let count = 0;
    for await (const _ of pool.stream(inbox.slice(0, 10).map((message) => ({ ...message, text: LONG })))) count += 1;
    expect(count).toBe(10);
    await pool.close();
  });
});

describe("a conversation", () => {
  it("is that of a triage, and either goes on with one of the other's", async () => {
    const key = new Uint8Array(32).fill(7);
    const turns = ["hello", "my boyfriend hits me", "he has a knife and he is here", "it was only a joke"];
    let state: Uint8Array | undefined;
    for (const [index, text] of turns.entries()) {
      const of = (pool: boolean) =>
        (pool ? shared : triage).conversation({ key, ...(state !== undefined && { state }) });
      const [own, expected] = [of(true), of(false)];
      const turn = { by: "person", at: 1_767_614_400_000 + index } as const;
      expect(await own.assess(text, turn)).toEqual(await expected.assess(text, turn));
      state = (index % 2 === 0 ? own : expected).save();
    }
  });

  it.each([
    ["a country that is none", { country: "Kenya" }, "COUNTRY_UNKNOWN"],
    ["a short key", { key: new Uint8Array(3) }, "INPUT_INVALID"],
  ])("is refused: %s", (_, options, code) => {
    expect(() => shared.conversation(options)).toThrow(expect.objectContaining({ code }));
  });
});

describe("a stream", () => {
  it("throws at the first bad message, after the results before it", async () => {
    const ids: unknown[] = [];
    const read = async (): Promise<void> => {
      const messages = [{ text: "a", id: "1" }, { text: "b", id: "2" }, { text: " " }, { text: "c", id: "4" }];
      for await (const { id } of shared.stream(messages)) ids.push(id);
    };
    expect(await outcome(read())).toBe("TEXT_EMPTY");
    expect(ids).toEqual(["1", "2"]);
    expect(await shared.assess("hello")).toBeDefined();
  });
});

describe("the thread that asks", () => {
  const messages = Array.from({ length: 300 }, (_, index) => ({ text: `what time do you open on day ${index}?` }));

  it.each<[string, (pool: TriagePool) => Promise<unknown>]>([
    ["messages that come at once", (pool) => Promise.all(messages.map(({ text }) => pool.assess(text)))],
    [
      "a stream that is there already",
      async (pool) => {
        for await (const _ of pool.stream(messages));
      },
    ],
  ])("gives the event loop a turn after a few messages: %s", async (_, work) => {
    const counter = countTurns();
    await work(shared);
    counter.stop();
    // What 300 messages cost at 8,192 bytes a turn, were they empty.
    expect(counter.turns()).toBeGreaterThanOrEqual(9);
  });

  it("has a timer of 1 ms tick on while workers read a second time", async () => {
    const policy = { ...DEFAULT_POLICY, secondLook: { riskFrom: 0, immediateUpTo: 1 } };
    const pool = await open({ policy });
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 1);
    for (let turn = 0; turn < 20; turn += 1)
      await Promise.all(messages.slice(0, 8).map(({ text }) => pool.assess(text.repeat(5))));
    clearInterval(timer);
    await pool.close();
    expect(ticks).toBeGreaterThan(20);
  });
});

describe("what cannot be", () => {
  it.each<[string, TriagePoolOptions, string]>([
    ["no workers", { workers: 0 }, "INPUT_INVALID"],
    ["half a worker", { workers: 1.5 }, "INPUT_INVALID"],
    ["too many workers", { workers: 65 }, "INPUT_INVALID"],
    ["fewer than none waiting", { maximumWaiting: -1 }, "INPUT_INVALID"],
    ["no time for a worker", { workerTimeoutMs: 0 }, "INPUT_INVALID"],
    ["more time than a timer can have", { workerTimeoutMs: 2 ** 31 }, "INPUT_INVALID"],
    ["a pack that is not there", { pack: "no-such-folder" }, "PACK_NOT_FOUND"],
    ["a country that is none", { country: "Kenya" }, "COUNTRY_UNKNOWN"],
    ["a policy that is none", { policy: wrong({ name: 1 }) }, "POLICY_INVALID"],
    ["a policy with a function", { policy: wrong({ ...DEFAULT_POLICY, more: () => {} }) }, "POLICY_INVALID"],
    ["a model that no thread can have", wrong({ model: { name: "own", score: () => {} } }), "INPUT_INVALID"],
    ["a directory that is none", { directory: wrong([]) }, "DIRECTORY_INVALID"],
  ])("is refused: %s", async (_, options, code) => {
    expect(await outcome(open(options))).toBe(code);
  });

  it("is refused in a message, and the worker goes on", async () => {
    const pool = await open({ workers: 1 });
    for (const text of ["hello", LONG]) {
      expect(await outcome(pool.assess(text, { id: wrong(() => {}) }))).toBe("INPUT_INVALID");
      expect(await pool.assess(text, { id: "1" })).toMatchObject({ id: "1" });
    }
    await pool.close();
  });
});
