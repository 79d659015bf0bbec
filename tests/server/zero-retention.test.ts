import { spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { createScrubber, SCRUBBED_WITHIN_MS } from "../../src/server/zero-retention.js";
import { startTestServer } from "./support.js";

/** Counts the scrubs: each writes as many zeros as the read buffer of Node.js holds. */
function countScrubs(): () => number {
  const write = vi.spyOn(Socket.prototype, "write");
  return () => write.mock.calls.filter(([sent]) => sent instanceof Uint8Array && sent.length === 65_536).length;
}

describe("createScrubber", () => {
  it("does nothing unasked, and what is asked together once", async () => {
    const scrubs = countScrubs();
    const scrubber = await createScrubber();
    await scrubber.settled();
    expect(scrubs()).toBe(0);
    for (let count = 0; count < 100; count += 1) scrubber.schedule();
    await scrubber.settled();
    expect(scrubs()).toBe(1);
    await scrubber.settled();
    expect(scrubs()).toBe(1);
    await scrubber.close();
  });

  it("scrubs by itself in less time than is promised", async () => {
    const scrubs = countScrubs();
    const scrubber = await createScrubber();
    scrubber.schedule();
    await delay(SCRUBBED_WITHIN_MS);
    expect(scrubs()).toBe(1);
    await scrubber.close();
  });

  it("scrubs again for what was read while it scrubbed", async () => {
    const scrubs = countScrubs();
    const scrubber = await createScrubber();
    scrubber.schedule();
    const first = scrubber.settled();
    scrubber.schedule();
    await first;
    await scrubber.settled();
    expect(scrubs()).toBe(2);
    await scrubber.close();
  });

  it("scrubs what is due before it closes, and nothing after", async () => {
    const scrubs = countScrubs();
    const scrubber = await createScrubber();
    scrubber.schedule();
    await scrubber.close();
    expect(scrubs()).toBe(1);
    scrubber.schedule();
    await delay(SCRUBBED_WITHIN_MS);
    expect(scrubs()).toBe(1);
  });

  it("keeps a process running while somebody waits for it, and no longer", async () => {
    const file = new URL("../../src/server/zero-retention.ts", import.meta.url).href;
    const program = `
      const { createScrubber } = await import(${JSON.stringify(file)});
      const scrubber = await createScrubber();
      scrubber.schedule();
      await scrubber.settled();
      process.stdout.write("scrubbed");`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program]);
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    expect([output, code]).toEqual(["scrubbed", 0]);
  });

  it("opens another connection when somebody cut its own", async () => {
    const sockets: Socket[] = [];
    const connected = vi.spyOn(Socket.prototype, "connect");
    const scrubber = await createScrubber();
    sockets.push(...(connected.mock.contexts as Socket[]));
    expect(sockets.length).toBe(1);
    sockets[0].destroy();
    await delay(10);
    const scrubs = countScrubs();
    scrubber.schedule();
    await scrubber.settled();
    scrubber.schedule();
    await scrubber.settled();
    expect(scrubs()).toBe(2);
    await scrubber.close();
  });
});

describe("a server", () => {
  it("scrubs after a request, after half of one, and after what is none", async () => {
    const scrubs = countScrubs();
    const { ask, open, server } = await startTestServer();
    await server.scrubbed();
    const before = scrubs();
    await ask("POST", "/v1/assess", { "content-type": "text/plain" }, "hi there");
    await delay(SCRUBBED_WITHIN_MS);
    const afterOne = scrubs();
    expect(afterOne).toBeGreaterThan(before);

    const half = await open();
    half.write("POST /v1/assess HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf");
    await delay(SCRUBBED_WITHIN_MS);
    const afterHalf = scrubs();
    expect(afterHalf).toBeGreaterThan(afterOne);
    half.destroy();
    await delay(SCRUBBED_WITHIN_MS);

    const none = await open();
    const beforeNone = scrubs();
    none.end("no request\r\n\r\n");
    await delay(SCRUBBED_WITHIN_MS);
    expect(scrubs()).toBeGreaterThan(beforeNone);
  });
});
