import { NodeTransport } from "nats/lib/src/node_transport.js";
import { describe, expect, it } from "vitest";
import { createTransport } from "../../src/nats/transport.js";

/** `SSL_OP_CLEANSE_PLAINTEXT` of OpenSSL's ssl.h, which Node.js does not name. */
const CLEANSE_PLAINTEXT = 2;

describe("createTransport", () => {
  it("has OpenSSL wipe what it has passed on, whatever else is asked of TLS", async () => {
    const transport = createTransport();
    if (!(transport instanceof NodeTransport)) throw new Error("another transport");
    transport.options = { tls: { caFile: "/nowhere" } };
    // There is no connection; what counts is what would be asked of it.
    await transport.startTLS().catch(() => {});
    expect(transport.options.tls).toEqual({ caFile: "/nowhere", secureOptions: CLEANSE_PLAINTEXT });
  });
});
