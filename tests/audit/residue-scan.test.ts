import { spawnSync } from "node:child_process";
import type * as fs from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type CanaryScript, makeCanary } from "../../src/audit/canary.js";
import { canaryPatterns, type PatternKind } from "../../src/audit/patterns.js";
import { type CompletedScan, createResidueScanner, type ResidueScan } from "../../src/audit/residue-scan.js";
import { canScan, program, startReady } from "./child-programs.js";

const refusal = vi.hoisted((): { code?: string } => ({}));
vi.mock("node:fs", async (importOriginal) => {
  const original = await importOriginal<typeof fs>();
  const openSync: typeof fs.openSync = (path, ...rest) => {
    if (refusal.code !== undefined) throw Object.assign(new Error(), { code: refusal.code });
    return original.openSync(path, ...rest);
  };
  return { ...original, openSync };
});

const IDS = [70_001, 901, 31_337, 4_242, 1_200, 77_777];

function complete(scan: ResidueScan): CompletedScan {
  if (!scan.available) throw new Error(scan.reason);
  return scan;
}

/** Holds what `expression` makes of `text`, `bytes` or `ids`; the text arrives with every bit turned over. */
function holder(expression: string, text: string): readonly string[] {
  const hidden = Buffer.from(text).map((byte) => byte ^ 0xff);
  return program(
    `
    const bytes = Buffer.from(process.argv[1], "hex").map((byte) => byte ^ 0xff);
    const ids = JSON.parse(process.argv[2]);
    const text = bytes.toString();
    globalThis.held = ${expression};
    process.stdin.resume();
    process.stdout.write("ready\\n");`,
    Buffer.from(hidden).toString("hex"),
    JSON.stringify(IDS),
  );
}

const onLinux = canScan ? "" : " (needs Linux with /proc/<pid>/pagemap)";

afterEach(() => {
  delete refusal.code;
  vi.unstubAllGlobals();
});

