import { describe, expect, it } from "vitest";
import { BUNDLED_DIRECTORY } from "../../src/referral/bundled.js";
import { resolveReferrals } from "../../src/referral/resolve.js";
import { createServer } from "../../src/server/index.js";
import type { Triage } from "../../src/triage.js";
import { IMMEDIATE, ROUTINE, startTestServer, triage } from "./support.js";

const { ask, post } = await startTestServer({ stateKey: new Uint8Array(32).fill(7) });
const TEXT = { "content-type": "text/plain; charset=utf-8" };
const LINES = { "content-type": "application/x-ndjson" };
const JSON_TYPE = { "content-type": "application/json" };

describe("POST /v1/assess", () => {
  it("answers a message in JSON as the library does", async () => {
    const body = { id: "7", text: IMMEDIATE, country: "gb", age: 14, language: "en" };
    const { status, headers, json } = await post("/v1/assess", body);
    const expected = await triage.assess(IMMEDIATE, { id: "7", country: "GB", age: 14, language: "en" });
    expect(status).toBe(200);
    expect(json).toEqual(JSON.parse(JSON.stringify(expected)));
    expect(json.urgency).toBe("immediate");
    expect(headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store" });
  });

  it("answers a plain text as the library does", async () => {
    const { json } = await ask("POST", "/v1/assess?language=en&country=us&age=30&spans=true", TEXT, IMMEDIATE);
    const expected = await triage.assess(IMMEDIATE, { language: "en", country: "US", age: 30, spans: true });
    expect(json).toEqual(JSON.parse(JSON.stringify(expected)));
    expect(json.spans.length).toBeGreaterThan(0);
  });

  it("lets a message say otherwise than the query", async () => {
    const body = JSON.stringify({ text: ROUTINE, language: "sw" });
    const { json } = await ask("POST", "/v1/assess?language=en", JSON_TYPE, body);
    expect(json.language.tag).toBe("sw");
  });

  it("answers lines in their order, bad ones in their place", async () => {
    const lines = [`{"text":"${ROUTINE}","id":"a"}`, "no JSON", '{"text":" "}', `{"text":"${IMMEDIATE}","id":"b"}`];
    const { status, headers, text } = await ask("POST", "/v1/assess", LINES, `${lines.join("\r\n")}`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-type": "application/x-ndjson", "cache-control": "no-store" });
    const answers = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers).toMatchObject([
      { id: "a", urgency: "routine" },
      { line: 2, error: "LINE_NOT_JSON" },
      { line: 3, error: "TEXT_EMPTY" },
      { id: "b", urgency: "immediate" },
    ]);
    expect(Object.keys(answers[1])).toEqual(["line", "error"]);
  });

  it.each([
    ["application/json", 0],
    ["application/JSON; charset=UTF-8", 0],
    ["application/jsonl", 0],
    ['text/plain;charset="us-ascii"', 0],
    ["text/plain", 0],
    ["text/plain; charset=latin1", 415],
    ["text/html", 415],
    ["application/x-www-form-urlencoded", 415],
    ["", 415],
  ])("type %j: %i", async (type, refused) => {
    const { status, json } = await ask("POST", "/v1/assess", { "content-type": type }, `{"text":"${ROUTINE}"}`);
    expect(status).toBe(refused || 200);
    if (refused) expect(json.error).toBe("MEDIA_TYPE_UNSUPPORTED");
  });

  it("refuses what is compressed", async () => {
    const headers = { ...JSON_TYPE, "content-encoding": "gzip" };
    expect(await ask("POST", "/v1/assess", headers, "x")).toMatchObject({ status: 415 });
  });

  it.each([
    ["", "LINE_NOT_JSON"],
    ["{}", "TEXT_MISSING"],
    ['{"text":1}', "TEXT_NOT_STRING"],
    ['{"text":"  "}', "TEXT_EMPTY"],
    ['{"text":"a","text":"b"}', "FIELD_DUPLICATE"],
    ['{"text":"a","age":121}', "FIELD_INVALID"],
    ['{"text":"a","country":"ZZZ"}', "FIELD_INVALID"],
  ])("body %j: %s", async (body, code) => {
    const { status, json } = await ask("POST", "/v1/assess", JSON_TYPE, body);
    expect(status).toBe(400);
    expect(json).toEqual({ error: code, message: expect.stringMatching(/^[A-Z].*\.$/), details: {} });
  });
});

describe("POST /v1/conversations/assess", () => {
  it("goes on with the state that it gave, as the library does", async () => {
    const first = await post("/v1/conversations/assess", { text: ROUTINE, speaker: "person", at: 1000, id: "x" });
    expect(first.status).toBe(200);
    expect(first.json.assessment).toMatchObject({ id: "x", urgency: "routine", trend: { turns: 1 } });
    const second = await post("/v1/conversations/assess", {
      text: IMMEDIATE,
      speaker: 3,
      at: 2000,
      state: first.json.state,
    });
    expect(second.json.assessment.trend).toMatchObject({ turns: 2 });
    const conversation = triage.conversation();
    await conversation.assess(ROUTINE, { by: "person", at: 1000 });
    const expected = await conversation.assess(IMMEDIATE, { by: 3, at: 2000 });
    expect(second.json.assessment).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  it.each([
    [{ text: ROUTINE }, 400, "FIELD_INVALID"],
    [{ text: ROUTINE, speaker: "mother" }, 400, "FIELD_INVALID"],
    [{ text: ROUTINE, speaker: -1 }, 400, "FIELD_INVALID"],
    [{ text: ROUTINE, speaker: 1, at: "2026-01-01T00:00:00Z" }, 400, "FIELD_INVALID"],
    [{ text: ROUTINE, speaker: 1, at: -5 }, 400, "INPUT_INVALID"],
    [{ text: ROUTINE, speaker: 1, state: 5 }, 400, "FIELD_INVALID"],
    [{ text: ROUTINE, speaker: 1, state: "x".repeat(20_000) }, 400, "FIELD_INVALID"],
    [{ text: ROUTINE, speaker: 1, state: "AAAA" }, 409, "CONVERSATION_INVALID"],
    [{ text: ROUTINE, speaker: 1, state: "%%%%" }, 409, "CONVERSATION_INVALID"],
  ])("%j: %i %s", async (body, status, error) => {
    expect(await post("/v1/conversations/assess", body)).toMatchObject({ status, json: { error } });
  });

  it("does not take the state of a server with another key", async () => {
    const other = await startTestServer({ stateKey: new Uint8Array(32).fill(8) });
    const { json } = await other.post("/v1/conversations/assess", { text: ROUTINE, speaker: "person" });
    const body = { text: ROUTINE, speaker: "person", state: json.state };
    expect(await post("/v1/conversations/assess", body)).toMatchObject({
      status: 409,
      json: { error: "CONVERSATION_INVALID" },
    });
  });
});

describe("GET /v1/directory", () => {
  it("answers as the library does", async () => {
    const query =
      "country=gb&urgency=immediate&category=suicide&category=bullying&age=12&language=en&limit=5&free=true";
    const { status, json } = await ask("GET", `/v1/directory?${query}`);
    const expected = resolveReferrals(
      {
        country: "GB",
        urgency: "immediate",
        categories: ["suicide", "bullying"],
        signals: [],
        age: 12,
        languages: ["en"],
        limit: 5,
        free: true,
      },
      BUNDLED_DIRECTORY,
      new Date(),
    );
    expect(status).toBe(200);
    expect(json).toEqual(JSON.parse(JSON.stringify(expected)));
    expect(json.referrals.length).toBe(5);
  });

  it("needs no question", async () => {
    expect((await ask("GET", "/v1/directory")).json).toMatchObject({ notice: "COUNTRY_UNKNOWN" });
  });
});

describe("the rest of the table", () => {
  it.each([
    ["/healthz", { status: "ok" }],
    ["/readyz", { status: "ready" }],
  ])("GET %s", async (path, expected) => {
    expect(await ask("GET", path)).toMatchObject({ status: 200, json: expected });
    expect(await ask("HEAD", path)).toMatchObject({ status: 200, text: "" });
  });

  it("GET /metrics", async () => {
    await post("/v1/assess", {});
    const { status, text, headers } = await ask("GET", "/metrics");
    expect(status).toBe(200);
    expect(headers["content-type"]).toContain("text/plain");
    expect(text).toMatch(/earshot_rejected_total\{[^}]*code="TEXT_MISSING"[^}]*\} [1-9]/);
    expect(text).toMatch(/earshot_build_info\{.*pack="base@/);
    expect(text).toMatch(/http_server_active_requests 1$/m);
  });

  it("GET /openapi.json", async () => {
    expect((await ask("GET", "/openapi.json")).json.openapi).toBe("3.1.0");
  });

  it("a plug", async () => {
    const body = { comment: { text: IMMEDIATE }, requestedAttributes: {} };
    const { status } = await post("/v1alpha1/comments:analyze", body);
    expect([200, 400]).toContain(status);
    const plain = await ask("POST", "/v1alpha1/comments:analyze", TEXT, "x");
    expect(plain).toMatchObject({ status: 415 });
  });

  it.each([
    ["GET", "/v1/assess", 405, "METHOD_NOT_ALLOWED", "POST"],
    ["DELETE", "/v1/directory", 405, "METHOD_NOT_ALLOWED", "GET, HEAD"],
    ["GET", "/", 404, "ROUTE_UNKNOWN", undefined],
    ["POST", "/v1/assess/", 404, "ROUTE_UNKNOWN", undefined],
    ["GET", "/__proto__", 404, "ROUTE_UNKNOWN", undefined],
    ["GET", "/v1/%zz", 404, "ROUTE_UNKNOWN", undefined],
    ["GET", "/v1\\assess", 400, "REQUEST_INVALID", undefined],
    ["GET", "/v1/directory?__proto__=1", 400, "REQUEST_INVALID", undefined],
    ["OPTIONS", "*", 400, "REQUEST_INVALID", undefined],
  ])("%s %s: %i %s", async (method, path, status, error, allow) => {
    const answer = await ask(method, path);
    expect(answer).toMatchObject({ status, json: { error } });
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.headers.allow).toBe(allow);
  });
});

describe("the memory of a message", () => {
  it.each([
    ["JSON", "/v1/assess", JSON_TYPE, `{"text":"${IMMEDIATE}"}`],
    ["plain text", "/v1/assess", TEXT, IMMEDIATE],
    ["lines", "/v1/assess", LINES, `{"text":"${IMMEDIATE}"}\n{"text":"${ROUTINE}"}`],
    ["a turn", "/v1/conversations/assess", JSON_TYPE, `{"text":"${IMMEDIATE}","speaker":1}`],
    ["a plug", "/v1/plugs/aselo", JSON_TYPE, `{"text":"${IMMEDIATE}"}`],
    ["a message that fails", "/v1/assess", JSON_TYPE, `{"text":"${ROUTINE} fail"}`],
  ])("is wiped before or with the answer: %s", async (_, path, headers, body) => {
    const given: Uint8Array[] = [];
    const assess: Triage["assess"] = async (text, options) => {
      if (typeof text === "string") return triage.assess(text, options);
      given.push(text);
      expect(text.some((byte) => byte !== 0)).toBe(true);
      if (body.includes("fail")) throw new Error();
      return triage.assess(text, options);
    };
    const conversation: Triage["conversation"] = (options) => {
      const known = triage.conversation(options);
      return {
        ...known,
        assess(text, turn) {
          given.push(text as Uint8Array);
          return known.assess(text, turn);
        },
      };
    };
    const { ask } = await startTestServer({ triage: { assess, conversation } });
    const { status } = await ask("POST", path, headers, body);
    expect(status).toBe(body.includes("fail") ? 500 : 200);
    expect(given.length).toBeGreaterThan(0);
    for (const text of given) {
      // Larger than what V8 keeps among its objects and moves about.
      expect(text.buffer.byteLength).toBeGreaterThan(64);
      expect(new Uint8Array(text.buffer).every((byte) => byte === 0)).toBe(true);
    }
  });
});

describe("createServer", () => {
  it("is starting until the triage is there, and takes no messages before", async () => {
    let come: (value: typeof triage) => void = () => {};
    const coming = new Promise<typeof triage>((resolve) => {
      come = resolve;
    });
    const server = await createServer({ triage: coming });
    const { port } = new URL(await server.listen({ port: 0 }));
    const get = async (path: string): Promise<[number, unknown]> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.json()];
    };
    expect(await get("/readyz")).toEqual([503, { status: "starting" }]);
    expect(await get("/healthz")).toEqual([200, { status: "ok" }]);
    const early = await fetch(`http://127.0.0.1:${port}/v1/assess`, { method: "POST", body: "hi", headers: TEXT });
    expect([early.status, early.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await early.json()).toMatchObject({ error: "NOT_READY" });
    come(triage);
    await server.ready();
    expect(await get("/readyz")).toEqual([200, { status: "ready" }]);
    await server.close(0);
  });

  it("has failed when the triage has", async () => {
    const { ask, server } = await startTestServer({ triage: Promise.reject(new Error("secret")) });
    await expect(server.ready()).rejects.toThrow();
    const { status, json } = await ask("GET", "/readyz");
    expect([status, json]).toEqual([503, { status: "failed" }]);
  });

  it("answers what should not happen by a code and nothing else", async () => {
    const broken = {
      ...triage,
      assess: async (text: unknown) => {
        if (text === "hello") return triage.assess("hello");
        throw new Error("secret");
      },
    };
    const { post } = await startTestServer({ triage: broken });
    const { status, json, text } = await post("/v1/assess", { text: ROUTINE });
    expect([status, json.error]).toEqual([500, "INTERNAL"]);
    expect(text).not.toContain("secret");
  });

  it.each([
    [{ token: "short" }, "TOKEN_INVALID"],
    [{ token: `${"a".repeat(40)} b` }, "TOKEN_INVALID"],
    [{ stateKey: new Uint8Array(31) }, "KEY_INVALID"],
    [{ maximumWaiting: 0 }, "INPUT_INVALID"],
  ])("refuses %j: %s", async (options, code) => {
    await expect(createServer({ triage, ...options })).rejects.toMatchObject({ code });
  });
});
