import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { egressControl } from "../../src/audit/controls.js";
import {
  type CompletedTrace,
  type EgressTraceOptions,
  MASKING_VARIABLES,
  traceEgress,
} from "../../src/audit/egress-trace.js";
import { createPatternIndex } from "../../src/audit/pattern-index.js";
import { canTrace, program, WIPING } from "./child-programs.js";

const SECRET = "q7Zk2Lw9Xc4V";
const LINES = [Buffer.from(`{"text":"${SECRET}"}\n`)];
const INDEX = createPatternIndex([{ kind: "utf8", bytes: Buffer.from(SECRET) }]);
const onLinux = canTrace ? "" : " (needs strace)";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "earshot-test-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

async function trace(command: readonly string[], options: Partial<EgressTraceOptions> = {}): Promise<CompletedTrace> {
  const result = await traceEgress({ command, lines: LINES, seconds: 0.8, index: INDEX, ...options });
  if (!result.available) throw new Error(result.reason);
  return result;
}

describe(`traceEgress${onLinux}`, () => {
  it.runIf(canTrace)("sees nothing in a program that reads, answers and wipes", async () => {
    expect(await trace(WIPING)).toMatchObject({
      sockets: {},
      contacts: [],
      filesWritten: [],
      canaryCalls: 0,
      rings: 0,
      replies: 1,
      stayedAlive: true,
    });
  });

  it.runIf(canTrace)("sees a datagram, a look-up, a file and an echo", async () => {
    const path = join(folder, "written");
    const found = await trace(egressControl(path));
    expect(found.sockets.AF_INET).toBeGreaterThanOrEqual(2);
    expect(found.contacts).toContainEqual({ family: "AF_INET", target: "127.0.0.1 port 9", isLookup: false });
    expect(found.contacts).toContainEqual({ family: "AF_INET", target: "127.0.0.1 port 53", isLookup: true });
    expect(found.filesWritten).toEqual([path]);
    expect(found.canaryCalls).toBe(1);
  });

  it.runIf(canTrace)("sees what a process below does", async () => {
    const path = join(folder, "below");
    const found = await trace(
      program("require('node:child_process').spawnSync('touch', [process.argv[1]]); process.stdin.resume();", path),
    );
    expect(found.filesWritten).toContain(path);
  });

  it.runIf(canTrace)("traces no bytes unless it looks for a canary", async () => {
    const path = join(folder, "written");
    const { index: _, ...options } = { command: egressControl(path), lines: LINES, seconds: 0.5, index: INDEX };
    expect(await traceEgress(options)).toMatchObject({ available: true, canaryCalls: 0, filesWritten: [path] });
  });

  it.runIf(canTrace)("hides the variables that silence telemetry, and nothing else", async () => {
    for (const name of MASKING_VARIABLES) vi.stubEnv(name, "true");
    vi.stubEnv("EARSHOT_TEST_PATH", join(folder, "seen"));
    const source = `
      const names = ${JSON.stringify(MASKING_VARIABLES)}.filter((name) => name in process.env);
      require("node:fs").writeFileSync(process.env.EARSHOT_TEST_PATH + names.length, "");
      process.stdin.resume();`;
    expect((await trace(program(source))).filesWritten).toEqual([join(folder, "seen0")]);
  });

  it.runIf(canTrace)("says when the program ended before the time", async () => {
    const found = await trace(program("process.stdout.write('{}\\n')"), { seconds: 30 });
    expect(found.stayedAlive).toBe(false);
    expect(found.seconds).toBeLessThan(20);
  });

  it.runIf(canTrace)("leaves no trace file behind", async () => {
    vi.stubEnv("TMPDIR", folder);
    await trace(WIPING);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(canTrace)("ends a program that does not end by itself", async () => {
    const found = await trace(program("setInterval(() => {}, 1000)"), { seconds: 0.5 });
    expect(existsSync(`/proc/${found.pid}`)).toBe(false);
  });

  it("says that there is no tracer", async () => {
    vi.stubEnv("PATH", folder);
    expect(await traceEgress({ command: WIPING, lines: LINES, seconds: 1 })).toEqual({
      available: false,
      reason: "NO_TRACER",
    });
  });

  it("says that tracing is not permitted when the tracer shows no call", async () => {
    vi.stubEnv("PATH", folder);
    writeFileSync(join(folder, "strace"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    expect(await traceEgress({ command: WIPING, lines: LINES, seconds: 1 })).toEqual({
      available: false,
      reason: "NOT_PERMITTED",
    });
  });
});
