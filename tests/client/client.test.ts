import { OutgoingMessage, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import * as exported from "../../src/client/index.js";
import { type Client, type ClientOptions, createClient } from "../../src/client/index.js";
import { ERROR_MESSAGES, isEarshotError } from "../../src/errors.js";
import { ASSESSMENT, answer, bodyOf, type FakeService, fakeService } from "./fake-service.js";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

async function pair(
  listener: RequestListener,
  options: ClientOptions = {},
): Promise<{ client: Client; service: FakeService }> {
  const service = await fakeService(listener);
  const client = createClient({ url: service.url, ...options });
  closing.push(service, client);
  return { client, service };
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    if (!isEarshotError(error)) throw error;
    return error.toJSON();
  }
  return "none";
}

it("exports these values and no others", () => {
  expect(Object.keys(exported).sort()).toEqual(["EarshotError", "createClient", "isEarshotError"]);
});

describe("what is sent", () => {
  it("is the message with what is known of it, and nothing else of the caller's object", async () => {
    const seen: unknown[] = [];
    const { client } = await pair(
      async (incoming, outgoing) => {
        const { method, url, headers } = incoming;
        const { authorization, accept } = headers;
        seen.push(
          { method, url, type: headers["content-type"], authorization, accept },
          JSON.parse(await bodyOf(incoming)),
        );
        answer(outgoing, 200, ASSESSMENT);
      },
      { token: "a-token" },
    );
    const options = { id: "1", language: "sw", country: "KE", age: 14, spans: true, name: "nobody may know" };
    expect(await client.assess("hello", options)).toEqual(ASSESSMENT);
    expect(seen).toEqual([
      {
        method: "POST",
        url: "/v1/assess?spans=true",
        type: "application/json; charset=utf-8",
        authorization: "Bearer a-token",
        accept: "application/json",
      },
      { id: "1", language: "sw", country: "KE", age: 14, text: "hello" },
    ]);
  });

  it("goes to a unix socket too, and below a path", async () => {
    const socketPath = join(tmpdir(), `earshot-client-${process.pid}.sock`);
    const paths: (string | undefined)[] = [];
    const listener: RequestListener = (incoming, outgoing) => {
      paths.push(`${incoming.headers.host} ${incoming.url}`);
      answer(outgoing, 200, { status: "ok" });
    };
    const service = await fakeService(listener, socketPath);
    const bySocket = createClient({ socketPath });
    closing.push(service, bySocket);
    await bySocket.health();
    const { service: other } = await pair(listener);
    const below = createClient({ url: `${other.url}/triage/` });
    closing.push(below);
    await below.health();
    expect(paths).toEqual(["localhost /healthz", `${new URL(other.url).host} /triage/healthz`]);
  });

  it("is a question to the directory with its lists repeated", async () => {
    const urls: (string | undefined)[] = [];
    const { client } = await pair((incoming, outgoing) => {
      urls.push(incoming.url);
      answer(outgoing, 200, { referrals: [] });
    });
    await client.directory();
    await client.directory({
      country: "BR",
      region: "São Paulo",
      categories: ["suicide", "bullying"],
      signals: ["young"],
      languages: ["pt", "en"],
      channels: ["chat"],
      age: 12,
      free: true,
      anonymous: false,
      limit: 0,
      staleAfterDays: 30,
    });
    expect(urls).toEqual([
      "/v1/directory",
      "/v1/directory?country=BR&region=S%C3%A3o+Paulo&age=12&free=true&anonymous=false&limit=0&staleAfterDays=30" +
        "&category=suicide&category=bullying&signal=young&language=pt&language=en&channel=chat",
    ]);
  });

  it("is wiped in the client's own memory, whatever comes of it", async () => {
    const end = vi.spyOn(OutgoingMessage.prototype, "end");
    let status = 200;
    const { client } = await pair(async (incoming, outgoing) => {
      await bodyOf(incoming);
      if (status === 0) incoming.socket.destroy();
      else answer(outgoing, status, status === 200 ? ASSESSMENT : { error: "TEXT_EMPTY" });
    });
    for (status of [200, 400, 0]) await client.assess("nobody may keep this").catch(() => {});
    const bodies = end.mock.calls.map(([body]) => body).filter((body) => body instanceof Uint8Array);
    expect(bodies.length).toBeGreaterThanOrEqual(3);
    for (const body of bodies) {
      expect(body.length).toBe('{"text":"nobody may keep this"}\n'.length);
      expect(body.every((byte) => byte === 0)).toBe(true);
    }
  });

  it("goes over a connection that is kept", async () => {
    const { client, service } = await pair((_incoming, outgoing) => answer(outgoing, 200, { status: "ok" }));
    for (let call = 0; call < 5; call += 1) await client.health();
    expect(service.connections()).toBe(1);
  });
});