describe(`createResidueScanner${onLinux}`, () => {
  it.runIf(canScan).each<[PatternKind, CanaryScript, string]>([
    ["utf8", "latin", "bytes"],
    ["utf8", "emoji", "Buffer.concat([Buffer.alloc(1), bytes])"],
    ["utf8", "cjk", "Buffer.concat([Buffer.alloc(2), bytes])"],
    ["utf8", "arabic", "Buffer.concat([Buffer.alloc(3), bytes])"],
    ["utf16", "devanagari", "text"],
    ["utf16", "latin", "Buffer.from(text, 'utf16le')"],
    ["latin1", "latin_accented", "text"],
    ["upper", "latin", "text.toUpperCase()"],
    ["lower", "latin", "text.toLowerCase()"],
    ["hex", "cyrillic", "bytes.toString('hex')"],
    ["base64", "latin", "Buffer.concat([Buffer.alloc(1), bytes]).toString('base64')"],
    ["json_escape", "cyrillic", "[...text].map((c) => '\\\\u0' + c.charCodeAt(0).toString(16)).join('')"],
    ["percent", "arabic", "encodeURIComponent(text)"],
    ["element_i32", "latin", "Int32Array.from(bytes)"],
    ["element_smi", "latin", "[...bytes]"],
    ["element_smi", "cjk", "[...text].map((c) => c.codePointAt(0))"],
    ["element_f64", "emoji", "[0.5, ...[...text].map((c) => c.codePointAt(0))]"],
    ["normalised", "latin", "Buffer.from(text.toLowerCase().replaceAll('e', '3'))"],
    ["id_i32", "latin", "Int32Array.from(ids)"],
    ["id_i64", "latin", "BigInt64Array.from(ids, BigInt)"],
    ["id_u16", "latin", "Uint16Array.from(ids)"],
    ["id_smi", "latin", "[...ids]"],
    ["id_f32", "latin", "Float32Array.from(ids)"],
    ["id_f64", "latin", "Float64Array.from(ids)"],
  ])("finds %s of %s", async (kind, script, expression) => {
    const canary = makeCanary(script, 300);
    const normalise = (bytes: Uint8Array): Uint8Array =>
      Buffer.from(Buffer.from(bytes).toString().toLowerCase().replaceAll("e", "3"));
    const scanner = createResidueScanner(canaryPatterns(canary, { normalise, encoders: [() => IDS] }));
    const scan = complete(scanner.scan(await startReady(holder(expression, canary.text))));
    expect(scan.copiesByKind[kind]).toBeGreaterThanOrEqual(1);
  });

  it.runIf(canScan)("finds nothing in a process that never saw the text, and reads all of it", async () => {
    const patterns = (["latin", "latin_accented", "cyrillic", "arabic", "devanagari", "cjk", "emoji"] as const).flatMap(
      (script) => canaryPatterns(makeCanary(script, 1000), { encoders: [() => IDS.map((id) => id + 100_000)] }),
    );
    const scan = complete(createResidueScanner(patterns).scan(await startReady(holder("text", "nothing to see here"))));
    expect(scan).toMatchObject({ copies: 0, hits: [], bytesUnreadable: 0, processes: 1, patterns: patterns.length });
    expect(scan.bytesScanned).toBeGreaterThan(20_000_000);
  });

  it.runIf(canScan)("finds copies that lie across two pieces of a large block", async () => {
    const canary = makeCanary("latin", 12);
    // This memory begins with a page, so that one copy lies across every border between two pages.
    const block = "new Uint8Array(new WebAssembly.Memory({ initial: 144 }).buffer)";
    const pages = 144 * 16;
    const across = `${block}.map((_, at) => { const place = (at + 6) % 4096; return place < 12 ? bytes[place] : 0; })`;
    const inPlace = `(() => { const block = ${block}; block.set(${across}); return block; })()`;
    const scan = complete(
      createResidueScanner(canaryPatterns(canary)).scan(await startReady(holder(inPlace, canary.text))),
    );
    const borders = scan.hits.filter(({ kind, address }) => kind === "utf8" && address % 4096 === 4090);
    expect(borders).toHaveLength(pages - 1);
  });

  it.runIf(canScan)("looks into the processes below, too", async () => {
    const canary = makeCanary("latin", 300);
    const inner = holder("text", canary.text);
    const outer = program(
      `
      const [command, ...parameters] = JSON.parse(Buffer.from(process.argv[1], "hex"));
      require("node:child_process").spawn(command, parameters, { stdio: ["pipe", "inherit", "inherit"] });`,
      Buffer.from(JSON.stringify(inner)).toString("hex"),
    );
    const pid = await startReady(outer);
    const scan = complete(createResidueScanner(canaryPatterns(canary)).scan(pid));
    expect(scan.processes).toBe(2);
    expect(scan.hits.some((hit) => hit.pid !== pid && hit.kind === "utf8")).toBe(true);
  });

  it.runIf(canScan)("lets the process run on", async () => {
    const pid = await startReady(holder("text", "nothing to see here"));
    complete(createResidueScanner(canaryPatterns(makeCanary("latin", 50))).scan(pid));
    const state = spawnSync("cat", [`/proc/${pid}/stat`]).stdout.toString();
    expect(state).not.toContain(") T ");
  });

  it.runIf(canScan)("says that a process is gone", () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const scanner = createResidueScanner(canaryPatterns(makeCanary("latin", 50)));
    expect(scanner.scan(pid)).toEqual({ available: false, reason: "PROCESS_GONE" });
  });

  it.runIf(canScan).each(["EACCES", "EPERM"])("says that it may not read, on %s", async (code) => {
    const pid = await startReady(holder("text", "nothing to see here"));
    refusal.code = code;
    const scanner = createResidueScanner(canaryPatterns(makeCanary("latin", 50)));
    expect(scanner.scan(pid)).toEqual({ available: false, reason: "NOT_PERMITTED" });
  });

  it.each(["darwin", "win32"])("says that %s has no /proc", (platform) => {
    vi.stubGlobal("process", Object.create(process, { platform: { value: platform } }));
    const scanner = createResidueScanner(canaryPatterns(makeCanary("latin", 50)));
    expect(scanner.scan(1)).toEqual({ available: false, reason: "NO_PROC" });
  });
});
