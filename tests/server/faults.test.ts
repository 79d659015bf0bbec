import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { readAnswers } from "./raw-client.js";
import { heldScorer, ROUTINE, readToEnd, startTestServer, until } from "./support.js";

const HEAD = "POST /v1/assess HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n";
const SECRET = "vqzhjkwxbpfd";

function answersIn(received: string): { status: number; error?: string }[] {
  return readAnswers(Buffer.from(received)).answers.map(({ status, body }) => ({
    status,
    error: JSON.parse(body.toString()).error,
  }));
}

describe("requests that are none", () => {
  it.each([
    ["no HTTP", `${SECRET}\r\n\r\n`],
    ["two lengths", `${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\n${SECRET}`],
    ["a length and chunks", `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${SECRET}`],
    ["a broken chunk", `${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n${SECRET}\r\n`],
    ["headers that are too long", `${HEAD}X: ${"a".repeat(20_000)}\r\n\r\n`],
    ["no host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"],
    ["another host form", "GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
  ])("%s: 400 without an echo", async (_, sent) => {
    const { open, ask } = await startTestServer();
    const socket = await open();
    socket.write(sent);
    const received = await readToEnd(socket);
    expect(answersIn(received)).toEqual([{ status: 400, error: "REQUEST_INVALID" }]);
    expect(received).not.toContain(SECRET);
    expect(received.toLowerCase()).toContain("cache-control: no-store");
    expect(await ask("GET", "/healthz")).toMatchObject({ status: 200 });
  });

  it("does not overtake the answer to the request before", async () => {
    const scorer = heldScorer();
    const { open } = await startTestServer({ triage: scorer });
    const socket = await open();
    socket.write(`${HEAD}Content-Length: ${ROUTINE.length}\r\n\r\n${ROUTINE}`);
    await until(() => scorer.held === 1);
    socket.write("no HTTP\r\n\r\n");
    const received = readToEnd(socket);
    await new Promise((resolve) => setTimeout(resolve, 50));
    scorer.release();
    expect(answersIn(await received).map(({ status }) => status)).toEqual([200, 400]);
  });

  it("answers requests that were sent at once, each by itself", async () => {
    const { open } = await startTestServer();
    const socket = await open();
    const one = (body: string): string => `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
    socket.write(`${one(ROUTINE)}${one(" ")}GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(answersIn(await readToEnd(socket)).map(({ status }) => status)).toEqual([200, 400, 200]);
  });

  it("does not mind what a client expects", async () => {
    const { open } = await startTestServer();
    const socket = await open();
    socket.write(`${HEAD}Connection: close\r\nExpect: ${SECRET}\r\nContent-Length: 2\r\n\r\nhi`);
    expect(answersIn(await readToEnd(socket))).toMatchObject([{ status: 200 }]);
  });
});

describe("slow clients", () => {
  it("has no patience with slow headers", async () => {
    const { open } = await startTestServer({}, { headersTimeoutMs: 100 });
    const socket = await open();
    socket.write("GET /healthz HTTP/1.1\r\nHost: loc");
    expect(answersIn(await readToEnd(socket))).toEqual([{ status: 408, error: "REQUEST_TIMEOUT" }]);
  });

  it("has no patience with a body that drips", async () => {
    const { open } = await startTestServer({}, { bodyTimeoutMs: 200, discardTimeoutMs: 50 });
    const socket = await open();
    socket.write(`${HEAD}Content-Length: 1000\r\n\r\n`);
    const drip = setInterval(() => socket.write("a"), 20);
    const received = await readToEnd(socket);
    clearInterval(drip);
    expect(answersIn(received)).toEqual([{ status: 408, error: "REQUEST_TIMEOUT" }]);
    expect(received.toLowerCase()).toContain("connection: close");
  });

  it("closes connections on which nothing comes", async () => {
    const { open } = await startTestServer({}, { idleTimeoutMs: 100, headersTimeoutMs: 60_000 });
    expect(await readToEnd(await open())).toBe("");
  });
});

describe("half requests", () => {
  it("are counted, and leave the server as it was", async () => {
    const { open, ask } = await startTestServer();
    for (let count = 1; count <= 3; count += 1) {
      const socket = await open();
      socket.write(`${HEAD}Content-Length: 1000\r\n\r\nhalf`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.destroy();
      await until(async () =>
        new RegExp(`earshot_rejected_total\\{code="REQUEST_ABORTED",.*\\} ${count}$`, "m").test(
          (await ask("GET", "/metrics")).text,
        ),
      );
    }
    expect((await ask("GET", "/metrics")).text).toMatch(/http_server_active_requests 1$/m);
  });

  it("whose sender no longer waits are counted too", async () => {
    const scorer = heldScorer();
    const { open, ask } = await startTestServer({ triage: scorer });
    const socket = await open();
    socket.write(`${HEAD}Content-Length: ${ROUTINE.length}\r\n\r\n${ROUTINE}`);
    await until(() => scorer.held === 1);
    socket.destroy();
    await until(async () => (await ask("GET", "/metrics")).text.includes("REQUEST_ABORTED"));
    scorer.release();
    expect(await ask("GET", "/healthz")).toMatchObject({ status: 200 });
  });
});

describe("bodies that are too large", () => {
  it.each(["text/plain", "application/json"])("are refused, and the sender sees it: %s", async (type) => {
    const { ask, post } = await startTestServer();
    const body = "a".repeat(5_000_000);
    const refused = await ask("POST", "/v1/assess", { "content-type": type }, body);
    expect(refused).toMatchObject({
      status: 413,
      json: { error: "BODY_TOO_LARGE", details: { maximumBytes: 1_048_576 } },
    });
    expect(await post("/v1/conversations/assess", { text: body, speaker: 1 })).toMatchObject({ status: 413 });
  });

  it("are refused so that also who sends everything first sees it", async () => {
    const { open } = await startTestServer();
    const socket = await open();
    const body = Buffer.alloc(6_000_000, "a");
    socket.pause();
    const sent = new Promise((resolve) => {
      socket.write(`${HEAD}Content-Length: ${body.length}\r\n\r\n`);
      // The second piece comes when a server that has hung up would have been noticed.
      socket.write(body.subarray(0, 3_000_000), () =>
        setTimeout(() => socket.write(body.subarray(3_000_000), resolve), 100),
      );
    });
    expect(await sent).toBeFalsy();
    expect(answersIn(await readToEnd(socket))).toEqual([{ status: 413, error: "BODY_TOO_LARGE" }]);
  });

  it("may be as long as the limit", async () => {
    const { ask } = await startTestServer();
    const body = "a ".repeat(524_288);
    expect(await ask("POST", "/v1/assess", { "content-type": "text/plain" }, body)).toMatchObject({ status: 200 });
  });

  it("are read no longer than need be", async () => {
    const { open } = await startTestServer({}, { discardedBytes: 100_000, discardTimeoutMs: 60_000 });
    const socket = await open();
    socket.write(`GET /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Number.MAX_SAFE_INTEGER}\r\n\r\n`);
    const send = setInterval(() => socket.write(Buffer.alloc(50_000)), 5);
    await once(socket, "data");
    await once(socket, "close");
    clearInterval(send);
  });
});

describe("too many connections", () => {
  it("are told so, and there is room again when one ends", async () => {
    const scorer = heldScorer();
    const { open, ask } = await startTestServer({ triage: scorer }, { connections: 2 });
    const busy = [await open(), await open()];
    for (const socket of busy) socket.write(`${HEAD}Content-Length: ${ROUTINE.length}\r\n\r\n${ROUTINE}`);
    await until(() => scorer.held === 2);
    const refused = await ask("GET", "/healthz");
    expect(refused).toMatchObject({ status: 503, json: { error: "SERVER_FULL" } });
    expect(refused.headers).toMatchObject({ "retry-after": "1", connection: "close" });
    scorer.release();
    busy[0].destroy();
    await until(async () => (await ask("GET", "/healthz")).status === 200);
  });

  it("do not keep out others while they only wait", async () => {
    const { open, ask } = await startTestServer({}, { connections: 2 });
    const idle = [await open(), await open()];
    for (const socket of idle) {
      socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await once(socket, "data");
    }
    await ask("GET", "/healthz");
    expect(await ask("GET", "/healthz")).toMatchObject({ status: 200 });
  });
});
