import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { readCoreDump } from "../../src/audit/settings.js";
import { askAt, until } from "../server/support.js";
import { MAIN, run, start } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-serve-"));
const TOKEN = "t0ken-of-at-least-32-characters!!";
const children: ChildProcess[] = [];
const listeners: Server[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const listener of listeners.splice(0)) listener.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Serving {
  readonly child: ChildProcess;
  readonly address: string;
  readonly port: number;
  /** All that was written. */
  output(): string;
}

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

async function serving(child: ChildProcess): Promise<Serving> {
  children.push(child);
  const chunks: Buffer[] = [];
  const output = (): string => Buffer.concat(chunks).toString();
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (bytes: Buffer) => chunks.push(bytes));
  await until(() => output().includes("\n") || child.exitCode !== null, 20_000);
  const address = output().trim();
  return { child, address, port: Number(/:(\d+)$/.exec(address)?.[1]), output };
}

const serve = (...parameters: string[]): Promise<Serving> =>
  serving(start(["serve", "--port", "0", "--workers", "1", ...parameters]));

const ask = ({ port }: Serving, method: string, path: string, headers = {}, body?: string) =>
  askAt({ host: "127.0.0.1", port }, method, path, headers, body);
const JSON_TYPE = { "content-type": "application/json" };

async function end({ child }: Serving, signal: NodeJS.Signals): Promise<[number | null, NodeJS.Signals | null]> {
  const ended = once(child, "exit");
  child.kill(signal);
  return (await ended) as [number | null, NodeJS.Signals | null];
}

