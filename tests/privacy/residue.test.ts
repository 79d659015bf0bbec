import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { type Canary, type CanaryScript, makeCanary } from "../../src/audit/canary.js";
import { type ChildSession, startSession } from "../../src/audit/child-session.js";
import { createPatternIndex } from "../../src/audit/pattern-index.js";
import { canaryPatterns } from "../../src/audit/patterns.js";
import { createResidueScanner } from "../../src/audit/residue-scan.js";
import { derivedForms } from "../../src/cli/audit-forms.js";
import { loadPack } from "../../src/model/pack.js";
import { canScan, program } from "../audit/child-programs.js";
import { BASE_PACK, MAIN } from "../cli/command.js";

const canRun = canScan && existsSync(BASE_PACK);
const onLinux = canRun ? "" : " (needs Linux with /proc/<pid>/pagemap)";
const forms = canRun ? derivedForms(loadPack(BASE_PACK).manifest.linear.blockWords) : {};
const JSON_LINES = [process.execPath, MAIN, "score", "-", "--format", "jsonl"];
const PLAIN_LINES = [...JSON_LINES, "--lines"];
const SETTLE_MS = 50;

const LIBRARY = new URL("../index.js", pathToFileURL(MAIN)).href;

/** A program that reads bytes into an array of its own and gives them to the library as `expression`. */
function libraryProgram(expression: string): readonly string[] {
  return program(`
    const { readSync, writeSync } = require("node:fs");
    const input = new Uint8Array(65536);
    (async () => {
      const { createTriage } = await import(${JSON.stringify(LIBRARY)});
      const triage = await createTriage({ country: "KE" });
      for (let length; (length = readSync(0, input)) > 0; ) {
        const text = input.subarray(0, length);
        await triage.assess(${expression}, { spans: true });
        input.fill(0);
        writeSync(1, "{}\\n");
      }
    })();`);
}

async function withCommand(command: readonly string[], use: (session: ChildSession) => Promise<void>): Promise<void> {
  const session = await startSession({ command, index: createPatternIndex([]), replyTimeoutMs: 30_000 });
  if (session === undefined) throw new Error("not started");
  try {
    // One neutral message first, so that everything is loaded.
    expect(await session.send([Buffer.from('{"text":"hello"}\n')])).toBe(true);
    await use(session);
  } finally {
    await session.close();
  }
}

async function copiesOf(session: ChildSession, canaries: readonly Canary[]): Promise<number> {
  await setTimeout(SETTLE_MS);
  const scan = createResidueScanner(canaries.flatMap((canary) => canaryPatterns(canary, forms))).scan(session.pid);
  if (!scan.available) throw new Error(scan.reason);
  expect(scan.bytesUnreadable).toBe(0);
  return scan.copies;
}

function line(...parts: ReadonlyArray<string | Uint8Array>): Buffer {
  return Buffer.concat([...parts, "\n"].map((part) => Buffer.from(part as string)));
}

const repeated = (canary: Canary, bytes: number): string => `${canary.text} `.repeat(bytes / canary.bytes.length + 1);

const CASES: ReadonlyArray<readonly [string, CanaryScript, (canary: Canary) => Buffer]> = [
  ["a text", "latin", ({ text }) => line(`{"text":"${text}"}`)],
  ["JSON that breaks off", "cyrillic", ({ text }) => line(`{"text":"${text}`)],
  ["JSON with more behind it", "arabic", ({ text }) => line(`{"text":"${text}"} ${text}`)],
  ["a text in a list", "devanagari", ({ text }) => line(`{"text":["${text}"]}`)],
  ["a field name", "latin", ({ text }) => line(`{"${text}":1,"text":"hi"}`)],
  ["an unknown field", "cjk", ({ text }) => line(`{"other":"${text}","text":"hi"}`)],
  ["an id that is too long", "latin", ({ text }) => line(`{"id":"${text}${text}","text":"${text}"}`)],
  ["a country that is none", "emoji", ({ text }) => line(`{"country":"${text}","text":"${text}"}`)],
  ["a second text", "latin", ({ text }) => line(`{"text":"hi","text":"${text}"}`)],
  ["bytes that are not UTF-8", "latin_accented", ({ text }) => line('{"text":"', Buffer.from(text, "latin1"), '"}')],
  ["a text of several segments", "cyrillic", (canary) => line(`{"text":"${repeated(canary, 300_000)}"}`)],
  ["a text over its limit", "latin", (canary) => line(`{"text":"${repeated(canary, 2_000_000)}"}`)],
  ["a line over its limit", "arabic", (canary) => line(`{"text":"${repeated(canary, 9_000_000)}"}`)],
  ["a line over its limit, without text", "latin", (canary) => line(`{"other":"${repeated(canary, 9_000_000)}"}`)],
];

describe(`residue of the built command${onLinux}`, () => {
  it.runIf(canRun).each(CASES)("%s leaves nothing", async (_, script, makeLine) => {
    const canary = makeCanary(script, 240);
    await withCommand(JSON_LINES, async (session) => {
      expect(await session.send([makeLine(canary)])).toBe(true);
      expect(await copiesOf(session, [canary])).toBe(0);
    });
  });

  it.runIf(canRun)("half a line is there while it is incomplete, and gone when the rest has come", async () => {
    const canary = makeCanary("latin", 240);
    await withCommand(PLAIN_LINES, async (session) => {
      // A whole line goes first, so that an answer tells when the half line has arrived.
      expect(await session.send([Buffer.from(`hi\n${canary.text}`)])).toBe(true);
      expect(await copiesOf(session, [canary])).toBeGreaterThan(0);
      await session.send([Buffer.from(" end\n")]);
      expect(await copiesOf(session, [canary])).toBe(0);
    });
  });

  it.runIf(canRun).each([
    ["JSON Lines", JSON_LINES, ({ text }: Canary) => line(`{"text":"${text}"}`)],
    ["plain lines", PLAIN_LINES, ({ text }: Canary) => line(text)],
  ] as const)("1,000 messages at once leave nothing: %s", async (_, command, makeLine) => {
    const canaries = Array.from({ length: 1000 }, (__, index) =>
      makeCanary((["latin", "cyrillic", "cjk", "emoji"] as const)[index % 4], 60 + (index % 7) * 40),
    );
    await withCommand(command, async (session) => {
      expect(await session.send([Buffer.concat(canaries.map(makeLine))])).toBe(true);
      while (session.outputBytes() < 1_000_000) await setTimeout(SETTLE_MS);
      await setTimeout(2000);
      expect(await copiesOf(session, canaries.slice(-300))).toBe(0);
    });
  });
});

describe(`residue of the built library${onLinux}`, () => {
  it.runIf(canRun).each<[string, string, CanaryScript, boolean]>([
    ["bytes leave nothing", "text", "latin", false],
    ["bytes leave nothing", "text", "cyrillic", false],
    // Stated in the documentation of `assess`; if this ever finds nothing, the other tests prove nothing.
    ["strings leave copies", "Buffer.from(text).toString()", "latin", true],
  ])("%s (%s, %s)", async (_, expression, script, isFound) => {
    const canary = makeCanary(script, 240);
    await withCommand(libraryProgram(expression), async (session) => {
      expect(await session.send([line(canary.text)])).toBe(true);
      expect((await copiesOf(session, [canary])) > 0).toBe(isFound);
    });
  });
});