describe("errors", () => {
  it.each([
    ["a code", 400, { error: "TEXT_EMPTY", message: "x", details: {} }, { code: "TEXT_EMPTY", details: {} }],
    [
      "details, of which only numbers are taken",
      413,
      { error: "BODY_TOO_LARGE", details: { limit: 5, cut: true, text: "a secret" } },
      { code: "BODY_TOO_LARGE", details: { limit: 5, cut: true } },
    ],
    ["an unknown code", 400, { error: "SOMETHING_NEW" }, { code: "ANSWER_INVALID", details: { status: 400 } }],
    [
      "a name that every object has",
      400,
      { error: "constructor" },
      { code: "ANSWER_INVALID", details: { status: 400 } },
    ],
    ["no JSON", 502, "<html>Bad Gateway", { code: "ANSWER_INVALID", details: { status: 502 } }],
    ["JSON that is no object", 500, "null", { code: "ANSWER_INVALID", details: { status: 500 } }],
    ["another service's answer", 200, { ok: true }, { code: "ANSWER_INVALID", details: {} }],
    ["another version's answer", 200, { schemaVersion: 2, urgency: "soon" }, { code: "ANSWER_INVALID", details: {} }],
    ["a web page", 200, "<html>", { code: "ANSWER_INVALID", details: {} }],
    ["a redirection", 302, "", { code: "ANSWER_INVALID", details: { status: 302 } }],
  ])("are made of %s", async (_kind, status, body, expected) => {
    const { client } = await pair((_incoming, outgoing) => answer(outgoing, status, body, { location: "/elsewhere" }));
    expect(await failureOf(client.assess("hello"))).toEqual(expected);
  });

  it("have the fixed sentence, not the one that was sent", async () => {
    const { client } = await pair((_incoming, outgoing) =>
      answer(outgoing, 400, { error: "TEXT_EMPTY", message: "a secret" }),
    );
    await expect(client.assess("a")).rejects.toThrow(ERROR_MESSAGES.TEXT_EMPTY);
  });

  it("say that nobody is there", async () => {
    const { client, service } = await pair(() => {});
    await service.close();
    expect(await failureOf(client.assess("hello"))).toEqual({ code: "SERVICE_UNREACHABLE", details: {} });
    closing.shift();
  });

  it.each<[string, RequestListener]>([
    ["before the answer", (incoming) => incoming.destroy()],
    [
      "within the answer",
      (_incoming, outgoing) => {
        outgoing.writeHead(200, { "content-length": "100" });
        outgoing.write('{"schemaVersion":1,');
        setTimeout(() => outgoing.destroy(), 20);
      },
    ],
  ])("say that the connection ended %s, and the message is not sent again", async (_when, listener) => {
    let requests = 0;
    const { client } = await pair((incoming, outgoing) => {
      requests += 1;
      listener(incoming, outgoing);
    });
    expect(await failureOf(client.assess("hello"))).toEqual({ code: "SERVICE_UNREACHABLE", details: {} });
    expect(requests).toBe(1);
  });

  it.each<[string, RequestListener]>([
    ["no answer", () => {}],
    [
      "half an answer",
      (_incoming, outgoing) => {
        outgoing.writeHead(200);
        outgoing.write("{");
      },
    ],
  ])("say that there is %s in time, once", async (_kind, listener) => {
    let requests = 0;
    const { client } = await pair(
      (incoming, outgoing) => {
        requests += 1;
        listener(incoming, outgoing);
      },
      { timeoutMs: 100 },
    );
    expect(await failureOf(client.assess("hello"))).toEqual({ code: "SERVICE_TIMEOUT", details: {} });
    expect(requests).toBe(1);
  });

  it.each<[string, ClientOptions]>([
    ["neither address", {}],
    ["both addresses", { url: "http://localhost", socketPath: "/tmp/a" }],
    ["no URL", { url: "127.0.0.1:8421" }],
    ["another protocol", { url: "ftp://localhost" }],
    ["a password in it", { url: "http://a:b@localhost" }],
    ["a query in it", { url: "http://localhost/?a" }],
    ["a token with a line break", { url: "http://localhost", token: "a\nb" }],
    ["no time", { url: "http://localhost", timeoutMs: 0 }],
    ["more time than a timer has", { url: "http://localhost", timeoutMs: 1e12 }],
  ])("refuse %s", (_kind, options) => {
    expect(() => createClient(options)).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });

  it("refuse what is asked after the end, and end what is on its way", async () => {
    const { client } = await pair(() => {});
    const running = failureOf(client.assess("hello"));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await client.close();
    expect(await running).toEqual({ code: "SERVICE_UNREACHABLE", details: {} });
    expect(await failureOf(client.health())).toEqual({ code: "CLOSED", details: {} });
  });
});

