import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type Canary, makeCanary } from "../../src/audit/canary.js";
import { canaryPatterns } from "../../src/audit/patterns.js";
import { createResidueScanner } from "../../src/audit/residue-scan.js";
import { canScan } from "../audit/child-programs.js";
import { BASE_PACK, MAIN } from "../cli/command.js";
import { startWork } from "./broker.js";

const canRun = canScan && existsSync(BASE_PACK) && existsSync(MAIN);
const needs = canRun ? "" : " (needs Linux with /proc/<pid>/pagemap, the built command and the pack)";
const INFO = 'INFO {"server_id":"x","version":"2.9.10","proto":1,"headers":true,"max_payload":1048576}\r\n';
const LOST = "earshot work: the connection is lost; trying again\n";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that speaks as much of the protocol as a worker needs to start, and then says what it is told. */
async function startFake(): Promise<{
  readonly url: string;
  readonly sockets: readonly Socket[];
  /** The number under which the worker has subscribed to `earshot.assess`. */
  number(): string;
}> {
  const sockets: Socket[] = [];
  let heard = "";
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      const text = bytes.toString("latin1");
      heard += text;
      for (const _ of text.matchAll(/PING\r\n/g)) socket.write("PONG\r\n");
    });
    socket.write(INFO);
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `nats://127.0.0.1:${address.port}`,
    sockets,
    number: () => /SUB earshot\.assess earshot (\d+)\r\n/.exec(heard)?.[1] ?? "none",
  };
}

async function copiesOf(canary: Canary, pid: number): Promise<number> {
  await delay(50);
  const scan = createResidueScanner(canaryPatterns(canary)).scan(pid);
  if (!scan.available) throw new Error(scan.reason);
  return scan.copies;
}

describe(`a server that breaks off${needs}`, () => {
  it.runIf(canRun)(
    "half a message is there while the rest may come, and gone when the connection has ended",
    async () => {
      const fake = await startFake();
      const worker = await startWork({ url: fake.url });
      const canary = makeCanary("latin", 324);
      fake.sockets[0].write(`MSG earshot.assess ${fake.number()} reply 5000\r\n{"text":"${canary.text}`);
      expect(await copiesOf(canary, worker.pid)).toBeGreaterThan(0);
      fake.sockets[0].destroy();
      await expect.poll(worker.errors, { timeout: 5_000 }).toContain(LOST);
      expect(await copiesOf(canary, worker.pid)).toBe(0);
      await worker.end("SIGKILL");
    },
  );

  it.runIf(canRun).each([
    ["no word of the protocol", (text: string, _: string) => `${text}\r\n`],
    [
      "a message that is longer than it says",
      (text: string, number: string) => `MSG earshot.assess ${number} reply 5\r\n${text}\r\n`,
    ],
    ["a length that is no number", (text: string, number: string) => `MSG earshot.assess ${number} reply ${text}\r\n`],
  ])("%s is not printed and leaves nothing, and the worker connects again", async (_case, toBytes) => {
    const fake = await startFake();
    const worker = await startWork({ url: fake.url });
    const canary = makeCanary("latin", 324);
    fake.sockets[0].write(toBytes(canary.text, fake.number()));
    await expect.poll(() => fake.sockets.length, { timeout: 10_000 }).toBe(2);
    await expect.poll(worker.errors, { timeout: 5_000 }).toContain("connected again\n");
    expect(worker.output()).toBe("");
    expect(worker.errors()).toBe(`earshot work: ready\n${LOST}earshot work: connected again\n`);
    expect(await copiesOf(canary, worker.pid)).toBe(0);
    await worker.end("SIGKILL");
  });
});
