import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it, vi } from "vitest";
import { type PoolWorker, startPoolWorker } from "../../src/pool/pool-worker.js";
import type { WorkerReply, WorkerRequest, WorkerSetup } from "../../src/pool/protocol.js";
import { SLOT_BYTES } from "../../src/pool/slot.js";
import { ORDERS, obedientWorker, SLEEP_MS, toProgram, WORKER } from "./worker-programs.js";

const AT = new Date("2026-01-05T12:00:00Z");
const TEXT = new TextEncoder().encode("nobody may find these words");

/** Starts a worker and keeps hold of the memory that it shares. */
async function startWithMemory(file: URL, timeoutMs = 10_000): Promise<{ worker: PoolWorker; memory: Uint8Array }> {
  const memories: SharedArrayBuffer[] = [];
  const Original = SharedArrayBuffer;
  vi.stubGlobal(
    "SharedArrayBuffer",
    class extends Original {
      constructor(bytes: number) {
        super(bytes);
        memories.push(this);
      }
    },
  );
  try {
    const starting = startPoolWorker(file, {}, timeoutMs);
    const [memory] = memories;
    return { worker: await starting, memory: new Uint8Array(memory) };
  } finally {
    vi.unstubAllGlobals();
  }
}

const isWiped = (memory: Uint8Array): boolean => memory.every((byte) => byte === 0);

describe("the program of a worker", () => {
  it.each([
    ["a text", TEXT, "assessment"],
    ["a blank one", new Uint8Array(50).fill(0x20), "error"],
  ])("wipes the shared memory itself before it answers: %s", async (_, text, kind) => {
    const memory = new SharedArrayBuffer(SLOT_BYTES);
    const worker = new Worker(WORKER, { workerData: { memory, options: {} } satisfies WorkerSetup });
    expect(await once(worker, "message")).toEqual([{ kind: "ready" }]);
    new Uint8Array(memory).set(text);
    const request: WorkerRequest = {
      kind: "assess",
      length: text.length,
      truncated: false,
      at: AT.getTime(),
      context: {},
    };
    worker.postMessage(request);
    const [reply] = (await once(worker, "message")) as [WorkerReply];
    expect(reply.kind).toBe(kind);
    expect(isWiped(new Uint8Array(memory))).toBe(true);
    worker.postMessage({ kind: "close" } satisfies WorkerRequest);
    expect(await once(worker, "exit")).toEqual([0]);
  });
});

describe("a worker", () => {
  it.each([
    ["bytes", TEXT],
    ["a string", "nobody may find these words"],
  ])("has the text in shared memory while it works, and not afterwards: %s", async (_, text) => {
    const { worker, memory } = await startWithMemory(obedientWorker);
    const answer = worker.assess(text, { id: ORDERS.sleep }, AT);
    expect(memory.slice(0, TEXT.length)).toEqual(TEXT);
    expect((await answer).id).toBe(ORDERS.sleep);
    expect(isWiped(memory)).toBe(true);
    await worker.close();
  });

  it.each([ORDERS.exit, ORDERS.throw])(
    "that ends by %s leaves no message unanswered and nothing in shared memory",
    async (id) => {
      const { worker, memory } = await startWithMemory(obedientWorker);
      expect(worker.isAlive()).toBe(true);
      await expect(worker.assess(TEXT, { id }, AT)).rejects.toMatchObject({
        code: "WORKER_FAILED",
        message: expect.not.stringContaining("fragment"),
      });
      await worker.ended;
      expect(worker.isAlive()).toBe(false);
      expect(isWiped(memory)).toBe(true);
      await expect(worker.assess(TEXT, {}, AT)).rejects.toMatchObject({ code: "WORKER_FAILED" });
      expect(isWiped(memory)).toBe(true);
      await worker.close();
    },
  );

  it("that does not answer in time is ended, and nothing is left in shared memory", async () => {
    const { worker, memory } = await startWithMemory(obedientWorker, SLEEP_MS / 4);
    await expect(worker.assess(TEXT, { id: ORDERS.hang }, AT)).rejects.toMatchObject({ code: "WORKER_FAILED" });
    await worker.ended;
    expect(worker.isAlive()).toBe(false);
    expect(isWiped(memory)).toBe(true);
    await worker.close();
  });

  it("may take long again and again, as long as it answers each in time", async () => {
    const { worker } = await startWithMemory(obedientWorker, 2 * SLEEP_MS);
    for (let turn = 0; turn < 3; turn += 1)
      expect(await worker.assess(TEXT, { id: ORDERS.sleep }, AT)).toMatchObject({ id: ORDERS.sleep });
    expect(worker.isAlive()).toBe(true);
    await worker.close();
  });

  it("keeps nothing of a message that it could not be given", async () => {
    const { worker, memory } = await startWithMemory(WORKER);
    const id = (() => {}) as unknown as string;
    await expect(worker.assess(TEXT, { id }, AT)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    expect(isWiped(memory)).toBe(true);
    await worker.close();
  });

  it("answers what it has before it is closed", async () => {
    const { worker, memory } = await startWithMemory(obedientWorker);
    const began = performance.now();
    const answer = worker.assess(TEXT, { id: ORDERS.sleep }, AT);
    await worker.close();
    expect(performance.now() - began).toBeGreaterThan(SLEEP_MS / 2);
    expect((await answer).urgency).toBeDefined();
    expect(isWiped(memory)).toBe(true);
  });

  it.each([
    ["ends", "process.exit(0);"],
    ["fails", 'throw new Error("no");'],
  ])("is refused when its program %s", async (_, source) => {
    await expect(startPoolWorker(toProgram(source), {}, 10_000)).rejects.toMatchObject({ code: "WORKER_FAILED" });
  });
});