describe("asking again", () => {
  const BUSY = { error: "OVERLOADED", message: "", details: { waiting: 9 } };

  it.each([429, 503])("happens after %d with Retry-After, with the same message", async (status) => {
    const bodies: string[] = [];
    const { client } = await pair(async (incoming, outgoing) => {
      bodies.push(await bodyOf(incoming));
      if (bodies.length < 3) answer(outgoing, status, BUSY, { "retry-after": "0" });
      else answer(outgoing, 200, ASSESSMENT);
    });
    expect(await client.assess("hello")).toEqual(ASSESSMENT);
    expect(bodies).toEqual(new Array(3).fill('{"text":"hello"}\n'));
  });

  it("waits as long as the service says", async () => {
    const times: number[] = [];
    const { client } = await pair((_incoming, outgoing) => {
      times.push(performance.now());
      if (times.length < 2) answer(outgoing, 429, BUSY, { "retry-after": "1" });
      else answer(outgoing, 200, ASSESSMENT);
    });
    await client.assess("hello");
    expect(times[1] - times[0]).toBeGreaterThan(990);
  });

  it.each<[string, number, Record<string, string>, number]>([
    ["more than four times", 429, { "retry-after": "0" }, 4],
    ["without Retry-After", 429, {}, 1],
    ["at a date", 503, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }, 1],
    ["after a time-out", 503, { "retry-after": "60" }, 1],
    ["for an error that stays", 500, { "retry-after": "0" }, 1],
    ["for a mistake of its own", 400, { "retry-after": "0" }, 1],
  ])("does not happen %s", async (_kind, status, headers, expected) => {
    let requests = 0;
    const { client } = await pair((_incoming, outgoing) => {
      requests += 1;
      answer(outgoing, status, BUSY, headers);
    });
    const began = performance.now();
    expect(await failureOf(client.assess("hello"))).toEqual({ code: "OVERLOADED", details: { waiting: 9 } });
    expect(requests).toBe(expected);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it("happens once when a connection that was kept is closed at the moment of sending, and on a new one", async () => {
    const used = new WeakSet<object>();
    let held: (() => void)[] = [];
    const { client, service } = await pair((incoming, outgoing) => {
      // As a service that had closed all its connections before the next request arrived.
      if (used.has(incoming.socket)) incoming.socket.destroy();
      used.add(incoming.socket);
      held.push(() => answer(outgoing, 200, ASSESSMENT));
      if (service.connections() === 1 && held.length === 1) return;
      for (const release of held) release();
      held = [];
    });
    // Two at once, so that two connections are kept.
    await Promise.all([client.assess("one"), client.assess("two")]);
    expect(service.connections()).toBe(2);
    expect(await client.assess("three")).toEqual(ASSESSMENT);
    expect(service.connections()).toBe(3);
  });

  it("happens no second time then", async () => {
    let requests = 0;
    const { client } = await pair((incoming, outgoing) => {
      requests += 1;
      if (requests > 1) incoming.socket.destroy();
      else answer(outgoing, 200, ASSESSMENT);
    });
    await client.assess("one");
    expect(await failureOf(client.assess("two"))).toEqual({ code: "SERVICE_UNREACHABLE", details: {} });
    expect(requests).toBe(3);
  });
});

describe("ready", () => {
  it.each([
    [200, "ready"],
    [503, "starting"],
    [503, "draining"],
    [503, "failed"],
  ])("%d %s is an answer", async (code, status) => {
    const { client } = await pair((_incoming, outgoing) => answer(outgoing, code, { status }, { "retry-after": "0" }));
    expect(await client.ready()).toEqual({ status });
  });

  it.each([
    [503, { error: "SERVER_FULL", details: {} }, "SERVER_FULL"],
    [200, { status: "perhaps" }, "ANSWER_INVALID"],
    [502, "<html>", "ANSWER_INVALID"],
  ])("%d %j is an error", async (status, body, code) => {
    const { client } = await pair((_incoming, outgoing) => answer(outgoing, status, body));
    expect(await failureOf(client.ready())).toMatchObject({ code });
  });
});
