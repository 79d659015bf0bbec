import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, describe, expect, it } from "vitest";
import { descendantsOf } from "../../src/audit/process-memory.js";
import { createTriage } from "../../src/index.js";
import { BASE_PACK, FIXTURES, MAIN } from "../cli/command.js";

const TEXT = "I have pills here and I want to die tonight";
const ISOLATION = join(FIXTURES, "isolation");
const folder = mkdtempSync(join(tmpdir(), "earshot-isolated-server-"));
const socketPath = join(folder, "socket");
let child: ChildProcess | undefined;

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  for (const pid of descendantsOf(child.pid as number).toReversed()) process.kill(pid, "SIGKILL");
  await once(child, "exit");
});

/** Starts `earshot serve` in a wrapper and waits until it says where it listens; `descriptor` becomes its third one. */
async function serve(wrapper: readonly string[], parameters: readonly string[], descriptor?: number): Promise<number> {
  const [first, ...rest] = [...wrapper, process.execPath, MAIN, "serve", ...parameters];
  child = spawn(first, rest, {
    stdio: ["ignore", "ignore", "pipe", ...(descriptor === undefined ? [] : [descriptor])],
  });
  await once(child.stderr as NonNullable<ChildProcess["stderr"]>, "data");
  // Of a wrapper that starts it anew, the process is the last one below.
  return descendantsOf(child.pid as number).at(-1) as number;
}

/** A listener that this process opens and does not serve itself. */
async function openListener(): Promise<{ port: number; descriptor: number; close: () => void }> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { fd: descriptor } = (listener as unknown as { _handle: { fd: number } })._handle;
  return { port: (listener.address() as AddressInfo).port, descriptor, close: () => listener.close() };
}

async function assess(where: { port: number; host: string } | { socketPath: string }): Promise<unknown> {
  const asked = request({
    ...where,
    method: "POST",
    path: "/v1/assess",
    headers: { host: "localhost", "content-type": "application/json" },
  });
  asked.end(JSON.stringify({ text: TEXT }));
  const [answer] = await once(asked, "response");
  return JSON.parse(Buffer.concat(await answer.toArray()).toString());
}

const triage = await createTriage();
const expected = JSON.parse(JSON.stringify(await triage.assess(TEXT)));
await triage.close();

/** Network interfaces that a process sees. */
function interfacesOf(pid: number): readonly string[] {
  const lines = readFileSync(`/proc/${pid}/net/dev`, "utf8").trim().split("\n").slice(2);
  return lines.map((line) => line.trim().split(":")[0]);
}
const namespaceOf = (pid: number | "self"): string => readlinkSync(`/proc/${pid}/ns/net`);

for (const script of ["unshare.sh", "bubblewrap.sh"]) {
  const wrapper = [join(ISOLATION, script)];
  const isAllowed =
    process.platform === "linux" && spawnSync(wrapper[0], ["true"]).status === 0 && existsSync(BASE_PACK);
  const here = isAllowed ? "" : " (this machine does not allow it)";

  describe(`earshot serve in ${script}${here}`, () => {
    it.runIf(isAllowed)("answers on a listener that it was given, in a network of its own", async () => {
      const { port, descriptor, close } = await openListener();
      const starting = serve(wrapper, ["--fd", "3"], descriptor);
      close();
      const pid = await starting;
      expect(await assess({ port, host: "127.0.0.1" })).toEqual(expected);
      expect(namespaceOf(pid)).not.toBe(namespaceOf("self"));
      expect(interfacesOf(pid)).toEqual(["lo"]);
      process.kill(pid, "SIGTERM");
      const [code] = await once(child as ChildProcess, "exit");
      expect(code).toBe(0);
    });
  });
}

const unshare = join(ISOLATION, "unshare.sh");
const canUnshare = process.platform === "linux" && spawnSync(unshare, ["true"]).status === 0 && existsSync(BASE_PACK);

describe(`earshot serve without network${canUnshare ? "" : " (this machine does not allow it)"}`, () => {
  it.runIf(canUnshare)("answers on a socket in the file system", async () => {
    const pid = await serve([unshare], ["--socket", socketPath]);
    expect(namespaceOf(pid)).not.toBe(namespaceOf("self"));
    expect(await assess({ socketPath })).toEqual(expected);
    process.kill(pid, "SIGTERM");
    await once(child as ChildProcess, "exit");
    expect(existsSync(socketPath)).toBe(false);
  });

  it.runIf(canUnshare)("takes what systemd hands over", async () => {
    const { port, descriptor, close } = await openListener();
    // The shell is the process that the variables name, and becomes the server.
    const handOver = ["sh", "-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "sh"];
    const starting = serve(handOver, [], descriptor);
    close();
    await starting;
    expect(await assess({ port, host: "127.0.0.1" })).toEqual(expected);
  });
});

const canVerify = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe(`units for systemd${canVerify ? "" : " (systemd-analyze is not here)"}`, () => {
  it("leave the service no way out but local sockets", () => {
    const unit = readFileSync(join(ISOLATION, "earshot-serve.service"), "utf8");
    for (const line of [
      "PrivateNetwork=yes",
      "RestrictAddressFamilies=AF_UNIX",
      "ProtectSystem=strict",
      "CoredumpFilter=0",
    ])
      expect(unit.split("\n")).toContain(line);
  });

  it.runIf(canVerify).each(readdirSync(ISOLATION).filter((name) => /\.(service|socket)$/.test(name)))(
    "%s is understood",
    (name) => {
      const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", join(ISOLATION, name)], {
        encoding: "utf8",
      });
      // The paths to adjust do not exist here.
      const complaints = stderr
        .split("\n")
        .filter((line) => line.includes(ISOLATION) && !/is not executable|No such file/.test(line));
      expect(complaints).toEqual([]);
    },
  );
});
