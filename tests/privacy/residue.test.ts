import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { type Canary, type CanaryScript, makeCanary } from "../../src/audit/canary.js";
import { type ChildSession, startSession } from "../../src/audit/child-session.js";
import { createPatternIndex } from "../../src/audit/pattern-index.js";
import { canaryPatterns } from "../../src/audit/patterns.js";
import { type CompletedScan, createResidueScanner } from "../../src/audit/residue-scan.js";
import { probeInspector, readCoreDump } from "../../src/audit/settings.js";
import { derivedForms } from "../../src/cli/audit-forms.js";
import { loadPack } from "../../src/model/pack.js";
import { canScan, program } from "../audit/child-programs.js";
import { BASE_PACK, MAIN } from "../cli/command.js";

const canRun = canScan && existsSync(BASE_PACK);
const onLinux = canRun ? "" : " (needs Linux with /proc/<pid>/pagemap)";
const forms = canRun ? derivedForms(loadPack(BASE_PACK)) : {};
const JSON_LINES = [process.execPath, MAIN, "score", "-", "--format", "jsonl"];
const PLAIN_LINES = [...JSON_LINES, "--lines"];
const SETTLE_MS = 50;
/** Whole words of Latin (13 bytes with the space) and of Cyrillic (25), so that the last word is long enough to be found. */
const CANARY_BYTES = 13 * 25 - 1;

const LIBRARY = new URL("../index.js", pathToFileURL(MAIN)).href;

/**
 * A program that reads bytes into an array of its own and gives them to the library as `expression`.
 *
 * @param secondLook which messages both stages read: all of them, whatever the first one says, or with null none
 */
function libraryProgram(
  expression: string,
  create = "createTriage",
  secondLook: object | null = { riskFrom: 0, immediateUpTo: 1 },
): readonly string[] {
  return program(`
    const { readSync, writeSync } = require("node:fs");
    const input = new Uint8Array(65536);
    (async () => {
      const { ${create}, DEFAULT_POLICY } = await import(${JSON.stringify(LIBRARY)});
      const policy = { ...DEFAULT_POLICY, secondLook: ${JSON.stringify(secondLook)} };
      const triage = await ${create}({ country: "KE", policy });
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

async function scanFor(session: ChildSession, canaries: readonly Canary[]): Promise<CompletedScan> {
  await setTimeout(SETTLE_MS);
  const scan = createResidueScanner(canaries.flatMap((canary) => canaryPatterns(canary, forms))).scan(session.pid);
  if (!scan.available) throw new Error(scan.reason);
  expect(scan.bytesUnreadable).toBe(0);
  return scan;
}

async function copiesOf(session: ChildSession, canaries: readonly Canary[]): Promise<number> {
  return (await scanFor(session, canaries)).copies;
}

function line(...parts: ReadonlyArray<string | Uint8Array>): Buffer {
  return Buffer.concat([...parts, "\n"].map((part) => Buffer.from(part as string)));
}

function escaped(text: string): string {
  return Array.from({ length: text.length }, (_, index) =>
    text[index] === " " ? " " : `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}

const repeated = (canary: Canary, bytes: number): string => `${canary.text} `.repeat(bytes / canary.bytes.length + 1);

const CASES: ReadonlyArray<readonly [string, CanaryScript, (canary: Canary) => Buffer]> = [
  ["a text", "latin", ({ text }) => line(`{"text":"${text}"}`)],
  ["a text in another script", "cyrillic", ({ text }) => line(`{"text":"${text}"}`)],
  ["a text in escapes", "cyrillic", ({ text }) => line(`{"text":"${escaped(text)}"}`)],
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
    const canary = makeCanary(script, CANARY_BYTES);
    await withCommand(JSON_LINES, async (session) => {
      expect(await session.send([makeLine(canary)])).toBe(true);
      expect(await copiesOf(session, [canary])).toBe(0);
    });
  });

  it.runIf(canRun)("half a line is there while it is incomplete, and gone when the rest has come", async () => {
    const canary = makeCanary("latin", CANARY_BYTES);
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
      expect(await session.send(canaries.map(makeLine))).toBe(true);
      expect(await copiesOf(session, canaries.slice(-300))).toBe(0);
    });
  });
});

describe(`residue of the built library${onLinux}`, () => {
  it.runIf(canRun).each<[CanaryScript, number]>([
    ["latin", CANARY_BYTES],
    ["cyrillic", CANARY_BYTES],
    // One word, of which all that is derived is so short that V8 would keep it among its objects.
    ["latin", 12],
  ])("bytes leave nothing: %s, %i", async (script, bytes) => {
    const canary = makeCanary(script, bytes);
    await withCommand(libraryProgram("text"), async (session) => {
      expect(await session.send([line(canary.text)])).toBe(true);
      expect(await copiesOf(session, [canary])).toBe(0);
    });
  });

  it.runIf(canRun).each<[string, CanaryScript, object | null | undefined]>([
    ["by a worker: latin", "latin", undefined],
    ["by a worker: cyrillic", "cyrillic", undefined],
    ["in the thread that asks: latin", "latin", null],
  ])("bytes leave nothing in a pool of workers, read %s", async (_, script, secondLook) => {
    const canary = makeCanary(script, CANARY_BYTES);
    await withCommand(libraryProgram("text", "createTriagePool", secondLook), async (session) => {
      expect(await session.send([line(canary.text)])).toBe(true);
      expect(await copiesOf(session, [canary])).toBe(0);
    });
  });

  it.runIf(canRun)("a string leaves the caller's copies, as documented, and none of Earshot's own", async () => {
    const canary = makeCanary("cyrillic", CANARY_BYTES);
    const view = "Buffer.from(text.buffer, 0, text.length).toString()";
    await withCommand(libraryProgram(view), async (session) => {
      expect(await session.send([line(canary.text)])).toBe(true);
      const { copies, copiesByKind } = await scanFor(session, [canary]);
      // If this ever finds nothing, the tests above prove nothing.
      expect(copies).toBeGreaterThan(0);
      // V8 keeps Cyrillic letters in two bytes each; bytes of UTF-8 could only come from the buffer of `assess`.
      expect(copiesByKind).toEqual({ utf16: copies });
    });
  });
});

describe(`settings of the built command${onLinux}`, () => {
  it.runIf(canRun)("close core dumps and the debugger", async () => {
    await withCommand(JSON_LINES, async ({ pid }) => {
      expect(readCoreDump(pid)).toMatchObject({ filter: 0, holdsMemory: false });
      expect(await probeInspector(pid)).toBe(0);
    });
  });
});
