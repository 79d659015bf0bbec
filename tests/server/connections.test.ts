import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createConnections } from "../../src/server/connections.js";
import { LIMITS } from "../../src/server/limits.js";
import { readToEnd } from "./support.js";

describe("createConnections", () => {
  it.each([
    ["no HTTP", "something else\r\n\r\n"],
    ["headers that are too long", `GET / HTTP/1.1\r\nX: ${"secret".repeat(4_000)}\r\n\r\n`],
    ["a broken chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nsecret\r\n"],
  ])("wipes the copy that Node.js makes of %s, and counts it once", async (_, sent) => {
    const http = createServer((incoming) => incoming.resume());
    const codes: string[] = [];
    let scrubs = 0;
    const connections = createConnections(
      http,
      LIMITS,
      () => {
        scrubs += 1;
      },
      (code) => codes.push(code),
    );
    const packets: Uint8Array[] = [];
    http.on("clientError", ({ rawPacket }: { rawPacket?: Uint8Array }) => packets.push(rawPacket as Uint8Array));
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const socket = connect((http.address() as AddressInfo).port, "127.0.0.1");
    socket.write(sent);
    expect(await readToEnd(socket)).toMatch(/^HTTP\/1\.1 400 .*"REQUEST_INVALID"/s);
    expect(packets.length).toBeGreaterThan(0);
    for (const packet of packets) expect(packet.every((byte) => byte === 0)).toBe(true);
    expect(codes).toEqual(["REQUEST_INVALID"]);
    expect(scrubs).toBeGreaterThan(0);
    await connections.close(0);
  });
});
