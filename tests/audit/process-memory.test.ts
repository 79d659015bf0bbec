import { closeSync, openSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  descendantsOf,
  readMappings,
  readPageBytes,
  residentRanges,
  whileStopped,
} from "../../src/audit/process-memory.js";
import { canScan, program, startReady } from "./child-programs.js";

const READY = "process.stdin.resume(); process.stdout.write('ready\\n');";
const onLinux = canScan ? "" : " (needs Linux with /proc/<pid>/pagemap)";

describe(`process memory${onLinux}`, () => {
  it.runIf(canScan)("knows the size of a page", () => {
    expect([4096, 16_384, 65_536]).toContain(readPageBytes());
  });

  it.runIf(canScan)("reads mappings in order, with heap and stack, without what only the kernel fills", () => {
    const mappings = readMappings(process.pid);
    const areas = new Set(mappings.map(({ area }) => area));
    for (const area of ["stack", "anonymous", "file"]) expect(areas).toContain(area);
    for (const { start, end } of mappings) expect(end).toBeGreaterThan(start);
    expect(mappings.every(({ end }) => end < 2 ** 53)).toBe(true);
  });

  it.runIf(canScan)("yields as many resident bytes as the kernel counts, and no more", async () => {
    const pid = await startReady(program(READY));
    const pageBytes = readPageBytes();
    const pagemap = openSync(`/proc/${pid}/pagemap`, "r");
    let bytes = 0;
    for (const mapping of readMappings(pid)) {
      for (const { start, end } of residentRanges(pagemap, mapping, pageBytes)) {
        expect(start).toBeGreaterThanOrEqual(mapping.start);
        expect(end).toBeLessThanOrEqual(mapping.end);
        bytes += end - start;
      }
    }
    closeSync(pagemap);
    const counted = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) * 1024;
    expect(bytes / counted).toBeGreaterThan(0.9);
    expect(bytes / counted).toBeLessThan(1.1);
  });

  it.runIf(canScan)("finds the processes below", async () => {
    const pid = await startReady(
      program("require('node:child_process').spawn('cat', { stdio: ['pipe', 'inherit', 'inherit'] }); console.log(1);"),
    );
    expect(descendantsOf(pid)).toHaveLength(2);
    expect(descendantsOf(process.pid)).toContain(pid);
  });

  it.runIf(canScan)("stops every thread during the action only, also when the action fails", async () => {
    const pid = await startReady(program(READY));
    const state = (): string => /State:\s+(\w)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? "";
    expect(whileStopped(pid, state)).toBe("T");
    expect(() =>
      whileStopped(pid, () => {
        throw new Error("action");
      }),
    ).toThrow("action");
    await expect.poll(state).not.toBe("T");
  });
});
