import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { startSession } from "../src/audit/child-session.js";
import { createPatternIndex } from "../src/audit/pattern-index.js";
import { probeInspector, readCoreDump } from "../src/audit/settings.js";
import { ERROR_MESSAGES } from "../src/errors.js";

const situation = vi.hoisted(() => ({ refusesWrites: false, inWorker: false }));
vi.mock("node:fs", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:fs")>();
  const writeFileSync: typeof original.writeFileSync = (...parameters) => {
    if (situation.refusesWrites) throw new Error("refused");
    original.writeFileSync(...parameters);
  };
  return { ...original, writeFileSync };
});
vi.mock("node:worker_threads", async (importOriginal) => ({
  ...(await importOriginal<typeof import("node:worker_threads")>()),
  get isMainThread() {
    return !situation.inWorker;
  },
}));
const { harden } = await import("../src/harden.js");

const isLinux = process.platform === "linux";
const onLinux = isLinux ? "" : " (needs Linux)";
const CANARY = "zq7vTkp2mWx9 bR4nYc8sLd1f";
const folder = mkdtempSync(join(tmpdir(), "earshot-harden-"));
const sources = new URL("../src/", import.meta.url).href;

afterAll(() => rmSync(folder, { recursive: true }));

/** A program that may call `harden`, run from the source. */
function program(body: string, flags: readonly string[] = []): readonly string[] {
  const prelude = `import { harden } from "${sources}harden.ts"; import { EarshotError } from "${sources}errors.ts";`;
  const tsx = import.meta.resolve("tsx");
  return [process.execPath, ...flags, "--import", tsx, "--input-type=module", "--eval", `${prelude}\n${body}`];
}

function runProgram(body: string, flags: readonly string[] = []) {
  const [command, ...parameters] = program(body, flags);
  return spawnSync(command, parameters, { encoding: "utf8", cwd: folder });
}

const ANSWER = `process.stdin.on("data", () => process.stdout.write("{}\\n")).on("end", () => process.exit());`;

async function whileRunning<Result>(body: string, look: (pid: number) => Result | Promise<Result>): Promise<Result> {
  const index = createPatternIndex([]);
  const command = program(body, ["--inspect-port=0"]);
  const session = await startSession({ command, index, replyTimeoutMs: 20_000 });
  if (session === undefined || !(await session.send([Buffer.from("\n")]))) throw new Error("no answer");
  try {
    return await look(session.pid);
  } finally {
    await session.close();
  }
}

