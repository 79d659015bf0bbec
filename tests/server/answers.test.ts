import { request } from "node:http";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CATEGORIES, URGENCIES } from "../../src/labels.js";
import { BUNDLED_DIRECTORY } from "../../src/referral/bundled.js";
import { createServer, type EarshotServer } from "../../src/server/index.js";
import { createTriage, type Triage } from "../../src/triage.js";
import { answerFaults, type SeenAnswer } from "./document-check.js";

const TOKEN = "0123456789abcdef0123456789abcdef";

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

function ask(address: string, target: string, { method = "GET", headers = {}, body }: Asked = {}): Promise<SeenAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${address}${target}`, { method, headers, agent: false }, async (incoming) => {
      incoming.setEncoding("utf8");
      let text = "";
      for await (const chunk of incoming) text += chunk;
      resolve({ status: incoming.statusCode ?? 0, contentType: incoming.headers["content-type"] ?? "", text });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const post = (body: unknown, type = "application/json"): Asked => ({
  method: "POST",
  headers: { "content-type": type },
  body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
});

let triage: Triage;
let server: EarshotServer;
let address: string;

beforeAll(async () => {
  triage = await createTriage();
  server = await createServer({ triage });
  await server.ready();
  address = await server.listen({ host: "127.0.0.1", port: 0 });
});

afterAll(async () => {
  await server.close();
  await triage.close();
});

async function expectDocumented(target: string, status: number, asked: Asked = {}): Promise<SeenAnswer> {
  const answer = await ask(address, target, asked);
  expect(answer.status).toBe(status);
  expect(answerFaults(asked.method ?? "GET", target.split("?")[0], answer)).toEqual([]);
  return answer;
}

describe("answers of the running service are as the document says", () => {
  it.each([
    ["GET", "/healthz"],
    ["GET", "/readyz"],
    ["GET", "/metrics"],
    ["GET", "/openapi.json"],
    ["GET", "/v1/directory"],
    [
      "GET",
      "/v1/directory?country=KE&urgency=immediate&category=suicide&category=bullying&signal=young&language=sw&age=12",
    ],
    [
      "GET",
      "/v1/directory?country=GB&region=Scotland&channel=text&free=true&anonymous=true&limit=20&staleAfterDays=30",
    ],
  ])("%s %s", async (_method, target) => {
    await expectDocumented(target, 200);
  });

  it.each([
    ["a message", "/v1/assess", { text: "I want to die tonight", id: "a", language: "en", country: "KE", age: 14 }],
    [
      "a number as id, fields that are null",
      "/v1/assess",
      { text: "hello", id: 7, language: null, country: null, age: null },
    ],
    ["spans", "/v1/assess?spans=true", { text: "they locked me in and took my phone" }],
    ["an unknown language", "/v1/assess", { text: "zzz qqq xxx" }],
    ["a turn", "/v1/conversations/assess", { text: "hello", speaker: "person", at: 1, country: "GB" }],
    ["a numbered speaker", "/v1/conversations/assess?spans=true", { text: "give me your photos", speaker: 3 }],
    [
      "Perspective",
      "/v1alpha1/comments:analyze",
      {
        comment: { text: "hello" },
        requestedAttributes: { EARSHOT_PRIORITY: {} },
        spanAnnotations: true,
        clientToken: "c",
      },
    ],
    ["Aselo", "/v1/plugs/aselo", { text: "my father hits me" }],
    [
      "Chatwoot",
      "/v1/plugs/chatwoot",
      {
        event: "message_created",
        message_type: "incoming",
        content: "my father hits me",
        account: { id: 1 },
        conversation: { id: 2 },
      },
    ],
    ["another event of Chatwoot", "/v1/plugs/chatwoot", { event: "conversation_created" }],
  ])("POST with %s", async (_kind, target, body) => {
    await expectDocumented(target, 200, post(body));
  });

  it("a message as plain text, also one that is no UTF-8", async () => {
    await expectDocumented("/v1/assess?language=en", 200, post("my father hits me", "text/plain; charset=utf-8"));
    await expectDocumented("/v1/assess", 200, post(Uint8Array.of(0xff, 0x61, 0xc3), "text/plain"));
  });

  it.each(["application/x-ndjson", "application/jsonl"])("lines as %s, bad ones too", async (type) => {
    const lines = [
      '{"text":"hello","id":"1"}',
      "no json",
      '{"text":""}',
      '{"text":"x","age":400}',
      '{"text":"I want to die"}',
    ];
    const { text } = await expectDocumented("/v1/assess", 200, post(lines.join("\n"), type));
    expect(text.trim().split("\n")).toHaveLength(lines.length);
  });

  it("a second turn with the state of the first", async () => {
    const first = await expectDocumented("/v1/conversations/assess", 200, post({ text: "hi", speaker: "person" }));
    const { state } = JSON.parse(first.text);
    const { text } = await expectDocumented(
      "/v1/conversations/assess",
      200,
      post({ text: "hm", speaker: "other", state }),
    );
    expect(JSON.parse(text).assessment.trend.turns).toBe(2);
  });

  it("whatever is asked of the directory", { timeout: 120_000 }, async () => {
    const countries = [...new Set(BUNDLED_DIRECTORY.entries.map(({ country }) => country))].filter(
      (code) => code !== "001",
    );
    for (const country of countries) {
      for (const urgency of URGENCIES.slice(0, 2)) {
        const categories = CATEGORIES.map((category) => `category=${category}`).join("&");
        await expectDocumented(`/v1/directory?country=${country}&urgency=${urgency}&${categories}&limit=100`, 200);
      }
    }
  });

  it("whatever the text is", { timeout: 120_000 }, async () => {
    const message = fc.record(
      {
        text: fc.string({ unit: "binary", minLength: 1, maxLength: 80 }),
        id: fc.string({ maxLength: 20 }),
        age: fc.integer({ min: 0, max: 120 }),
        country: fc.constantFrom("KE", "gb", "ZZ"),
        speaker: fc.oneof(fc.constantFrom("person", "counsellor", "other"), fc.nat(20)),
      },
      { requiredKeys: ["text", "speaker"] },
    );
    await fc.assert(
      fc.asyncProperty(message, fc.boolean(), async (body, isTurn) => {
        const target = isTurn ? "/v1/conversations/assess?spans=true" : "/v1/assess?spans=true";
        const answer = await ask(address, target, post(body));
        expect([200, 400]).toContain(answer.status);
        expect(answerFaults("POST", target.split("?")[0], answer)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe("errors of the running service are as the document says", () => {
  const DAMAGED = Buffer.from("EARC no state of ours").toString("base64");
  it.each<[string, number, Asked]>([
    ["/v1/assess", 400, post({ text: " " })],
    ["/v1/assess", 400, post("{")],
    ["/v1/assess?text=hello", 400, post({ text: "hello" })],
    ["/v1/directory?limit=-1", 400, {}],
    ["/v1/directory?category=none", 400, {}],
    [
      "/v1/assess",
      403,
      { ...post({ text: "a" }), headers: { "content-type": "application/json", origin: "http://a.test" } },
    ],
    ["/healthz", 403, { headers: { host: "a.test" } }],
    ["/nowhere", 404, {}],
    ["/v1/assess", 405, {}],
    ["/healthz", 405, { method: "DELETE" }],
    ["/v1/conversations/assess", 409, post({ text: "a", speaker: "person", state: DAMAGED })],
    ["/v1/assess", 413, post("a".repeat(1_048_577), "text/plain")],
    ["/v1/assess", 415, post("a", "text/html")],
    ["/v1alpha1/comments:analyze", 400, post({ comment: { text: "a" }, requestedAttributes: { TOXICITY: {} } })],
    ["/v1alpha1/comments:analyze", 415, post("a", "text/plain")],
    ["/v1/plugs/aselo", 400, post("[")],
    ["/v1/plugs/chatwoot", 400, post({ event: "message_created", message_type: 1 })],
  ])("%s %d", async (target, status, asked) => {
    await expectDocumented(target, status, asked);
  });

  it("without the token, with the model failed, and at the end", async () => {
    const broken = Promise.reject(new Error("no pack"));
    broken.catch(() => {});
    const other = await createServer({ triage: broken, token: TOKEN, chatwootSecret: "secret" });
    await other.ready().catch(() => {});
    const at = await other.listen({ host: "127.0.0.1", port: 0 });
    const authorization = `Bearer ${TOKEN}`;
    const seen = async (target: string, asked: Asked): Promise<number> => {
      const answer = await ask(at, target, asked);
      expect(answerFaults(asked.method ?? "GET", target, answer)).toEqual([]);
      return answer.status;
    };
    const message = post({ text: "hello" });
    expect(await seen("/v1/assess", message)).toBe(401);
    expect(await seen("/openapi.json", {})).toBe(401);
    expect(await seen("/healthz", {})).toBe(200);
    expect(await seen("/readyz", {})).toBe(503);
    expect(await seen("/v1/assess", { ...message, headers: { ...message.headers, authorization } })).toBe(503);
    expect(await seen("/metrics", { headers: { authorization } })).toBe(503);
    await other.close();
  });

  it("when too many messages wait", async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const doubtful = "I do not know how long I can go on like this";
    const slow = await createServer({
      triage: {
        conversation: triage.conversation,
        assess: async (text, options) => {
          if (options?.secondLook !== false && text !== "hello") await released;
          const result = await triage.assess(text, options);
          // What the pack finds settled is no matter here.
          return options?.secondLook === false
            ? { ...result, urgency: "soon", review: ["SECOND_LOOK_SKIPPED"] }
            : result;
        },
      },
      maximumWaiting: 1,
    });
    await slow.ready();
    const at = await slow.listen({ host: "127.0.0.1", port: 0 });
    const first = ask(at, "/v1/assess", post({ text: doubtful }));
    let refused: SeenAnswer;
    do refused = await ask(at, "/v1/assess", post({ text: doubtful }));
    while (refused.status !== 429);
    expect(answerFaults("POST", "/v1/assess", refused)).toEqual([]);
    release();
    expect((await first).status).toBe(200);
    await slow.close();
  });
});

describe("the check itself", () => {
  const good: SeenAnswer = { status: 200, contentType: "application/json", text: '{"status":"ok"}' };
  it.each<[string, SeenAnswer]>([
    ["a value", { ...good, text: '{"status":"fine"}' }],
    ["a field more", { ...good, text: '{"status":"ok","text":"a"}' }],
    ["a status", { ...good, status: 418 }],
    ["a media type", { ...good, contentType: "text/html" }],
    ["a code at another status", { ...good, status: 400, text: '{"error":"OVERLOADED","message":"","details":{}}' }],
  ])("finds %s that is not in the document", (_kind, answer) => {
    expect(answerFaults("GET", "/healthz", good)).toEqual([]);
    expect(answerFaults("GET", "/healthz", answer)).not.toEqual([]);
  });
});