describe("earshot serve", () => {
  it("says its address and nothing else, answers, and ends in order at a signal", async () => {
    const service = await serve("--country", "KE");
    expect(service.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const text = "I took all the pills and I am getting sleepy, please help";
    const { status, json } = await ask(service, "POST", "/v1/assess", JSON_TYPE, JSON.stringify({ text, id: "1" }));
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: "1", urgency: "immediate" });
    expect(json.referrals[0].country).toBe("KE");
    await ask(service, "POST", "/v1/assess", JSON_TYPE, "{");
    await ask(service, "GET", "/nowhere");
    expect(await end(service, "SIGTERM")).toEqual([0, null]);
    expect(service.output()).toBe(`${service.address}\n`);
  });

  it("asks the workers where the first stage is in doubt", async () => {
    const service = await serve();
    const lines = Array.from({ length: 40 }, (_, id) =>
      JSON.stringify({ id: String(id), text: `${"it is all too much and nobody sees it ".repeat((id % 5) + 1)}${id}` }),
    );
    const { text } = await ask(
      service,
      "POST",
      "/v1/assess",
      { "content-type": "application/x-ndjson" },
      lines.join("\n"),
    );
    const answers = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers.map(({ id }) => id)).toEqual(lines.map((_, id) => String(id)));
    for (const { review } of answers) expect(review).not.toContain("SECOND_LOOK_SKIPPED");
    expect(await end(service, "SIGINT")).toEqual([0, null]);
  });

  it.runIf(process.platform === "linux")("closes the ways out of its memory", async () => {
    const service = await serve();
    expect(readCoreDump(service.child.pid as number)).toMatchObject({ holdsMemory: false });
    service.child.kill("SIGUSR1");
    await delay(100);
    expect(await ask(service, "GET", "/healthz")).toMatchObject({ status: 200 });
    expect(service.output()).toBe(`${service.address}\n`);
  });

  it("asks for the token of a file", async () => {
    const service = await serve("--token-file", file("token", `${TOKEN}\n`));
    expect(await ask(service, "GET", "/v1/directory")).toMatchObject({ status: 401 });
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect(await ask(service, "GET", "/v1/directory", headers)).toMatchObject({ status: 200 });
  });

  it("goes on with conversations of another process with the same key", async () => {
    const key = file("key", `${Buffer.alloc(32, 5).toString("base64")}\n`);
    const turn = { text: "hello there", speaker: "person" };
    const path = "/v1/conversations/assess";
    const first = await serve("--state-key-file", key);
    const { json } = await ask(first, "POST", path, JSON_TYPE, JSON.stringify(turn));
    const second = await serve("--state-key-file", key);
    const body = JSON.stringify({ ...turn, state: json.state });
    expect((await ask(second, "POST", path, JSON_TYPE, body)).json.assessment.trend.turns).toBe(2);
    const third = await serve();
    expect(await ask(third, "POST", path, JSON_TYPE, body)).toMatchObject({ status: 409 });
  });

  it.skipIf(process.platform === "win32")("listens on a unix socket for its owner alone, and removes it", async () => {
    const socketPath = join(folder, "e.sock");
    const service = await serving(start(["serve", "--workers", "1", "--socket", socketPath]));
    expect(service.address).toBe(`unix:${socketPath}`);
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(await askAt({ socketPath }, "GET", "/readyz")).toMatchObject({ status: 200 });
    expect(await end(service, "SIGTERM")).toEqual([0, null]);
    expect(() => statSync(socketPath)).toThrow();
  });

  const inherit = async (host: string): Promise<{ descriptor: number; port: number }> => {
    const listener = createServer().listen(0, host);
    listeners.push(listener);
    await once(listener, "listening");
    const { fd } = (listener as unknown as { _handle: { fd: number } })._handle;
    return { descriptor: fd, port: (listener.address() as { port: number }).port };
  };

  it.skipIf(process.platform === "win32")("serves an inherited listener", async () => {
    const { descriptor, port } = await inherit("127.0.0.1");
    const child = start(["serve", "--workers", "1", "--fd", "3"], { stdio: ["ignore", "pipe", "pipe", descriptor] });
    const service = await serving(child);
    expect(service.address).toBe(`http://127.0.0.1:${port}`);
    for (const listener of listeners.splice(0)) listener.close();
    expect(await ask(service, "GET", "/readyz")).toMatchObject({ status: 200 });
  });

  it.runIf(process.platform === "linux")("finds a listener of systemd by itself, but not somebody else's", async () => {
    const { descriptor, port } = await inherit("127.0.0.1");
    // The number of a process is known only in it: sh becomes the command and keeps its own.
    const begin = (pid: string): ChildProcess =>
      spawn(
        "sh",
        [
          "-c",
          `LISTEN_FDS=1 LISTEN_PID=${pid} exec "$0" "$@"`,
          process.execPath,
          MAIN,
          "serve",
          "--port",
          "0",
          "--workers",
          "1",
        ],
        {
          stdio: ["ignore", "pipe", "pipe", descriptor],
        },
      );
    expect((await serving(begin("$$"))).port).toBe(port);
    expect((await serving(begin("1"))).port).not.toBe(port);
  });

  it.skipIf(process.platform === "win32")("does not serve an inherited listener that others can reach", async () => {
    const { descriptor } = await inherit("0.0.0.0");
    const child = start(["serve", "--workers", "1", "--fd", "3"], { stdio: ["ignore", "pipe", "pipe", descriptor] });
    const service = await serving(child);
    await until(() => child.exitCode !== null);
    expect(child.exitCode).toBe(2);
    expect(service.output()).toContain("ADDRESS_NOT_LOCAL");
  });

  it.each([
    [["--host", "0.0.0.0"], 2, "ADDRESS_NOT_LOCAL"],
    [["--host", "0.0.0.0", "--allow-remote"], 2, "ADDRESS_NOT_LOCAL"],
    [["--host", "0.0.0.0", "--token-file", "token"], 2, "ADDRESS_NOT_LOCAL"],
    [["--token-file", "short"], 2, "TOKEN_INVALID"],
    [["--token-file", "none"], 2, "FILE_NOT_READABLE"],
    [["--state-key-file", "short"], 2, "KEY_INVALID"],
    [["--pack", "none"], 2, "PACK_NOT_FOUND"],
    [["--policy", "short"], 2, "POLICY_INVALID"],
    [["--country", "Kenya"], 2, "COUNTRY_UNKNOWN"],
  ])("%j: exit code %i, %s", async (parameters, exitCode, code) => {
    file("token", TOKEN);
    file("short", "c2hvcnQ=");
    const paths = parameters.map((parameter, index) =>
      /-file$|^--(pack|policy)$/.test(parameters[index - 1] ?? "") ? join(folder, parameter) : parameter,
    );
    const finished = await run(["serve", "--port", "0", "--workers", "1", ...paths]);
    expect(finished.exitCode).toBe(exitCode);
    expect(JSON.parse(finished.stderr).error).toBe(code);
  });

  it("lets other machines in with a token and the leave to", async () => {
    const service = await serve("--host", "0.0.0.0", "--allow-remote", "--token-file", file("token", TOKEN));
    expect(service.address).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  });

  it.each([
    ["--port", "x"],
    ["--port", "65536"],
    ["--fd", "2"],
    ["--workers", "0"],
    ["--socket", "a", "--host", "b"],
    ["--fd", "3", "--socket", "a"],
  ])("%s %s is wrong use", async (...parameters) => {
    expect((await run(["serve", ...parameters])).exitCode).toBe(2);
  });
});

describe("the end of earshot serve", () => {
  const half = async (service: Serving): Promise<import("node:net").Socket> => {
    const socket = connect(service.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(
      "POST /v1/assess HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhel",
    );
    await until(async () => /http_server_active_requests 2$/m.test((await ask(service, "GET", "/metrics")).text));
    return socket;
  };

  it("waits for what is in flight", async () => {
    const service = await serve();
    const socket = await half(service);
    const ended = end(service, "SIGTERM");
    await delay(200);
    expect(service.child.exitCode).toBeNull();
    const answer = once(socket, "data");
    socket.write("lo");
    expect(String(await answer)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ended).toEqual([0, null]);
  });

  it("waits no longer than it may", async () => {
    const service = await serve("--drain-seconds", "1");
    await half(service);
    const began = Date.now();
    expect(await end(service, "SIGTERM")).toEqual([0, null]);
    expect(Date.now() - began).toBeGreaterThan(900);
    expect(Date.now() - began).toBeLessThan(8_000);
  });

  it("comes at once with a second signal", async () => {
    const service = await serve("--drain-seconds", "60");
    await half(service);
    service.child.kill("SIGTERM");
    await delay(200);
    expect(service.child.exitCode).toBeNull();
    expect(await end(service, "SIGTERM")).toEqual([null, "SIGTERM"]);
  });
});
