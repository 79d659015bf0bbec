import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { isEarshotError } from "../../src/errors.js";
import { DEFAULT_POLICY } from "../../src/policy/schema.js";
import { createPool } from "../../src/pool/create-pool.js";
import type { TriagePool, TriagePoolOptions } from "../../src/pool/pool-types.js";
import { type AssessOptions, createTriage, MAXIMUM_TEXT_BYTES, type Message } from "../../src/triage.js";
import { BASE_PACK, FIXTURES } from "../cli/command.js";
import { LEAVE_MS, ORDERS, obedientWorker, WORKER } from "./worker-programs.js";

const encoder = new TextEncoder();
const SETTINGS = { country: "KE", now: (): Date => new Date("2026-01-05T12:00:00Z") };
const open = (options: TriagePoolOptions = {}, file = WORKER): Promise<TriagePool> =>
  createPool({ ...SETTINGS, workers: 2, ...options }, file);
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
    ["an age that is none", "hi", { age: 300 }],
    ["a country that is none", "hi", { country: "Kenya" }],
    ["no text", wrong(12)],
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
  ])("costs one message, which is told, and is replaced: %i workers, %s", async (workers, id) => {
    const pool = await open({ workers }, obedientWorker);
    const ids = Array.from({ length: 40 }, (_, index) => (index === 9 || index === 20 ? id : `${index}`));
    let answers = 0;
    const outcomes = await Promise.all(
      ids.map((own) => outcome(pool.assess("hello", { id: own })).finally(() => (answers += 1))),
    );
    expect(answers).toBe(ids.length);
    for (const [index, own] of ids.entries())
      if (own === id) expect(outcomes[index]).toBe("WORKER_FAILED");
      else expect(outcomes[index]).toMatchObject({ id: own });
    await pool.close();
  });

  it("while it has no message is replaced too", async () => {
    const pool = await open({ workers: 1 }, obedientWorker);
    expect(await pool.assess("hello", { id: ORDERS.leave })).toMatchObject({ id: ORDERS.leave });
    await setTimeout(4 * LEAVE_MS);
    expect(await pool.assess("hello", { id: "1" })).toMatchObject({ id: "1" });
    await pool.close();
  });

  it("and cannot be replaced leaves nobody waiting; when it can be again, the pool goes on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "earshot-pool-"));
    const pack = join(folder, "pack");
    cpSync(BASE_PACK, pack, { recursive: true });
    const pool = await open({ workers: 1, pack }, obedientWorker);
    renameSync(pack, `${pack}-away`);
    const outcomes = [ORDERS.exit, "1", "2"].map((id) => outcome(pool.assess("hello", { id })));
    expect(await Promise.all(outcomes)).toEqual(["WORKER_FAILED", "WORKER_FAILED", "WORKER_FAILED"]);
    expect(await outcome(pool.assess("hello"))).toBe("WORKER_FAILED");
    renameSync(`${pack}-away`, pack);
    expect(await pool.assess("hello", { id: "3" })).toMatchObject({ id: "3" });
    await pool.close();
    rmSync(folder, { recursive: true });
  });
});

describe("close", () => {
  it("answers what is being scored and refuses what waits and what comes", async () => {
    const pool = await open({ workers: 1 }, obedientWorker);
    const scored = pool.assess("hello", { id: ORDERS.sleep });
    const waiting = outcome(pool.assess("hello"));
    const closing = pool.close();
    expect(await outcome(pool.assess("hello"))).toBe("CLOSED");
    expect(await waiting).toBe("CLOSED");
    expect(await scored).toMatchObject({ id: ORDERS.sleep });
    await closing;
    await pool.close();
    expect(await outcome(pool.stream([{ text: "hello" }]).next())).toBe("CLOSED");
  });

  it("waits for a worker that is being replaced", async () => {
    const pool = await open({ workers: 1 }, obedientWorker);
    expect(await outcome(pool.assess("hello", { id: ORDERS.exit }))).toBe("WORKER_FAILED");
    const waiting = outcome(pool.assess("hello"));
    await pool.close();
    expect(await waiting).toBe("CLOSED");
  });
});

describe("a full pool", () => {
  it.each([0, 3])("takes no more than may wait: %i", async (maximumWaiting) => {
    const pool = await open({ workers: 1, maximumWaiting }, obedientWorker);
    const taken = Array.from({ length: maximumWaiting + 1 }, () => pool.assess("hello", { id: ORDERS.sleep }));
    const [refused] = await Promise.allSettled([pool.assess("hello")]);
    expect(refused).toMatchObject({ reason: { code: "POOL_FULL", details: { waiting: maximumWaiting } } });
    expect(await Promise.all(taken)).toHaveLength(maximumWaiting + 1);
    expect(await pool.assess("hello")).toBeDefined();
    await pool.close();
  });

  it("lets a stream wait", async () => {
    const pool = await open({ workers: 1, maximumWaiting: 0 });
    let count = 0;
    for await (const _ of pool.stream(inbox.slice(0, 10))) count += 1;
    expect(count).toBe(10);
    await pool.close();
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

describe("what cannot be", () => {
  it.each<[string, TriagePoolOptions, string]>([
    ["no workers", { workers: 0 }, "INPUT_INVALID"],
    ["half a worker", { workers: 1.5 }, "INPUT_INVALID"],
    ["too many workers", { workers: 65 }, "INPUT_INVALID"],
    ["fewer than none waiting", { maximumWaiting: -1 }, "INPUT_INVALID"],
    ["a pack that is not there", { pack: "no-such-folder" }, "PACK_NOT_FOUND"],
    ["a country that is none", { country: "Kenya" }, "COUNTRY_UNKNOWN"],
    ["a policy that is none", { policy: wrong({ name: 1 }) }, "POLICY_INVALID"],
    ["a policy with a function", { policy: wrong({ ...DEFAULT_POLICY, more: () => {} }) }, "INPUT_INVALID"],
    ["a directory that is none", { directory: wrong([]) }, "DIRECTORY_INVALID"],
  ])("is refused: %s", async (_, options, code) => {
    expect(await outcome(open(options))).toBe(code);
  });

  it("is refused in a message, and the worker goes on", async () => {
    const pool = await open({ workers: 1 });
    expect(await outcome(pool.assess("hello", { id: wrong(() => {}) }))).toBe("INPUT_INVALID");
    expect(await pool.assess("hello", { id: "1" })).toMatchObject({ id: "1" });
    await pool.close();
  });
});
