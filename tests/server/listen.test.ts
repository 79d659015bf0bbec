import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createServer as createEarshotServer } from "../../src/server/index.js";
import { isLoopback, type ListenAddress, listenAt } from "../../src/server/listen.js";
import { askAt, startTestServer, triage } from "./support.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-listen-"));
const open: { close(): void }[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function listenTo(address: ListenAddress, mayBeRemote = false): Promise<string> {
  const server = createServer((_, response) => response.end("here"));
  open.push(server);
  return listenAt(server, address, mayBeRemote);
}

describe("isLoopback", () => {
  it.each<[string, boolean]>([
    ["127.0.0.1", true],
    ["127.1.2.3", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["localhost", true],
    ["0.0.0.0", false],
    ["::", false],
    ["192.168.0.1", false],
    ["127.0.0.1.example", false],
    ["localhost.example", false],
    ["", false],
  ])("%s: %s", (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});

describe("listenAt", () => {
  it("takes the loopback address and a free port", async () => {
    expect(await listenTo({ port: 0 })).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it.each(["0.0.0.0", "::", "192.0.2.1", "example.org"])("does not take %s unless it may", async (host) => {
    await expect(listenTo({ host, port: 0 })).rejects.toMatchObject({ code: "ADDRESS_NOT_LOCAL" });
  });

  it("takes any address if it may", async () => {
    expect(await listenTo({ host: "0.0.0.0", port: 0 }, true)).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  });

  it("says when an address is taken", async () => {
    const { port } = new URL(await listenTo({ port: 0 }));
    await expect(listenTo({ port: Number(port) })).rejects.toMatchObject({ code: "ADDRESS_UNUSABLE" });
    await expect(listenTo({ host: "192.0.2.1", port: 0 }, true)).rejects.toMatchObject({ code: "ADDRESS_UNUSABLE" });
  });

  it.skipIf(process.platform === "win32")("listens at a path that only the owner can open", async () => {
    const before = process.umask();
    const socketPath = join(folder, "own.sock");
    expect(await listenTo({ socketPath })).toBe(`unix:${socketPath}`);
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(process.umask()).toBe(before);
    expect(await askAt({ socketPath }, "GET", "/")).toMatchObject({ status: 200, text: "here" });
  });

  it.skipIf(process.platform === "win32")("takes over a socket that nobody listens on, and nothing else", async () => {
    const socketPath = join(folder, "left.sock");
    const gone = createNetServer().listen(socketPath);
    await new Promise((resolve) => gone.once("listening", resolve));
    // As a process that was killed leaves it: the file stays.
    const hidden = join(folder, "hidden.sock");
    const { renameSync } = await import("node:fs");
    renameSync(socketPath, hidden);
    await new Promise((resolve) => gone.close(resolve));
    renameSync(hidden, socketPath);
    expect(await listenTo({ socketPath })).toBe(`unix:${socketPath}`);
    await expect(listenTo({ socketPath })).rejects.toMatchObject({ code: "ADDRESS_UNUSABLE" });
    expect(await askAt({ socketPath }, "GET", "/")).toMatchObject({ text: "here" });
    const file = join(folder, "file");
    writeFileSync(file, "mine");
    await expect(listenTo({ socketPath: file })).rejects.toMatchObject({ code: "ADDRESS_UNUSABLE" });
    expect(statSync(file).size).toBe(4);
    await expect(listenTo({ socketPath: join(folder, "none", "x") })).rejects.toMatchObject({
      code: "ADDRESS_UNUSABLE",
    });
  });
});

describe("the address of a server", () => {
  it.skipIf(process.platform === "win32")("may have any name on a socket that no web page reaches", async () => {
    const server = await createEarshotServer({ triage });
    await server.ready();
    const socketPath = join(folder, "named.sock");
    expect(await server.listen({ socketPath })).toBe(`unix:${socketPath}`);
    for (const host of ["example.org", "x^y", "[", "a:b:c", ""])
      expect(await askAt({ socketPath }, "GET", "/healthz", { host })).toMatchObject({ status: 200 });
    await server.close(0);
  });

  it("is remote only with a token and the leave to be so", async () => {
    const token = "t0ken-of-at-least-32-characters!!";
    const without = await startTestServer();
    await expect(without.server.listen({ host: "0.0.0.0", port: 0 }, true)).rejects.toMatchObject({
      code: "ADDRESS_NOT_LOCAL",
    });
    const withToken = await startTestServer({ token });
    await expect(withToken.server.listen({ host: "0.0.0.0", port: 0 })).rejects.toMatchObject({
      code: "ADDRESS_NOT_LOCAL",
    });
  });
});
