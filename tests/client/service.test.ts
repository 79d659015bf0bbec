import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient } from "../../src/client/index.js";
import { isEarshotError } from "../../src/errors.js";
import { BUNDLED_DIRECTORY } from "../../src/referral/bundled.js";
import { resolveReferrals } from "../../src/referral/resolve.js";
import { createServer, type EarshotServer } from "../../src/server/index.js";
import { createTriage, type Triage } from "../../src/triage.js";

const TOKEN = "0123456789abcdef0123456789abcdef";
const AT = Date.UTC(2026, 10, 23);
const encoder = new TextEncoder();

let triage: Triage;
let server: EarshotServer;
let url: string;
let client: Client;

beforeAll(async () => {
  // A clock that stands, so that what is open now is the same for both.
  triage = await createTriage({ now: () => new Date(AT) });
  server = await createServer({ triage, token: TOKEN });
  await server.ready();
  url = await server.listen({ host: "127.0.0.1", port: 0 });
  client = createClient({ url, token: TOKEN });
});

afterAll(async () => {
  await client.close();
  await server.close();
  await triage.close();
});

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return isEarshotError(error) ? error.code : "another";
  }
  return "none";
}

describe("client and service", () => {
  it.each([
    ["a string", "my father hits me", { id: "7", language: "en", country: "KE", age: 12, spans: true }],
    ["what JSON writes otherwise", 'she said "die" \\ and\n\u0000 left 😢', { spans: true }],
    ["another script", "هل يوجد أحد هنا", { country: "LB" }],
    ["bytes", encoder.encode("I want to die tonight"), {}],
    ["bytes that are no UTF-8", Uint8Array.of(0x61, 0xff, 0xfe, 0x20, 0xc3, 0x62), { spans: true }],
    ["a long message", "it was a long day and ".repeat(3000), {}],
  ])("give what the library gives for %s", async (_kind, text, options) => {
    expect(await client.assess(text, options)).toEqual(JSON.parse(JSON.stringify(await triage.assess(text, options))));
  });

  it.each([
    ["", "TEXT_EMPTY"],
    ["a".repeat(1_100_000), "BODY_TOO_LARGE"],
  ])("refuse %.10j with %s", async (text, code) => {
    expect(await codeOf(client.assess(text))).toBe(code);
    expect(await codeOf(client.conversation().assess(text, { by: "person" }))).toBe(code);
  });

  it("give what the library gives for a stream, with codes in place of what is refused", async () => {
    const texts = Array.from({ length: 200 }, (_, index) => (index % 7 === 3 ? " " : `I am scared of ${index} people`));
    let position = 0;
    for await (const result of client.assessAll(texts.map((text, index) => ({ text, id: `${index}` })))) {
      const text = texts[position];
      position += 1;
      if (text === " ") expect(result).toEqual({ line: position, error: "TEXT_EMPTY" });
      else expect(result).toEqual(JSON.parse(JSON.stringify(await triage.assess(text, { id: `${position - 1}` }))));
    }
    expect(position).toBe(texts.length);
  });

  it("keep a conversation going as the library does, the calls in their order", async () => {
    const turns = [
      ["person", "hello"],
      ["counsellor", "hello, how are you"],
      ["person", "I want to die tonight"],
      ["person", "nobody would miss me"],
    ] as const;
    const here = triage.conversation({ country: "KE" });
    const there = client.conversation({ country: "KE" });
    expect(there.save()).toBeUndefined();
    const expected = [];
    for (const [index, [by, text]] of turns.entries()) expected.push(await here.assess(text, { by, at: AT + index }));
    const given = await Promise.all(turns.map(([by, text], index) => there.assess(text, { by, at: AT + index })));
    expect(given).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  it("go on with a conversation that was saved, and do not count a turn that failed", async () => {
    const first = client.conversation();
    await first.assess("I want to die tonight", { by: "person", at: AT });
    expect(await codeOf(first.assess(" ", { by: "person", at: AT }))).toBe("TEXT_EMPTY");
    const second = client.conversation({ state: first.save() as Uint8Array });
    const { trend } = await second.assess("hello", { by: "person", at: AT + 1 });
    expect(trend).toMatchObject({ turns: 2, firstAlert: 0 });
    // The library goes on with it too.
    expect(triage.conversation({ state: second.save() as Uint8Array }).trend(AT + 1).turns).toBe(2);
    const changed = (second.save() as Uint8Array).slice();
    changed[100] ^= 1;
    expect(await codeOf(client.conversation({ state: changed }).assess("a", { by: "person" }))).toBe(
      "CONVERSATION_INVALID",
    );
    expect(() => client.conversation({ state: "AAAA" as never })).toThrow();
  });

  it("name who can help", async () => {
    const request = {
      country: "KE",
      urgency: "immediate",
      categories: ["suicide"],
      signals: ["young"],
      limit: 9,
    } as const;
    const result = await client.directory({ ...request, region: "Nairobi", languages: ["sw"], channels: ["call"] });
    expect(result).toEqual(
      resolveReferrals(
        { ...request, region: "Nairobi", languages: ["sw"], channels: ["call"] },
        BUNDLED_DIRECTORY,
        new Date(),
      ),
    );
    expect(await codeOf(client.directory({ limit: -1 }))).toBe("REQUEST_INVALID");
  });

  it("say how the service is", async () => {
    expect([await client.health(), await client.ready()]).toEqual([{ status: "ok" }, { status: "ready" }]);
  });

  it("need the token", async () => {
    await using stranger = createClient({ url, token: TOKEN.replace("0", "1") });
    expect(await codeOf(stranger.assess("hello"))).toBe("TOKEN_MISSING");
    expect(await codeOf(stranger.assessAll([{ text: "hello" }]).next())).toBe("TOKEN_MISSING");
    expect(await stranger.health()).toEqual({ status: "ok" });
  });

  it("meet at a unix socket, and part when the service ends", async () => {
    const socketPath = join(tmpdir(), `earshot-service-${process.pid}.sock`);
    const other = await createServer({ triage });
    await other.ready();
    await other.listen({ socketPath });
    await using local = createClient({ socketPath });
    expect((await local.assess("I want to die tonight")).urgency).toBe("immediate");
    const results = local.assessAll(
      (async function* () {
        yield { text: "one" };
        await delay(100);
        yield { text: "two" };
      })(),
    );
    await results.next();
    await other.close();
    // It ended while the stream went on, and answered what it had taken.
    expect((await results.next()).value).toMatchObject({ schemaVersion: 1 });
    expect((await results.next()).done).toBe(true);
    expect(await codeOf(local.assess("three"))).toBe("SERVICE_UNREACHABLE");
  });
});
