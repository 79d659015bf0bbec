import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { residueControl } from "../../src/audit/controls.js";
import { AUDIT_PROMISES, type AuditCheck, type AuditReport, type AuditStatus } from "../../src/audit/report.js";
import { type AuditOptions, runAudit } from "../../src/audit/run-audit.js";
import { canScan, canTrace, program, WIPING } from "./child-programs.js";

const isComplete = canScan && canTrace;
const onLinux = isComplete ? "" : " (needs Linux with /proc/<pid>/pagemap and strace)";

function audit(options: Partial<AuditOptions> & Pick<AuditOptions, "command">): Promise<AuditReport> {
  return runAudit({
    format: "json-lines",
    scripts: ["latin"],
    sizes: [311],
    egressSeconds: 4,
    replyTimeoutMs: 5000,
    settleMs: 20,
    runtimeFolder: tmpdir(),
    ...options,
  });
}

function statuses(report: AuditReport): Partial<Record<AuditCheck, AuditStatus>> {
  return Object.fromEntries(report.lines.map(({ id, status }) => [id, status]));
}

describe(`runAudit${onLinux}`, () => {
  it.runIf(isComplete)("passes a program that reads bytes, answers and wipes", async () => {
    // Of its own, because other tests make temporary folders at the same time.
    const temporary = mkdtempSync(join(tmpdir(), "earshot-run-audit-"));
    vi.stubEnv("TMPDIR", temporary);
    const steps: number[] = [];
    const comparison = residueControl("json-lines");
    const report = await audit({ command: WIPING, comparison, onProgress: (done, total) => steps.push(done / total) });
    expect(statuses(report)).toMatchObject({
      residue: "PASS",
      output: "PASS",
      network: "PASS",
      files: "PASS",
      writes: "PASS",
      core_dump: "PASS",
      inspector: "PASS",
      model_runtime: "PASS",
    });
    expect(report.lines.map(({ id }) => id)).toEqual(Object.keys(AUDIT_PROMISES).filter((id) => id !== "pack"));
    expect(report.lines.filter(({ control }) => control?.caught === true)).toHaveLength(6);
    expect(report.lines[0].comparison).toMatch(/before=0 answered=[1-9]/);
    expect(steps).toEqual([...steps].sort((left, right) => left - right));
    expect(steps.at(-1)).toBe(1);
    expect(readdirSync(temporary)).toEqual([]);
    vi.unstubAllEnvs();
    rmSync(temporary, { recursive: true });
  });

  it.runIf(isComplete)("fails a program that keeps, repeats, sends and writes", async () => {
    const leaking = `
      const said = [];
      require("node:fs").writeFileSync(process.argv[1], "");
      require("node:dgram").createSocket("udp4").send("x", 9, "127.0.0.1");
      let rest = "";
      process.stdin.setEncoding("utf8").on("data", (chunk) => {
        const lines = (rest + chunk).split("\\n");
        rest = lines.pop();
        for (const line of lines) { said.push(line); process.stdout.write(line + "\\n"); }
      }).on("end", () => process.exit());`;
    const folder = mkdtempSync(join(tmpdir(), "earshot-test-"));
    const report = await audit({ command: program(leaking, join(folder, "written")) });
    rmSync(folder, { recursive: true });
    expect(report.status).toBe("FAIL");
    expect(statuses(report)).toMatchObject({
      residue: "FAIL",
      output: "FAIL",
      network: "FAIL",
      files: "FAIL",
      writes: "FAIL",
      inspector: "FAIL",
    });
  });

  it("verifies nothing of a program that does not exist", async () => {
    const found = statuses(await audit({ command: ["/nonexistent/program"], egressSeconds: 0.1 }));
    expect([found.residue, found.output, found.network, found.files, found.writes]).toEqual(
      Array.from({ length: 5 }, () => "NOT_VERIFIED"),
    );
  });

  it.each([{ command: [] }, { command: WIPING, scripts: [] }, { command: WIPING, sizes: [0] }])(
    "refuses impossible options",
    async (options) => {
      await expect(audit(options)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    },
  );
});
