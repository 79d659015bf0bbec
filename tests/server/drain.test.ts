import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { heldScorer, ROUTINE, readToEnd, startTestServer, until } from "./support.js";

const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

describe("close", () => {
  it("answers what is in flight, refuses what is new, and then ends", async () => {
    const scorer = heldScorer();
    const { server, post, open, port } = await startTestServer({ triage: scorer });
    const inFlight = post("/v1/assess", { text: ROUTINE });
    // A request that is half there keeps its connection: what it asks while the server ends is answered.
    const connected = await open();
    connected.write(GET("/readyz").slice(0, -2));
    const posting = await open();
    const body = `{"text":"${ROUTINE}"}`;
    posting.write("POST /v1/assess HTTP/1.1\r\nHost: localhost\r\n");
    await until(() => scorer.held === 1);
    // The server has them now; what the kernel still keeps for it ends with the listener.
    await delay(50);
    let isClosed = false;
    const closed = server.close(10_000).then(() => {
      isClosed = true;
    });
    connected.write("\r\n");
    const ready = await readToEnd(connected);
    expect(ready).toMatch(/^HTTP\/1\.1 503 .*connection: close.*\{"status":"draining"\}$/is);
    posting.write(`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    expect(await readToEnd(posting)).toMatch(/^HTTP\/1\.1 503 .*retry-after: 1.*"DRAINING"/is);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
    expect(isClosed).toBe(false);
    scorer.release();
    expect(await inFlight).toMatchObject({ status: 200, json: { urgency: "routine" } });
    await closed;
  });

  it("does not wait for connections that are only kept open", async () => {
    const { server, open } = await startTestServer();
    const idle = await open();
    idle.write(GET("/healthz"));
    await once(idle, "data");
    const began = Date.now();
    await server.close(10_000);
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it("does not wait for a connection that stays open after its last answer", async () => {
    const scorer = heldScorer();
    const { server, open } = await startTestServer({ triage: scorer });
    const socket = await open();
    const body = `{"text":"${ROUTINE}"}`;
    socket.write(
      `POST /v1/assess HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await until(() => scorer.held === 1);
    const began = Date.now();
    const closed = server.close(10_000);
    scorer.release();
    await closed;
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it("cuts off what takes too long", async () => {
    const scorer = heldScorer();
    const { server, post } = await startTestServer({ triage: scorer });
    const cut = post("/v1/assess", { text: ROUTINE });
    cut.catch(() => {});
    await until(() => scorer.held === 1);
    const began = Date.now();
    await server.close(100);
    expect(Date.now() - began).toBeGreaterThanOrEqual(90);
    await expect(
      Promise.race([cut, new Promise((_, reject) => setTimeout(reject, 500, new Error("cut")))]),
    ).rejects.toThrow();
    scorer.release();
  });

  it("may be asked more than once", async () => {
    const { server } = await startTestServer();
    await Promise.all([server.close(), server.close()]);
    await server[Symbol.asyncDispose]();
  });
});
