import { once } from "node:events";
import { OutgoingMessage, type RequestListener, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Client, type ClientMessage, type ClientOptions, createClient } from "../../src/client/index.js";
import { isEarshotError } from "../../src/errors.js";
import { ASSESSMENT, answer, fakeService } from "./fake-service.js";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

async function clientOf(listener: RequestListener, options: ClientOptions = {}): Promise<Client> {
  const service = await fakeService(listener);
  const client = createClient({ url: service.url, ...options });
  closing.push(service, client);
  return client;
}

/** A service that answers each line as `reply` says, and reads no more than it can answer. */
function lineByLine(
  reply: (message: { text: string; id?: string }, line: number, outgoing: ServerResponse) => unknown,
): RequestListener {
  return (incoming, outgoing) => {
    outgoing.writeHead(200, { "content-type": "application/x-ndjson" });
    outgoing.flushHeaders();
    const answerAll = async (): Promise<void> => {
      let line = 0;
      let rest = "";
      for await (const chunk of incoming.setEncoding("utf8")) {
        const rows = `${rest}${chunk}`.split("\n");
        rest = rows.pop() ?? "";
        for (const row of rows) {
          line += 1;
          const hasRoom = outgoing.write(`${JSON.stringify(await reply(JSON.parse(row), line, outgoing))}\n`);
          if (!hasRoom) await once(outgoing, "drain");
        }
      }
      outgoing.end();
    };
    // Tests end connections in the middle.
    answerAll().catch(() => {});
  };
}

const echo = lineByLine(({ id, text }) => ({ ...ASSESSMENT, id, length: text.length }));

async function collect(results: AsyncIterable<unknown>): Promise<{ results: unknown[]; failure: unknown }> {
  const collected: unknown[] = [];
  try {
    for await (const result of results) collected.push(result);
  } catch (error) {
    return { results: collected, failure: isEarshotError(error) ? error.toJSON() : error };
  }
  return { results: collected, failure: undefined };
}

