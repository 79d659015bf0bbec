import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Canary, type CanaryScript, makeCanary } from "../../src/audit/canary.js";
import { canaryPatterns } from "../../src/audit/patterns.js";
import { createResidueScanner } from "../../src/audit/residue-scan.js";
import { probeInspector, readCoreDump } from "../../src/audit/settings.js";
import { derivedForms } from "../../src/cli/audit-forms.js";
import { loadPack } from "../../src/model/pack.js";
import { DEFAULT_POLICY } from "../../src/policy/schema.js";
import { canScan } from "../audit/child-programs.js";
import { BASE_PACK } from "../cli/command.js";
import { exchange, type Sending } from "../server/raw-client.js";
import { type StartedServer, startServer } from "../server/started-server.js";

const canRun = canScan && existsSync(BASE_PACK);
const onLinux = canRun ? "" : " (needs Linux with /proc/<pid>/pagemap)";
const forms = canRun ? derivedForms(loadPack(BASE_PACK)) : {};
/** Twice what `SCRUBBED_WITHIN_MS` promises, because this machine may be busy. */
const SETTLE_MS = 100;
/** Where nobody waits for an answer, what is being scored is scored to its end: eight lines at most. */
const UNANSWERED_SETTLE_MS = 1500;
const TIMEOUT_MS = 20_000;
const START_TIMEOUT_MS = 60_000;
const CANARY_BYTES = 13 * 25 - 1;

const folder = mkdtempSync(join(tmpdir(), "earshot-server-residue-"));
const policy = join(folder, "policy.json");
// Every message is read by both stages, whatever the first one says.
writeFileSync(policy, JSON.stringify({ ...DEFAULT_POLICY, secondLook: { riskFrom: 0, immediateUpTo: 1 } }));
afterAll(() => rmSync(folder, { recursive: true }));

function copiesIn({ pid }: StartedServer, canaries: readonly Canary[]): number {
  const scan = createResidueScanner(canaries.flatMap((canary) => canaryPatterns(canary, forms))).scan(pid);
  if (!scan.available) throw new Error(scan.reason);
  expect(scan.bytesUnreadable).toBe(0);
  return scan.copies;
}

const bytesOf = (...parts: ReadonlyArray<string | Uint8Array>): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

function request(path: string, type: string, body: string | Uint8Array, ...headers: readonly string[]): Buffer {
  const bytes = bytesOf(body);
  const length = headers.some((header) => /^(transfer-encoding|content-length)/i.test(header))
    ? []
    : [`Content-Length: ${bytes.length}`];
  const host = headers.some((header) => header.startsWith("Host:")) ? [] : ["Host: localhost"];
  const lines = [`POST ${path} HTTP/1.1`, ...host, `Content-Type: ${type}`, ...length, ...headers, "", ""];
  return bytesOf(lines.join("\r\n"), bytes);
}

const JSON_TYPE = "application/json";
const LINES_TYPE = "application/x-ndjson";
const TEXT_TYPE = "text/plain; charset=utf-8";
const assess = (body: string | Uint8Array, ...headers: readonly string[]): Buffer =>
  request("/v1/assess", JSON_TYPE, body, ...headers);
const whole = (...requests: readonly Uint8Array[]): Sending => ({
  pieces: requests,
  ending: "answer",
  answers: requests.length,
});
const brokenOff = (...pieces: readonly Uint8Array[]): Sending => ({ pieces, ending: "destroy" });
const inPieces = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
const chunked = (...chunks: readonly string[]): Buffer =>
  bytesOf(...chunks.flatMap((chunk) => [Buffer.byteLength(chunk).toString(16), "\r\n", chunk, "\r\n"]), "0\r\n\r\n");
const CHUNKED = "Transfer-Encoding: chunked";

