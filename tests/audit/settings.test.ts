import type * as fs from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { inspectorControl } from "../../src/audit/controls.js";
import { countListeners, probeInspector, readCoreDump, readNodeOptions, readSwap } from "../../src/audit/settings.js";
import { canScan, program, startReady } from "./child-programs.js";

const files = vi.hoisted((): Map<string, string> => new Map());
vi.mock("node:fs", async (importOriginal) => {
  const original = await importOriginal<typeof fs>();
  const readFileSync = ((path: string, encoding: BufferEncoding) => {
    if (files.get(path) === "missing") throw Object.assign(new Error(), { code: "ENOENT" });
    return files.get(path) ?? original.readFileSync(path, encoding);
  }) as typeof fs.readFileSync;
  return { ...original, readFileSync };
});

const SWAP_HEADER = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
const limits = (soft: string): string =>
  `Limit  Soft Limit  Hard Limit  Units\nMax core file size        ${soft}   unlimited   bytes\n`;
const onLinux = canScan ? "" : " (needs Linux)";

afterEach(() => files.clear());

describe("readSwap", () => {
  it.each<[string, string, { plain: number; harmless: number }]>([
    ["nothing", "", { plain: 0, harmless: 0 }],
    ["a partition and a file", "/dev/sda2 partition 1 0 -2\n/swapfile file 1 0 -3\n", { plain: 2, harmless: 0 }],
    ["compressed memory", "/dev/zram0 partition 1 0 100\n", { plain: 0, harmless: 1 }],
    ["an encrypted volume", "/dev/dm-7 partition 1 0 -2\n", { plain: 0, harmless: 1 }],
    ["a plain volume", "/dev/dm-8 partition 1 0 -2\n", { plain: 1, harmless: 0 }],
  ])("reads %s", (_, rows, expected) => {
    files.set("/proc/swaps", SWAP_HEADER + rows);
    files.set("/sys/block/dm-7/dm/uuid", "CRYPT-LUKS2-0123-swap\n");
    files.set("/sys/block/dm-8/dm/uuid", "LVM-0123\n");
    expect(readSwap()).toEqual(expected);
  });

  it("is undefined without /proc", () => {
    files.set("/proc/swaps", "missing");
    expect(readSwap()).toBeUndefined();
  });
});

describe("readCoreDump", () => {
  it.each<[string, string, string, string, boolean]>([
    ["the usual filter without a limit", "unlimited", "00000033", "core", true],
    ["the usual filter with a limit of nothing", "0", "00000033", "core", false],
    ["a program that takes dumps in spite of the limit", "0", "00000033", "|/usr/lib/collect %P", true],
    ["an empty filter", "unlimited", "00000000", "|/usr/lib/collect %P", false],
    ["a filter for headers only", "unlimited", "00000010", "core", false],
  ])("judges %s", (_, soft, filter, pattern, holdsMemory) => {
    files.set("/proc/77/limits", limits(soft));
    files.set("/proc/77/coredump_filter", `${filter}\n`);
    files.set("/proc/sys/kernel/core_pattern", `${pattern}\n`);
    expect(readCoreDump(77)?.holdsMemory).toBe(holdsMemory);
  });

  it("is undefined for a process that is not there", () => {
    files.set("/proc/77/limits", "missing");
    expect(readCoreDump(77)).toBeUndefined();
  });

  it.runIf(canScan)("reads a running process", () => {
    const found = readCoreDump(process.pid);
    expect(found?.limitBytes).toBeGreaterThanOrEqual(0);
    expect(Number.isInteger(found?.filter)).toBe(true);
  });
});

describe("readNodeOptions", () => {
  it.each<[string, NodeJS.ProcessEnv, readonly string[], readonly string[]]>([
    ["nothing", {}, [], []],
    ["harmless flags", { NODE_OPTIONS: "--max-old-space-size=512 --no-warnings" }, [], []],
    ["the debugger", { NODE_OPTIONS: "--inspect-brk=0.0.0.0" }, [], ["inspect"]],
    ["other code", { NODE_OPTIONS: "-r ./a.js --import=./b.js" }, [], ["require", "import"]],
    ["reports and profiles", { NODE_OPTIONS: "--report-on-signal --cpu-prof" }, [], ["report", "cpu-prof"]],
    ["coverage", { NODE_V8_COVERAGE: "/tmp/x" }, ["NODE_V8_COVERAGE"], []],
    ["an empty variable", { NODE_DEBUG: "" }, [], []],
  ])("finds %s", (_, environment, variables, flags) => {
    expect(readNodeOptions(environment)).toEqual({ variables, flags });
  });
});

describe(`probeInspector${onLinux}`, () => {
  it.runIf(canScan)("sees the debugger of an unprepared program", async () => {
    const [command, ...parameters] = inspectorControl();
    const source = parameters.indexOf("--eval") + 1;
    parameters[source] = `process.stdout.write("ready\\n"); ${parameters[source]}`;
    expect(await probeInspector(await startReady([command, ...parameters]))).toBe(1);
  });

  it.runIf(canScan)("sees none in a program that listens to the signal itself", async () => {
    const pid = await startReady(
      program("process.on('SIGUSR1', () => {}); process.stdin.resume(); process.stdout.write('ready\\n');"),
    );
    expect(await probeInspector(pid)).toBe(0);
  });

  it.runIf(canScan)("counts the ports that were open before", async () => {
    const pid = await startReady(
      program("require('node:net').createServer().listen(0, '127.0.0.1', () => process.stdout.write('ready\\n'));"),
    );
    expect(countListeners(pid)).toBe(1);
  });

  it.runIf(canScan)("is undefined for a program that the signal ends", async () => {
    const pid = await startReady(["sh", "-c", "echo ready; exec sleep 60"]);
    expect(await probeInspector(pid)).toBeUndefined();
  });
});
