import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createTriage, EarshotError, loadPack, type Message, type Triage } from "../../src/index.js";
import { parseManifest } from "../../src/model/manifest.js";
import { DEFAULT_POLICY } from "../../src/policy/schema.js";
import { parsePolicy } from "../../src/policy/validate.js";
import { validateDirectory } from "../../src/referral/validate.js";
import { readJsonLine } from "../../src/text/json-line.js";
import { BASE_PACK, MAIN } from "../cli/command.js";
import { canaries, createLeakCounter } from "./leaks.js";

const encoder = new TextEncoder();
const triage = await createTriage({ country: "KE" });
const closed = await createTriage();
await closed.close();
const folder = mkdtempSync(join(tmpdir(), "earshot-canary-"));

afterAll(async () => {
  await triage.close();
  rmSync(folder, { recursive: true });
});

/** What `work` gives or throws. */
async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

async function collect(of: Triage, messages: readonly Message[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for await (const result of of.stream(messages)) results.push(result);
  return results;
}

/** A value of a wrong type, as a caller without TypeScript may pass it. */
const wrong = <Type>(value: unknown): Type => value as Type;

const SCORED: ReadonlyArray<readonly [string, (canary: string) => unknown]> = [
  ["bytes", (canary) => triage.assess(encoder.encode(canary))],
  ["bytes with spans", (canary) => triage.assess(encoder.encode(canary), { spans: true, id: "1", age: 14 })],
  ["a part of a buffer", (canary) => triage.assessBytes(encoder.encode(canary), 1, 12, { language: "en" })],
  ["a string", (canary) => triage.assess(canary, { spans: true })],
  ["a string of more than a segment", (canary) => triage.assess(`${canary} `.repeat(2500))],
  ["a stream", (canary) => collect(triage, [{ text: canary }, { text: encoder.encode(canary), spans: true }])],
  [
    "bytes that are not UTF-8",
    (canary) => triage.assess(Buffer.concat([Buffer.of(0xff, 0xc0), Buffer.from(canary, "utf16le")])),
  ],
];

const FAILING: ReadonlyArray<readonly [string, (canary: string) => unknown]> = [
  ["a closed triage, string", (canary) => closed.assess(canary)],
  ["a closed triage, bytes", (canary) => closed.assess(encoder.encode(canary))],
  ["a text in a list", (canary) => triage.assess(wrong([canary]))],
  ["a text in an object", (canary) => triage.assess(wrong({ [canary]: canary, toString: () => canary }))],
  ["a text in a boxed string", (canary) => triage.assess(wrong(Object(canary)))],
  ["an id that is no string", (canary) => triage.assess("hi", { id: wrong([canary]) })],
  ["an age that is no number", (canary) => triage.assess("hi", { age: wrong(canary) })],
  ["a language that is no string", (canary) => triage.assess("hi", { language: wrong({ canary }) })],
  ["a country that is none", (canary) => triage.assess("hi", { country: canary })],
  ["a stream with a bad message", (canary) => collect(triage, [{ text: canary }, { text: wrong({ canary }) }])],
  ["a triage for a country that is none", (canary) => createTriage({ country: canary })],
  ["a pack in a folder that is not there", (canary) => createTriage({ pack: join(folder, canary) })],
  ["a pack whose name holds a zero byte", (canary) => loadPack(`${canary}\0`)],
  ["a manifest that is no JSON", (canary) => parseManifest(`{"name": ${canary}`)],
  ["a manifest with other fields", (canary) => parseManifest(JSON.stringify({ [canary]: canary, name: canary }))],
  ["a policy with other fields", (canary) => parsePolicy({ ...DEFAULT_POLICY, [canary]: canary })],
  ["a policy with a wrong name", (canary) => parsePolicy({ ...DEFAULT_POLICY, name: `${canary} !` })],
  ["a policy of text", (canary) => parsePolicy(canary)],
  ["a directory with other fields", (canary) => validateDirectory({ [canary]: [{ canary }], name: canary })],
  ["a directory of text", (canary) => validateDirectory(canary)],
  ["a line of JSON that is broken", (canary) => readLine(`{"text":"${canary}`)],
  ["a line of JSON with a wrong type", (canary) => readLine(`{"text":["${canary}"]}`)],
];

function readLine(line: string): unknown {
  const bytes = encoder.encode(line);
  return readJsonLine(bytes, 0, bytes.length, false, new Uint8Array(1000));
}

describe("the library", () => {
  it("would be caught if it leaked", () => {
    fc.assert(
      fc.property(canaries, (canary) => {
        const leaks = createLeakCounter(canary);
        const plain = new EarshotError("INTERNAL");
        for (const leaking of [
          canary,
          [...canary].slice(-10).join(""),
          encoder.encode(canary),
          Buffer.from(canary).toString("base64"),
          { nested: [{ deep: canary }] },
          { [canary]: 1 },
          Object.assign(plain, { path: canary }),
          new Error(canary),
          new Error("", { cause: new Error(canary) }),
          Object.defineProperty(new Error(), "hidden", { value: canary }),
        ])
          expect(leaks(leaking)).toBeGreaterThan(0);
        expect(leaks(new EarshotError("INTERNAL", { position: 7 }))).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it.each(SCORED)("repeats nothing of %s", async (_, work) => {
    await fc.assert(
      fc.asyncProperty(canaries, async (canary) => {
        const result = await outcome(() => work(canary));
        expect(result).not.toBeInstanceOf(Error);
        expect(createLeakCounter(canary)(result)).toBe(0);
      }),
      { numRuns: 15 },
    );
  });

  it.each(FAILING)("fails on %s without repeating it", async (_, work) => {
    await fc.assert(
      fc.asyncProperty(canaries, async (canary) => {
        const error = await outcome(() => work(canary));
        expect(error).toBeInstanceOf(EarshotError);
        expect(createLeakCounter(canary)(error)).toBe(0);
        expect(createLeakCounter(canary)(JSON.stringify(error))).toBe(0);
      }),
      { numRuns: 15 },
    );
  });
});

/** Lines around a canary: scored, broken and of wrong types, so many that each of the two kinds occurs. */
function jsonLines(canary: string): Buffer {
  const text = `"text":"${canary}"`;
  const escaped = Array.from({ length: canary.length }, (_, index) =>
    canary.charCodeAt(index).toString(16).padStart(4, "0"),
  );
  const bytes = Buffer.from(canary);
  const lines: readonly (string | Buffer)[] = [
    `{${text}}`,
    `{"id":"1",${text},"age":14,"country":"ke","language":"en"}`,
    `{"text":"${escaped.map((unit) => `\\u${unit}`).join("")}"}`,
    `{"text":"\\ud83d ${canary}"}`,
    Buffer.concat([Buffer.from('{"text":"'), bytes.subarray(0, -1), Buffer.of(0xff), bytes, Buffer.from('"}')]),
    `{${text}`,
    `{"text":"${canary}`,
    `{${text}} ${canary}`,
    `{${text},}`,
    `{${text}${text}}`,
    `{${text},${text}}`,
    `{"text":"${canary}\t"}`,
    `{"text":"${canary}\\q"}`,
    `{"text":"\\u00${canary}"}`,
    `{"text":${canary}}`,
    canary,
    `"${canary}"`,
    `["${canary}"]`,
    `{"text":["${canary}"]}`,
    `{"text":{"${canary}":1}}`,
    `{"${canary}":"${canary}"}`,
    `{"text":"","other":"${canary}"}`,
    `{${text},"id":["${canary}"]}`,
    `{${text},"country":"${canary}"}`,
    `{${text},"age":"${canary}"}`,
    `{${text},"age":999}`,
    `{${text},"at":"${canary.repeat(3)}"}`,
    `{${text},"language":"${canary}"}`,
    `{${text},"id":"${canary.repeat(30)}"}`,
    `${"[".repeat(100)}"${canary}"`,
    Buffer.concat([Buffer.from('{"other":"'), bytes, Buffer.of(0xff), Buffer.from(`",${text}}`)]),
    `{"text":"${`${canary} `.repeat(300)}"}`,
  ];
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\n")]));
}

interface Finished {
  readonly exitCode: number | null;
  readonly output: Buffer;
  readonly errors: Buffer;
}

/** Runs `earshot score` in an empty folder that is also its home and its place for temporary files. */
async function score(parameters: readonly string[], input: Uint8Array, closesOutput = false): Promise<Finished> {
  const place = mkdtempSync(join(folder, "run-"));
  const environment = { ...process.env, HOME: place, TMPDIR: place, XDG_CACHE_HOME: place };
  const child = spawn(process.execPath, [MAIN, "score", ...parameters], { cwd: place, env: environment });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  if (closesOutput) child.stdout.destroy();
  else child.stdout.on("data", (bytes: Buffer) => output.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => errors.push(bytes));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [exitCode] = await once(child, "close");
  expect(readdirSync(place)).toEqual([]);
  return { exitCode, output: Buffer.concat(output), errors: Buffer.concat(errors) };
}

const RUNS: ReadonlyArray<
  readonly [name: string, parameters: readonly string[], input: (canary: string) => Uint8Array, exitCode: number]
> = [
  ["JSON Lines", ["-", "--format", "jsonl", "--spans"], jsonLines, 3],
  ["JSON Lines as one list", ["-", "--format", "json"], jsonLines, 3],
  ["JSON Lines as a table without preview", ["-", "--format", "table", "--country", "KE"], jsonLines, 3],
  ["plain lines", ["-", "--lines", "--format", "jsonl"], jsonLines, 0],
  ["plain lines as a table without preview", ["-", "--lines", "--format", "table"], jsonLines, 0],
  ["a last line without an end", ["-", "--lines", "--format", "jsonl"], (canary) => Buffer.from(canary), 0],
  ["a last line cut inside a string", ["-"], (canary) => Buffer.from(`{"text":"${canary}`), 3],
  [
    "a line over every limit",
    ["-", "--format", "jsonl"],
    (canary) =>
      Buffer.from(`{"text":"${`${canary} `.repeat(9_000_000 / Buffer.byteLength(canary))}"}\n{"text":"ok"}\n`),
    0,
  ],
  [
    "a line over the limit before its text",
    ["-", "--format", "jsonl"],
    (canary) => Buffer.from(`{"other":"${`${canary} `.repeat(9_000_000 / Buffer.byteLength(canary))}"}\n`),
    3,
  ],
];

describe.runIf(existsSync(BASE_PACK))("the command", () => {
  it.each(RUNS)("repeats nothing of %s", async (_, parameters, input, exitCode) => {
    await fc.assert(
      fc.asyncProperty(canaries, async (canary) => {
        const leaks = createLeakCounter(canary);
        expect(leaks(input(canary))).toBeGreaterThan(0);
        const finished = await score(parameters, input(canary));
        expect(finished.errors.toString("latin1")).toBe("");
        expect(finished.exitCode).toBe(exitCode);
        expect(finished.output.length).toBeGreaterThan(0);
        expect(leaks(finished.output)).toBe(0);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  it("repeats nothing when nobody reads its output any more", async () => {
    await fc.assert(
      fc.asyncProperty(canaries, async (canary) => {
        const input = Buffer.concat(Array.from({ length: 40 }, () => jsonLines(canary)));
        const { exitCode, errors } = await score(["-", "--format", "jsonl"], input, true);
        expect(exitCode).not.toBe(0);
        expect(createLeakCounter(canary)(errors)).toBe(0);
        expect(JSON.parse(errors.toString())).toMatchObject({ error: "OUTPUT_CLOSED" });
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  it.each<[string, (canary: string, path: string) => readonly string[], string]>([
    ["a policy that is no JSON", (_, path) => ["-", "--policy", path], "POLICY_INVALID"],
    ["a policy that is not there", (canary) => ["-", "--policy", join(folder, canary)], "POLICY_INVALID"],
    ["a pack that is not there", (canary) => ["-", "--pack", join(folder, canary)], "PACK_NOT_FOUND"],
    ["a file that is not there", (canary) => [join(folder, canary)], "FILE_NOT_READABLE"],
    ["a folder for a file", () => [folder], "FILE_NOT_READABLE"],
    ["a country that is none", (canary) => ["-", "--country", canary], "COUNTRY_UNKNOWN"],
  ])("fails on %s without repeating it", async (_, parameters, expected) => {
    await fc.assert(
      fc.asyncProperty(canaries, async (canary) => {
        const path = join(folder, "policy.json");
        writeFileSync(path, `{"name": "${canary}", ${canary}`);
        expect(createLeakCounter(canary)(readFileSync(path))).toBeGreaterThan(0);
        const { exitCode, output, errors } = await score(parameters(canary, path), jsonLines(canary));
        expect(exitCode).toBe(2);
        expect(JSON.parse(errors.toString())).toMatchObject({ error: expected });
        expect(createLeakCounter(canary)(Buffer.concat([output, errors]))).toBe(0);
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
});