function escaped(text: string): string {
  return Array.from(
    { length: text.length },
    (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
const repeated = (canary: Canary, bytes: number): string => `${canary.text} `.repeat(bytes / canary.bytes.length + 1);

/** What is sent, and the status of the last answer; 0 where nobody waits for one. */
const CASES: ReadonlyArray<readonly [string, CanaryScript, number, (canary: Canary) => Sending]> = [
  ["a JSON object", "latin", 200, ({ text }) => whole(assess(`{"text":"${text}"}`))],
  ["escapes", "cyrillic", 200, ({ text }) => whole(assess(`{"text":"${escaped(text)}"}`))],
  ["plain text", "arabic", 200, ({ text }) => whole(request("/v1/assess", TEXT_TYPE, text))],
  [
    "plain text that is not UTF-8",
    "latin_accented",
    200,
    ({ text }) => whole(request("/v1/assess", TEXT_TYPE, Buffer.from(text, "latin1"))),
  ],
  [
    "lines, good and bad",
    "devanagari",
    200,
    ({ text }) =>
      whole(
        request("/v1/assess", LINES_TYPE, `{"text":"${text}"}\n{"text":"${text}\n{"${text}":1}\n{"text":"${text}"}`),
      ),
  ],
  [
    "a turn of a conversation",
    "cjk",
    200,
    ({ text }) => whole(request("/v1/conversations/assess", JSON_TYPE, `{"text":"${text}","speaker":"person"}`)),
  ],
  [
    "a request in the form of Perspective",
    "emoji",
    200,
    ({ text }) =>
      whole(
        request(
          "/v1alpha1/comments:analyze",
          JSON_TYPE,
          `{"comment":{"text":"${text}"},"requestedAttributes":{"EARSHOT_PRIORITY":{}}}`,
        ),
      ),
  ],
  [
    "a request in the form of Aselo",
    "latin",
    200,
    ({ text }) => whole(request("/v1/plugs/aselo", JSON_TYPE, `{"text":"${text}"}`)),
  ],
  ["a short text", "latin", 200, ({ words: [word] }) => whole(assess(`{"text":"${word}"}`))],
  [
    "pieces of ten bytes",
    "latin",
    200,
    ({ text }) => ({ pieces: inPieces(assess(`{"text":"${text}"}`), 10), ending: "answer" }),
  ],
  [
    "chunks",
    "cyrillic",
    200,
    ({ text }) => whole(assess(chunked('{"text":"', text.slice(0, 40), text.slice(40), '"}'), CHUNKED)),
  ],
  [
    "single bytes",
    "latin",
    200,
    ({ text }) => ({ pieces: inPieces(assess(`{"text":"${text}"}`), 1), ending: "answer" }),
  ],
  [
    "several requests at once",
    "arabic",
    200,
    ({ text }) => whole(...[1, 2, 3].map(() => assess(`{"text":"${text}"}`))),
  ],
  ["a text of several segments", "cyrillic", 200, (canary) => whole(assess(`{"text":"${repeated(canary, 300_000)}"}`))],
  [
    "an answer that has to wait for 100 Continue",
    "latin",
    200,
    ({ text }) => whole(assess(`{"text":"${text}"}`, "Expect: 100-continue")),
  ],

  ["JSON that breaks off", "cyrillic", 400, ({ text }) => whole(assess(`{"text":"${text}`))],
  ["JSON with more behind it", "latin", 400, ({ text }) => whole(assess(`{"text":"hi"} ${text}`))],
  ["a field name", "latin", 400, ({ text }) => whole(assess(`{"${text}":1}`))],
  ["an id that is too long", "emoji", 400, ({ text }) => whole(assess(`{"id":"${text}${text}","text":"${text}"}`))],
  [
    "a damaged state",
    "latin",
    409,
    ({ text }) =>
      whole(
        request(
          "/v1/conversations/assess",
          JSON_TYPE,
          `{"text":"${text}","speaker":"person","state":"${Buffer.alloc(300).toString("base64")}"}`,
        ),
      ),
  ],
  [
    "a Perspective attribute that is none",
    "cjk",
    400,
    ({ text }) =>
      whole(
        request(
          "/v1alpha1/comments:analyze",
          JSON_TYPE,
          `{"comment":{"text":"${text}"},"requestedAttributes":{"X":{}}}`,
        ),
      ),
  ],
  ["another host", "latin", 403, ({ text }) => whole(assess(`{"text":"${text}"}`, "Host: example.org"))],
  ["a browser's page", "arabic", 403, ({ text }) => whole(assess(`{"text":"${text}"}`, "Origin: https://example.org"))],
  [
    "a route that is none",
    "cyrillic",
    404,
    ({ text }) => whole(request("/v1/nothing", JSON_TYPE, `{"text":"${text}"}`)),
  ],
  ["another media type", "latin", 415, ({ text }) => whole(request("/v1/assess", "text/html", `<p>${text}</p>`))],
  ["a body over the limit", "latin", 413, (canary) => whole(assess(`{"text":"${repeated(canary, 1_500_000)}"}`))],
  [
    "chunks over the limit",
    "cyrillic",
    413,
    (canary) => whole(assess(chunked(`{"text":"${repeated(canary, 1_500_000)}"}`), CHUNKED)),
  ],
  [
    "a line over the limit",
    "latin",
    200,
    (canary) => whole(request("/v1/assess", LINES_TYPE, `{"text":"${repeated(canary, 9_000_000)}"}\n{"text":"hi"}\n`)),
  ],
  ["a chunk whose length is none", "latin", 400, ({ text }) => whole(assess(`5\r\n{"tex\r\n${text}\r\n`, CHUNKED))],
  [
    "a body longer than it says",
    "latin",
    400,
    ({ text }) => whole(assess("{}", "Connection: keep-alive"), bytesOf(`${text}\r\n\r\n`)),
  ],
  ["no HTTP at all", "cyrillic", 400, ({ text }) => whole(bytesOf(`${text}\r\n\r\n`))],

  [
    "half a body, then nothing",
    "latin",
    0,
    ({ text }) => brokenOff(assess(`{"text":"${text}`, "Content-Length: 9999")),
  ],
  [
    "half a body, then the end",
    "cyrillic",
    0,
    ({ text }) => ({ pieces: [assess(`{"text":"${text}`, "Content-Length: 9999")], ending: "end" }),
  ],
  [
    "half a line, then nothing",
    "arabic",
    0,
    ({ text }) =>
      brokenOff(
        request("/v1/assess", LINES_TYPE, chunked(`{"text":"${text}"}\n{"text":"${text}`).subarray(0, -5), CHUNKED),
      ),
  ],
  ["a request whose sender does not wait", "latin", 0, ({ text }) => brokenOff(assess(`{"text":"${text}"}`))],
  [
    "much at once from a sender who does not read",
    "cjk",
    0,
    ({ text }) => brokenOff(request("/v1/assess", LINES_TYPE, `{"text":"${text}"}\n`.repeat(5000))),
  ],
];

describe(`residue of the built server${onLinux}`, () => {
  let server: StartedServer;
  const sent: Canary[] = [];
  beforeAll(async () => {
    if (canRun) server = await startServer("--country", "KE", "--policy", policy, "--max-waiting", "1000");
  }, START_TIMEOUT_MS);
  afterAll(() => server?.child.kill("SIGKILL"));

  const sendNeutral = (count: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: count }, () => exchange(server.port, whole(assess('{"text":"hello there"}')), TIMEOUT_MS)),
    );

  it.runIf(canRun).each(CASES)("%s leaves nothing", async (_, script, status, makeSending) => {
    const canary = makeCanary(script, CANARY_BYTES);
    const sending = makeSending(canary);
    const { answers, ended } = await exchange(server.port, sending, TIMEOUT_MS);
    expect(ended).not.toBe("timeout");
    if (status > 0) expect(answers.at(-1)?.status).toBe(status);
    sent.push(canary);
    await setTimeout(status > 0 ? SETTLE_MS : UNANSWERED_SETTLE_MS);
    expect(copiesIn(server, [canary])).toBe(0);
  });

  it.runIf(canRun)("half a message is there while it is incomplete, and gone when the rest has come", async () => {
    const canary = makeCanary("latin", CANARY_BYTES);
    const socket = connect(server.port, "127.0.0.1");
    const bytes = assess(`{"text":"${canary.text}"}`, "Connection: close");
    socket.write(bytes.subarray(0, -10));
    await setTimeout(SETTLE_MS);
    // If this ever finds nothing, the tests above prove nothing.
    expect(copiesIn(server, [canary])).toBeGreaterThan(0);
    socket.write(bytes.subarray(-10));
    await new Promise((resolve) => socket.resume().once("close", resolve));
    await setTimeout(SETTLE_MS);
    expect(copiesIn(server, [canary])).toBe(0);
  });

  it.runIf(canRun)("many at once leave nothing", async () => {
    const canaries = Array.from({ length: 200 }, (_, index) =>
      makeCanary((["latin", "cyrillic"] as const)[index % 2], 60 + (index % 7) * 40),
    );
    await Promise.all(
      canaries.map(({ text }) => exchange(server.port, whole(assess(`{"text":"${text}"}`)), TIMEOUT_MS)),
    );
    await setTimeout(SETTLE_MS);
    expect(copiesIn(server, canaries.slice(-50))).toBe(0);
    sent.push(...canaries.slice(-10));
  });

  it.runIf(canRun).each([5, 45])("nothing of any of these comes back after %i further messages", async (count) => {
    await sendNeutral(count);
    await setTimeout(SETTLE_MS);
    expect(sent.length).toBeGreaterThan(CASES.length);
    expect(copiesIn(server, sent)).toBe(0);
  });

  it.runIf(canRun)("core dumps and the debugger are closed", async () => {
    expect(readCoreDump(server.pid)).toMatchObject({ filter: 0, holdsMemory: false });
    expect(await probeInspector(server.pid)).toBe(0);
  });
});

describe(`residue of the built server when it is overloaded${onLinux}`, () => {
  it.runIf(canRun)("refused messages leave nothing either", async () => {
    const server = await startServer("--policy", policy, "--workers", "1", "--max-waiting", "1");
    try {
      const canaries = Array.from({ length: 40 }, () => makeCanary("cyrillic", CANARY_BYTES));
      const statuses = await Promise.all(
        canaries.map(
          async ({ text }) =>
            (await exchange(server.port, whole(assess(`{"text":"${text}"}`)), TIMEOUT_MS)).answers[0]?.status,
        ),
      );
      expect(new Set(statuses)).toEqual(new Set([200, 429]));
      await setTimeout(SETTLE_MS);
      expect(copiesIn(server, canaries)).toBe(0);
    } finally {
      server.child.kill("SIGKILL");
    }
  });
});