describe("harden", () => {
  it("says what it did, and does it once", () => {
    const expected = {
      coreDump: isLinux ? "DONE" : "NOT_AVAILABLE",
      inspector: "DONE",
      diagnosticReport: "DONE",
      uncaught: "NOT_ASKED",
    };
    const body = `
      const reports = [harden(), harden({ ownsProcess: true }), harden({ ownsProcess: true })];
      const listeners = ["SIGUSR1", "uncaughtException", "unhandledRejection"].map((name) => process.listenerCount(name));
      process.stdout.write(JSON.stringify({ reports, listeners, title: process.title }));`;
    const { reports, listeners } = JSON.parse(runProgram(body).stdout);
    expect(reports).toEqual([expected, { ...expected, uncaught: "DONE" }, { ...expected, uncaught: "DONE" }]);
    expect(listeners).toEqual([1, 1, 1]);
  });

  it.each([
    ["another system", "darwin", false, "NOT_AVAILABLE"],
    ["a refused write", "linux", true, "FAILED"],
  ])("says so on %s", (_, platform, refusesWrites, coreDump) => {
    const system = vi.spyOn(process, "platform", "get").mockReturnValue(platform as NodeJS.Platform);
    situation.refusesWrites = refusesWrites;
    const report = harden();
    situation.refusesWrites = false;
    system.mockRestore();
    expect(report.coreDump).toBe(coreDump);
  });

  it("says what a worker cannot do", () => {
    situation.inWorker = true;
    // The filter of core dumps would be inherited by the programs below.
    situation.refusesWrites = true;
    const report = harden({ ownsProcess: true });
    situation.inWorker = false;
    situation.refusesWrites = false;
    expect(report).toMatchObject({ inspector: "NOT_MAIN_THREAD", uncaught: "NOT_MAIN_THREAD" });
  });

  it("notices a debugger that is open already", () => {
    const body = "process.stdout.write(harden().inspector);";
    expect(runProgram(body, ["--inspect=0"]).stdout).toBe("ALREADY_OPEN");
  });

  it.runIf(isLinux).each([
    ["opens no debugger and dumps no memory", "harden();", 0, false],
    ["would do both without it", "", 1, true],
  ])(`%s${onLinux}`, async (_, call, ports, dumps) => {
    const found = await whileRunning(`${call} ${ANSWER}`, async (pid) => ({
      filter: (readCoreDump(pid)?.filter ?? 0) !== 0,
      ports: await probeInspector(pid),
    }));
    expect(found).toEqual({ filter: dumps, ports });
  });

  it.runIf(isLinux)(`leaves nothing of the text in a real core dump${onLinux}`, (context) => {
    const dumpOf = (call: string): Buffer | undefined => {
      // The text reaches the program with every bit turned over, so that the program's own source does not hold it.
      const hidden = Buffer.from(Buffer.from(CANARY).map((byte) => byte ^ 0xff)).toString("hex");
      const body = `${call}
        globalThis.kept = Buffer.from("${hidden}", "hex").map((byte) => byte ^ 0xff);
        process.abort();`;
      const place = mkdtempSync(join(folder, "core-"));
      const shell = ["-c", 'ulimit -c unlimited && exec "$@"', "sh", ...program(body)];
      spawnSync("sh", shell, { cwd: place, stdio: "ignore" });
      const [name] = readdirSync(place);
      const dump = name === undefined ? undefined : readFileSync(join(place, name));
      rmSync(place, { recursive: true });
      return dump;
    };
    const control = dumpOf("");
    // Where dumps go to a program or are forbidden, there is no file to look into.
    if (control === undefined) return context.skip();
    expect(control.includes(CANARY)).toBe(true);
    const dump = dumpOf("harden();");
    expect(dump?.length).toBeGreaterThan(0);
    expect(dump?.includes(CANARY)).toBe(false);
  });

  it.each([
    ["an error", `throw new Error("${CANARY}");`],
    ["a string", `throw "${CANARY}";`],
    ["a rejection", `Promise.reject(new Error("${CANARY}"));`],
    ["a parser that quotes its input", `setTimeout(() => JSON.parse('{"text": ${CANARY}'), 1);`],
    ["a failed assertion", `import assert from "node:assert"; setTimeout(() => assert.equal("${CANARY}", ""), 1);`],
  ])("ends on %s without quoting it", (_, failure) => {
    const { status, stdout, stderr } = runProgram(`harden({ ownsProcess: true }); ${failure}`);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(`${JSON.stringify({ error: "INTERNAL", message: ERROR_MESSAGES.INTERNAL })}\n`);
    expect(runProgram(`harden(); ${failure}`).stderr).toContain(CANARY.slice(0, 8));
  });

  it.each([
    ["no diagnostic report", "harden();", 0],
    ["one without it", "", 1],
  ])("leaves %s", (_, call, expected) => {
    const place = mkdtempSync(join(folder, "report-"));
    const flags = ["--report-uncaught-exception", "--report-on-fatalerror", `--report-directory=${place}`];
    expect(runProgram(`${call} throw new Error();`, flags).status).not.toBe(0);
    expect(readdirSync(place)).toHaveLength(expected);
  });

  it("names the code of an error of its own", () => {
    const { stderr } = runProgram(`harden({ ownsProcess: true }); throw new EarshotError("CLOSED", { line: 3 });`);
    expect(JSON.parse(stderr)).toEqual({ error: "CLOSED", message: ERROR_MESSAGES.CLOSED });
  });
});
