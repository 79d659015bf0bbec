import { once } from "node:events";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { Scorer } from "../../src/server/index.js";
import { heldScorer, IMMEDIATE, ROUTINE, startTestServer, type TestServer, triage, until } from "./support.js";

function openStream({ port }: TestServer): ClientRequest {
  const request = httpRequest({
    port,
    host: "127.0.0.1",
    method: "POST",
    path: "/v1/assess",
    headers: { "content-type": "application/x-ndjson" },
    agent: false,
  });
  request.on("error", () => {});
  return request;
}

async function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = await once(request, "response");
  return response;
}

const lineOf = (id: number | string, message = ROUTINE): string =>
  `${JSON.stringify({ id: String(id), text: message })}\n`;
const jsonLines = (body: string): { id?: string; line?: number; error?: string }[] =>
  body
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("a stream of lines", () => {
  it("is answered line by line while it is open", async () => {
    const request = openStream(await startTestServer());
    request.flushHeaders();
    const response = await responseOf(request);
    expect(response.statusCode).toBe(200);
    const lines = createInterface({ input: response })[Symbol.asyncIterator]();
    for (const id of ["a", "b", "c"]) {
      request.write(lineOf(id));
      expect(JSON.parse((await lines.next()).value)).toMatchObject({ id });
    }
    // Without a line feed it is no line until the end.
    request.write(lineOf("d").trimEnd());
    request.end();
    expect(JSON.parse((await lines.next()).value)).toMatchObject({ id: "d" });
    expect(await lines.next()).toMatchObject({ done: true });
  });

  it("may be empty", async () => {
    const request = openStream(await startTestServer());
    request.end();
    expect(await text(await responseOf(request))).toBe("");
  });

  it("keeps the order although later lines are settled before", async () => {
    const scorer = heldScorer();
    const request = openStream(await startTestServer({ triage: scorer }));
    request.end(lineOf(0) + lineOf(1, IMMEDIATE) + lineOf(2) + lineOf(3, IMMEDIATE));
    const whole = responseOf(request).then(text);
    await until(() => scorer.held === 2);
    scorer.release();
    expect(jsonLines(await whole).map(({ id }) => id)).toEqual(["0", "1", "2", "3"]);
  });

  it("refuses a line that is too long in its place, and holds no more than its beginning", async () => {
    const server = await startTestServer({}, { messageBytes: 1_000 });
    const request = openStream(server);
    const whole = responseOf(request).then(text);
    request.write(lineOf(1));
    for (let count = 0; count < 50; count += 1) request.write("x".repeat(10_000));
    request.end(`\n${lineOf(3)}`);
    expect(jsonLines(await whole)).toMatchObject([{ id: "1" }, { line: 2, error: "BODY_TOO_LARGE" }, { id: "3" }]);
  });

  it("waits where a single message would be refused, and leaves half of the room to those", async () => {
    const scorer = heldScorer();
    const server = await startTestServer({ triage: scorer, maximumWaiting: 4 });
    const request = openStream(server);
    request.end(Array.from({ length: 7 }, (_, id) => lineOf(id)).join(""));
    const whole = responseOf(request).then(text);
    await until(() => scorer.held === 2);
    const singles = [server.post("/v1/assess", { text: ROUTINE }), server.post("/v1/assess", { text: ROUTINE })];
    await until(() => scorer.held === 4);
    const release = setInterval(scorer.release, 5);
    for (const single of await Promise.all(singles)) expect(single.status).toBe(200);
    expect(jsonLines(await whole).map(({ id }) => id)).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
    clearInterval(release);
  });

  it("goes no faster than its answers are fetched", async () => {
    let scored = 0;
    const counting: Scorer = {
      ...triage,
      async assess(message, options) {
        scored += 1;
        return triage.assess(message, options);
      },
    };
    const server = await startTestServer({ triage: counting });
    const count = 40_000;
    const request = openStream(server);
    let sent = 0;
    const send = (): void => {
      while (sent < count) {
        sent += 1;
        if (!request.write(lineOf(sent, ROUTINE.repeat(10)))) {
          request.once("drain", send);
          return;
        }
      }
      request.end();
    };
    send();
    const response = await responseOf(request);
    // Nobody reads the answers: the server stops, and then so does the sender.
    let before = -1;
    await until(async () => {
      const isStill = scored === before && scored > 0;
      before = scored;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return isStill;
    }, 20_000);
    expect(scored).toBeLessThan(count / 2);
    expect(sent).toBeLessThan(count);
    response.destroy();
  });

  it("ends a stream that stands still", async () => {
    const server = await startTestServer({}, { idleTimeoutMs: 100 });
    const request = openStream(server);
    request.write(lineOf(1));
    const response = await responseOf(request);
    await expect(text(response)).rejects.toThrow();
    expect(await server.ask("GET", "/healthz")).toMatchObject({ status: 200 });
  });

  it("forgets a stream that breaks off, and what it held", async () => {
    const scorer = heldScorer();
    const server = await startTestServer({ triage: scorer, maximumWaiting: 2 });
    const request = openStream(server);
    request.write(lineOf(1) + lineOf(2));
    await until(() => scorer.held === 1);
    request.destroy();
    scorer.release();
    await until(async () => (await server.ask("GET", "/metrics")).text.includes("REQUEST_ABORTED"));
    const release = setInterval(scorer.release, 5);
    for (let count = 0; count < 3; count += 1)
      expect(await server.post("/v1/assess", { text: ROUTINE })).toMatchObject({ status: 200 });
    clearInterval(release);
  });

  it("is cut off when there is no memory for it, which is free again afterwards", async () => {
    const server = await startTestServer({}, { heldBytes: 200_000 });
    const request = openStream(server);
    request.write(`${lineOf(1)}{"text":"${"a".repeat(300_000)}`);
    const response = await responseOf(request);
    await expect(text(response)).rejects.toThrow();
    const next = openStream(server);
    next.end(lineOf(2));
    expect(jsonLines(await text(await responseOf(next)))).toMatchObject([{ id: "2" }]);
    expect((await server.ask("GET", "/metrics")).text).toContain('code="SERVER_FULL"');
  });

  it("counts refused lines", async () => {
    const server = await startTestServer();
    const request = openStream(server);
    request.end("x\ny\n");
    await text(await responseOf(request));
    expect((await server.ask("GET", "/metrics")).text).toMatch(/earshot_rejected_total\{code="LINE_NOT_JSON",.*\} 2/);
  });
});
