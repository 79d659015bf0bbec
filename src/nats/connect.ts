import { setTimeout as delay } from "node:timers/promises";
import type { ConnectionOptions, NatsConnection } from "nats";
import { NatsConnectionImpl, setTransportFactory, type Transport } from "nats/lib/nats-base-client/internal_mod.js";
import { EarshotError } from "../errors.js";
import { createScrub } from "./scrub.js";
import { createTransport } from "./transport.js";

/** What the server knows this program by, and how the server is known. */
export interface BrokerOptions {
  /** One or more addresses, as in `nats://127.0.0.1:4222`. No other is ever connected to. */
  readonly servers: readonly string[];
  readonly authenticator?: NonNullable<ConnectionOptions["authenticator"]>;
  /** Present if the connection has to be encrypted. Contents of PEM files, not their names. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** A connection of which nothing stays in memory. */
export interface Broker {
  readonly connection: NatsConnection;
  /** To be called when a message has come: has what TLS keeps of it overwritten within a round trip to the server. */
  wipe(): void;
}

const FIRST_WIPE_MS = 3_000;
// The client would notice a server that has gone without a word only after six minutes.
const PING_EVERY_MS = 20_000;

/**
 * Connects, and from then on again whenever the connection is lost. For programs of their own: the client has one kind of
 * transport for all its connections in a process, and this one wipes messages as soon as their handlers return.
 *
 * Over TCP nothing of a message stays. Over TLS one buffer of Node.js does, which only the next message overwrites; so
 * after every message this program sends zeros to itself.
 *
 * @throws EarshotError `BROKER_UNREACHABLE`; `BROKER_REFUSED` when over TLS a message to itself does not come back
 */
export async function connectBroker({ servers, authenticator, tls }: BrokerOptions): Promise<Broker> {
  let transport: Transport | undefined;
  setTransportFactory({
    factory: () => {
      transport = createTransport();
      return transport;
    },
  });
  const connection = await NatsConnectionImpl.connect({
    name: "earshot",
    servers: [...servers],
    ...(authenticator !== undefined && { authenticator }),
    ...(tls !== undefined && { tls }),
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    ignoreClusterUpdates: true,
    pingInterval: PING_EVERY_MS,
    // Names are looked up as everywhere on this machine, /etc/hosts included.
    resolve: false,
  }).catch(() => {
    throw new EarshotError("BROKER_UNREACHABLE");
  });
  const scrub = createScrub(connection);
  const wipe = (): void => {
    if (transport?.isEncrypted()) scrub.request();
  };
  if (transport?.isEncrypted()) {
    scrub.request();
    const tooLate = delay(FIRST_WIPE_MS, "too late", { ref: false });
    if ((await Promise.race([scrub.worked, tooLate])) === "too late") {
      await connection.close();
      throw new EarshotError("BROKER_REFUSED");
    }
  }
  return { connection, wipe };
}