const messages = (count: number): ClientMessage[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${index}`, text: `message ${index}` }));

describe("assessAll", () => {
  it("gives a result for each message, in order", async () => {
    const client = await clientOf(echo);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "binary", maxLength: 2000 }), { maxLength: 50 }), async (texts) => {
        const { results, failure } = await collect(
          client.assessAll(texts.map((text, index) => ({ id: `${index}`, text }))),
        );
        expect(failure).toBeUndefined();
        expect(results).toEqual(texts.map((text, index) => ({ ...ASSESSMENT, id: `${index}`, length: text.length })));
      }),
      { numRuns: 30 },
    );
  });

  it("puts the code of a line that was refused in its place, a fixed one if it is not known", async () => {
    const client = await clientOf(
      lineByLine((_message, line) => {
        if (line === 2) return { line, error: "TEXT_EMPTY" };
        return line === 3 ? { line, error: "SOMETHING_NEW" } : ASSESSMENT;
      }),
    );
    expect((await collect(client.assessAll(messages(4)))).results).toEqual([
      ASSESSMENT,
      { line: 2, error: "TEXT_EMPTY" },
      { line: 3, error: "ANSWER_INVALID" },
      ASSESSMENT,
    ]);
  });

  it("gives each result before the next message is there", async () => {
    const client = await clientOf(echo);
    const seen: unknown[] = [];
    async function* oneByOne(): AsyncGenerator<ClientMessage> {
      for (const message of messages(3)) {
        yield message;
        while (seen.length <= Number(message.id)) await delay(1);
      }
    }
    for await (const result of client.assessAll(oneByOne())) seen.push(result);
    expect(seen).toHaveLength(3);
  });

  it("sends the options of the call, and all messages over one connection of their own", async () => {
    const urls: (string | undefined)[] = [];
    const client = await clientOf((incoming, outgoing) => {
      urls.push(incoming.url, incoming.headers["content-type"]);
      echo(incoming, outgoing);
    });
    await collect(client.assessAll(messages(10), { spans: true }));
    expect(urls).toEqual(["/v1/assess?spans=true", "application/x-ndjson"]);
  });

  it("takes no more messages than the connection holds while nobody takes results", async () => {
    const client = await clientOf(
      // An answer as long as its message, so that it is the answers that fill the connection.
      lineByLine(({ text }) => ({ ...ASSESSMENT, text })),
    );
    const text = "x".repeat(100_000);
    let taken = 0;
    function* endless(): Generator<ClientMessage> {
      for (; taken < 5000; taken += 1) yield { text };
    }
    const results = client.assessAll(endless());
    await results.next();
    let before = -1;
    while (taken > before) {
      before = taken;
      await delay(300);
    }
    // 5,000 would be 500 MB; the buffers of two sockets and two streams hold some megabytes.
    expect(taken).toBeLessThan(500);
    for (let index = 0; index < 300; index += 1) await results.next();
    expect(taken).toBeGreaterThan(before);
    await results.return();
  });

  it("ends the request when nobody wants more results, and takes no more messages", async () => {
    let ended = false;
    const client = await clientOf((incoming, outgoing) => {
      incoming.on("close", () => {
        ended = true;
      });
      echo(incoming, outgoing);
    });
    let released = 0;
    let taken = 0;
    async function* endless(): AsyncGenerator<ClientMessage> {
      try {
        for (;;) {
          taken += 1;
          yield { text: "a" };
          await delay(1);
        }
      } finally {
        released += 1;
      }
    }
    for await (const _result of client.assessAll(endless())) break;
    while (!ended || released === 0) await delay(5);
    const before = taken;
    await delay(50);
    expect(taken).toBe(before);
  });
});

describe("failures", () => {
  it("of the messages are thrown as they are, after the results of what was sent", async () => {
    const client = await clientOf(echo);
    const mine = new Error("mine");
    async function* failing(): AsyncGenerator<ClientMessage> {
      yield* messages(3);
      throw mine;
    }
    const { results, failure } = await collect(client.assessAll(failing()));
    expect(results).toHaveLength(3);
    expect(failure).toBe(mine);
  });

  it("of one message count as those", async () => {
    const client = await clientOf(echo);
    const { results, failure } = await collect(client.assessAll([{ text: "a" }, { text: 7 as never }]));
    expect(results).toHaveLength(1);
    expect(failure).toEqual({ code: "INPUT_INVALID", details: {} });
  });

  it.each([
    [401, { error: "TOKEN_MISSING", details: {} }, { code: "TOKEN_MISSING", details: {} }],
    [429, { error: "OVERLOADED", details: { waiting: 3 } }, { code: "OVERLOADED", details: { waiting: 3 } }],
    [200, "<html>\n", { code: "ANSWER_INVALID", details: {} }],
    [200, '{"a":1}\n', { code: "ANSWER_INVALID", details: {} }],
    [200, '{"line":2,"error":"TEXT_EMPTY"}\n', { code: "ANSWER_INVALID", details: { line: 1 } }],
  ])("of the whole request (%d %j) are thrown, without asking again", async (status, body, expected) => {
    let requests = 0;
    const client = await clientOf((incoming, outgoing) => {
      requests += 1;
      incoming.resume().on("end", () => answer(outgoing, status, body, { "retry-after": "0" }));
    });
    expect(await collect(client.assessAll(messages(1)))).toEqual({ results: [], failure: expected });
    expect(requests).toBe(1);
  });

  it.each<[string, (outgoing: ServerResponse) => void]>([
    ["breaks off", (outgoing) => outgoing.destroy()],
    ["ends", (outgoing) => outgoing.end()],
  ])("of the connection say how far it came: the answer %s", async (_how, stop) => {
    const client = await clientOf(
      lineByLine(async (_message, line, outgoing) => {
        if (line < 4) return ASSESSMENT;
        await delay(20);
        stop(outgoing);
      }),
    );
    const { results, failure } = await collect(client.assessAll(messages(10)));
    expect(results).toHaveLength(3);
    expect(failure).toMatchObject({ code: "SERVICE_UNREACHABLE", details: { answered: 3 } });
  });

  it("say that a refusal broke off", async () => {
    const client = await clientOf((incoming, outgoing) => {
      outgoing.writeHead(503, { "content-length": "100" });
      outgoing.write("{");
      setTimeout(() => incoming.socket.destroy(), 20);
    });
    expect((await collect(client.assessAll(messages(1)))).failure).toMatchObject({ code: "SERVICE_UNREACHABLE" });
  });

  it("say that nobody is there", async () => {
    const service = await fakeService(() => {});
    await service.close();
    const client = createClient({ url: service.url });
    expect((await collect(client.assessAll(messages(3)))).failure).toMatchObject({ code: "SERVICE_UNREACHABLE" });
  });

  it("say that an answer that is due does not come", async () => {
    const client = await clientOf(
      lineByLine((_message, line) => (line < 3 ? ASSESSMENT : new Promise(() => {}))),
      { timeoutMs: 150 },
    );
    const { results, failure } = await collect(client.assessAll(messages(5)));
    expect(results).toHaveLength(2);
    expect(failure).toEqual({ code: "SERVICE_TIMEOUT", details: { sent: 5, answered: 2 } });
  });

  it("say so before the answer has begun, too", async () => {
    const client = await clientOf(() => {}, { timeoutMs: 150 });
    const { failure } = await collect(client.assessAll(messages(2)));
    expect(failure).toEqual({ code: "SERVICE_TIMEOUT", details: { sent: 2, answered: 0 } });
  });

  it("do not include that the caller takes or gives his time", async () => {
    const client = await clientOf(echo, { timeoutMs: 100 });
    async function* slow(): AsyncGenerator<ClientMessage> {
      for (const message of messages(3)) {
        await delay(250);
        yield message;
      }
    }
    expect((await collect(client.assessAll(slow()))).results).toHaveLength(3);
    let results = 0;
    for await (const _result of client.assessAll(messages(3))) {
      results += 1;
      await delay(250);
    }
    expect(results).toBe(3);
  });

  it("leave nothing of the messages in the client's own memory", async () => {
    const write = vi.spyOn(OutgoingMessage.prototype, "write");
    const long = Array.from({ length: 50 }, () => ({ text: "nobody may keep this ".repeat(5000) }));
    const broken = await clientOf((_incoming, outgoing) => setTimeout(() => outgoing.destroy(), 50));
    await collect(broken.assessAll(long));
    const gone = await fakeService(() => {});
    await gone.close();
    await collect(createClient({ url: gone.url }).assessAll(long));
    const whole = await clientOf(echo);
    await collect(whole.assessAll(long));
    const lines = write.mock.calls
      .map(([line]) => line)
      .filter((line) => line instanceof Uint8Array && line.length > 100_000);
    expect(lines.length).toBeGreaterThan(50);
    for (const line of lines) expect(line.every((byte: number) => byte === 0)).toBe(true);
  });
});
