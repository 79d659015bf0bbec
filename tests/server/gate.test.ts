import { describe, expect, it } from "vitest";
import { createGate } from "../../src/server/gate.js";
import { startTestServer } from "./support.js";

const TOKEN = "t0ken-of-at-least-32-characters!!";

describe("createGate", () => {
  const open = createGate(undefined);
  const closed = createGate(TOKEN);

  it.each<[string, string | undefined]>([
    ["localhost", undefined],
    ["LOCALHOST:8421", undefined],
    ["127.0.0.1", undefined],
    ["127.0.0.1:80", undefined],
    ["[::1]:8421", undefined],
    ["localhost.example", "REQUEST_FORBIDDEN"],
    ["127.0.0.1.example", "REQUEST_FORBIDDEN"],
    ["example:8421", "REQUEST_FORBIDDEN"],
    ["localhost:8421:1", "REQUEST_FORBIDDEN"],
    ["localhost@example", "REQUEST_FORBIDDEN"],
    ["127.0.0.2", "REQUEST_FORBIDDEN"],
    ["", "REQUEST_FORBIDDEN"],
  ])("host %j over loopback: %s", (host, expected) => {
    expect(open.refuse("/healthz", { host }, true)).toBe(expected);
    expect(open.refuse("/healthz", { host }, false)).toBeUndefined();
  });

  it.each(["https://example.org", "null", "http://localhost:8421", ""])("refuses origin %j anywhere", (origin) => {
    for (const isLoopback of [true, false])
      expect(open.refuse("/healthz", { host: "localhost", origin }, isLoopback)).toBe("REQUEST_FORBIDDEN");
  });

  it.each(["", "*", "http://localhost/healthz", "/a b", "/a\\b", "/a#b", "/é", "/\u0000", '/a"', "/<"])(
    "refuses target %j",
    (target) => {
      expect(open.refuse(target, { host: "localhost" }, true)).toBe("REQUEST_INVALID");
    },
  );

  it("refuses a request that names no host", () => {
    expect(open.refuse("/healthz", {}, true)).toBe("REQUEST_INVALID");
  });

  it.each<[string | undefined, string | undefined]>([
    [`Bearer ${TOKEN}`, undefined],
    [`bearer   ${TOKEN}`, undefined],
    [undefined, "TOKEN_MISSING"],
    ["Bearer ", "TOKEN_MISSING"],
    [TOKEN, "TOKEN_MISSING"],
    [`Basic ${TOKEN}`, "TOKEN_MISSING"],
    [`Bearer ${TOKEN}x`, "TOKEN_MISSING"],
    [`Bearer ${TOKEN.slice(1)}`, "TOKEN_MISSING"],
    [`Bearer ${TOKEN} x`, "TOKEN_MISSING"],
  ])("authorization %j: %s", (authorization, expected) => {
    const headers = { host: "localhost", ...(authorization !== undefined && { authorization }) };
    expect(closed.refuse("/metrics", headers, true)).toBe(expected);
    expect(open.refuse("/metrics", headers, true)).toBeUndefined();
  });

  it.each<[string, boolean]>([
    ["/healthz", true],
    ["/readyz?x=1", true],
    ["/healthz/", false],
    ["/healthz%2f..", false],
    ["/metrics", false],
    ["/openapi.json", false],
    ["/unknown", false],
  ])("%s is open without a token: %s", (target, isOpen) => {
    expect(closed.refuse(target, { host: "localhost" }, true)).toBe(isOpen ? undefined : "TOKEN_MISSING");
  });
});

describe("the gate of a server", () => {
  it("stands before every route and says so in the fixed form", async () => {
    const { ask } = await startTestServer({ token: TOKEN });
    const good = { authorization: `Bearer ${TOKEN}` };
    expect(await ask("GET", "/openapi.json", good)).toMatchObject({ status: 200 });
    const refused = await ask("POST", "/v1/assess", { "content-type": "text/plain" }, "hi");
    expect(refused).toMatchObject({ status: 401, json: { error: "TOKEN_MISSING" } });
    expect(refused.headers["www-authenticate"]).toBe("Bearer");
    expect(await ask("GET", "/v1/directory", { ...good, host: "example.org" })).toMatchObject({ status: 403 });
    expect(await ask("GET", "/v1/directory", { ...good, origin: "null" })).toMatchObject({ status: 403 });
    expect(await ask("GET", "/v1/directory", good)).toMatchObject({ status: 200 });
  });
});
