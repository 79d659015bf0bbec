import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createAuditMessages, createNeutralLines, messagePatterns } from "../../src/audit/audit-messages.js";
import { type ChildSession, startSession } from "../../src/audit/child-session.js";
import { serverControl } from "../../src/audit/controls.js";
import { openServer } from "../../src/audit/message-channel.js";
import { createPatternIndex } from "../../src/audit/pattern-index.js";
import { measureResidue } from "../../src/audit/residue-check.js";
import { createResidueScanner } from "../../src/audit/residue-scan.js";
import { canScan, program } from "./child-programs.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-channel-"));
const socketPath = join(folder, "socket");
const MESSAGES = createAuditMessages({ format: "json-lines", scripts: ["cyrillic"], sizes: [311] });
const PATTERNS = messagePatterns(MESSAGES, "json-lines", {});
const open = openServer(socketPath);

afterAll(() => rmSync(folder, { recursive: true }));

let session: ChildSession | undefined;
afterEach(() => session?.close());

/** A server that answers each request with what `answer` makes of its path, type and body. */
async function start(answer: string, index = createPatternIndex([]), replyTimeoutMs = 5000): Promise<ChildSession> {
  const source = `
    require("node:http").createServer((request, response) => {
      if (request.url === "/readyz") return response.end();
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
        const { url, headers: { "content-type": type, host } } = request;
        const body = Buffer.concat(chunks).toString();
        ${answer}
      });
    }).listen(process.argv[1]);
    process.on("SIGTERM", () => { require("node:fs").rmSync(process.argv[1]); process.exit(); });`;
  session = await startSession({ command: program(source, socketPath), index, replyTimeoutMs, open });
  if (session === undefined) throw new Error("not started");
  return session;
}

describe("openServer", () => {
  it("sends a message by every way that a server takes, and as it is written", async () => {
    const check = `
      const texts = ${JSON.stringify(MESSAGES.map(({ canary }) => canary.text))};
      const ways = {
        "/v1/assess application/json": () => JSON.parse(body).text,
        "/v1/assess application/x-ndjson": () => JSON.parse(body).text,
        "/v1/assess text/plain; charset=utf-8": () => body,
        "/v1/conversations/assess application/json": () => JSON.parse(body).text,
        "/v1alpha1/comments:analyze application/json": () => JSON.parse(body).comment.text,
      };
      const text = ways[url + " " + type]();
      // Every text comes once by every way.
      const isNew = !(globalThis.seen ??= new Set()).has(url + type + text);
      seen.add(url + type + text);
      const isRight = isNew && host === "localhost" && texts.includes(text);
      response.end(isRight ? "{}" : '{"error":"WRONG"}');`;
    const { send, rejections } = await start(check);
    // Two forms, plain and escaped, and five ways.
    for (let round = 0; round < 5; round += 1) expect(await send(MESSAGES.map(({ line }) => line))).toBe(true);
    expect(rejections()).toBe(0);
  });

  it.each([
    ["a status", 'response.writeHead(429).end("{}");'],
    ["a line", 'response.end(\'{"line":1,"error":"TEXT_EMPTY"}\');'],
  ])("counts an error by %s", async (_, answer) => {
    const { send, rejections } = await start(answer);
    expect(await send(createNeutralLines(3, "json-lines"))).toBe(true);
    expect(rejections()).toBe(3);
  });

  it("counts canaries in answers", async () => {
    const { send, leaks } = await start("response.end(body);", createPatternIndex(PATTERNS));
    expect(await send([MESSAGES[0].line])).toBe(true);
    expect(leaks()).toBeGreaterThan(0);
  });

  it("does not wait for a program that ends before it listens", async () => {
    session = await startSession({ command: program(""), index: createPatternIndex([]), replyTimeoutMs: 5000, open });
    expect(await session?.send(createNeutralLines(1, "json-lines"))).toBe(false);
  }, 5000);

  it("says that not all were answered", async () => {
    const { send } = await start(
      "if (globalThis.asked) return; globalThis.asked = true; response.end();",
      undefined,
      300,
    );
    expect(await send(createNeutralLines(2, "json-lines"))).toBe(false);
  });

  it.runIf(canScan)("leads to the copies that a server of strings leaves", async () => {
    const measured = await measureResidue({
      command: serverControl(socketPath),
      format: "json-lines",
      messages: MESSAGES,
      index: createPatternIndex(PATTERNS),
      scanner: createResidueScanner(PATTERNS),
      replyTimeoutMs: 5000,
      settleMs: 20,
      open,
    });
    expect(measured.failure).toBeUndefined();
    expect(measured.copies.before).toBe(0);
    expect(measured.copies.answered).toBeGreaterThan(0);
    expect(measured.leaks).toBeGreaterThan(0);
  });
});
