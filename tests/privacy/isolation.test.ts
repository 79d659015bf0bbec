import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { program } from "../audit/child-programs.js";
import { BASE_PACK, FIXTURES, MAIN } from "../cli/command.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-isolation-"));
const listener = createServer().listen(0, "127.0.0.1");
await once(listener, "listening");
const { port } = listener.address() as AddressInfo;

afterAll(() => {
  rmSync(folder, { recursive: true });
  listener.close();
});

const INPUT = readFileSync(join(FIXTURES, "inbox.jsonl"));

/** Tries to connect to this test, to write a file, and to close its core dumps. */
const PROBE = program(
  `
  const { writeFileSync } = require("node:fs");
  const attempt = (path, content) => { try { writeFileSync(path, content); return "written"; } catch ({ code }) { return code; } };
  const found = { file: attempt(process.argv[1], "x"), coreDumps: attempt("/proc/self/coredump_filter", "0") };
  const tell = (network) => { process.stdout.write(JSON.stringify({ ...found, network })); process.exit(); };
  require("node:net").connect(process.argv[2], "127.0.0.1", () => tell("connected")).on("error", ({ code }) => tell(code));`,
  join(folder, "probe"),
  String(port),
);

function run(wrapper: readonly string[], command: readonly string[], input: Uint8Array = Buffer.of()) {
  const [first, ...rest] = [...wrapper, ...command];
  return spawnSync(first, rest, { input, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
}

const RECIPES = [
  ["unshare.sh", { network: "ENETUNREACH", file: "written", coreDumps: "written" }],
  // It has a loopback interface, but one of its own, on which nobody listens.
  ["bubblewrap.sh", { network: "ECONNREFUSED", file: "EROFS", coreDumps: "written" }],
] as const;

describe("isolation", () => {
  it("is needed: without it the probe reaches the network stack and writes", () => {
    expect(JSON.parse(run([], PROBE).stdout)).toEqual({
      network: "connected",
      file: "written",
      coreDumps: "written",
    });
  });

  for (const [script, expected] of RECIPES) {
    const wrapper = [join(FIXTURES, "isolation", script)];
    const isAllowed = process.platform === "linux" && run(wrapper, ["true"]).status === 0;
    const here = isAllowed ? "" : " (this machine does not allow it)";

    it.runIf(isAllowed)(`${script} shuts the probe in${here}`, () => {
      expect(JSON.parse(run(wrapper, PROBE).stdout)).toEqual(expected);
    });

    it.runIf(isAllowed && existsSync(BASE_PACK))(`${script} changes nothing of what is scored${here}`, () => {
      const command = [process.execPath, MAIN, "score", "-", "--format", "jsonl"];
      const isolated = run(wrapper, command, INPUT);
      expect(isolated.stderr).toBe("");
      expect(isolated.status).toBe(3);
      const levels = (output: string): unknown[] =>
        output
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line))
          .map(({ id, urgency, priority, error }) => ({ id, urgency, priority, error }));
      expect(levels(isolated.stdout)).toEqual(levels(run([], command, INPUT).stdout));
    });
  }
});
