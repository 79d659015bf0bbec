import { writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import {
  credsAuthenticator,
  Events,
  type NatsConnection,
  nkeyAuthenticator,
  usernamePasswordAuthenticator,
} from "nats";
import { type BrokerOptions, connectBroker } from "../nats/connect.js";
import { runWorker } from "../nats/worker.js";
import { createTriagePool } from "../pool.js";
import { nextSignal } from "./next-signal.js";
import { readPolicyFile } from "./policy-file.js";
import { EXIT } from "./score.js";
import { readKeyFile, readSecretFile } from "./secret-file.js";

/** Options of `earshot work`, as the command line gives them. */
export interface WorkCommandOptions {
  readonly server: readonly string[];
  readonly subject: string;
  readonly creds?: string;
  readonly nkey?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly allowPlaintext?: boolean;
  readonly workers?: number;
  readonly maxInFlight: number;
  readonly drainSeconds: number;
  readonly stateKeyFile?: string;
  readonly country?: string;
  readonly policy?: string;
  readonly pack?: string;
  readonly directory?: string;
}

const STANDARD_ERROR = 2;
const ON_THIS_MACHINE = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Answers messages until a signal comes; returns the exit code. */
export async function work(options: WorkCommandOptions): Promise<number> {
  const broker = brokerOptions(options);
  const conversationKey = options.stateKeyFile === undefined ? undefined : readKeyFile(options.stateKeyFile);
  const stopAsked = nextSignal();
  const pool = await createTriagePool({
    maximumWaiting: options.maxInFlight,
    ...(options.workers !== undefined && { workers: options.workers }),
    ...(options.country !== undefined && { country: options.country }),
    ...(options.pack !== undefined && { pack: options.pack }),
    ...(options.policy !== undefined && { policy: readPolicyFile(options.policy) }),
    ...(options.directory !== undefined && {
      directory: (await import("./directory-file.js")).readDirectoryFile(options.directory),
    }),
  });
  try {
    const { connection, wipe } = await connectBroker(broker);
    try {
      const worker = await runWorker(connection, pool, {
        subject: options.subject,
        maximumInFlight: options.maxInFlight,
        ...(conversationKey !== undefined && { conversationKey }),
        onMessage: wipe,
      });
      say("ready");
      void sayWhenConnected(connection);
      const failure = await Promise.race([stopAsked, worker.ended]);
      if (failure !== undefined) throw failure;
      const seconds = options.drainSeconds;
      await Promise.race([worker.stop(), delay(seconds * 1000, undefined, { ref: false })]);
    } finally {
      await connection.close();
    }
  } finally {
    await pool.close();
  }
  return EXIT.done;
}

function brokerOptions(options: WorkCommandOptions): BrokerOptions {
  const { server: servers, tlsCa, tlsCert, tlsKey } = options;
  const authenticator = authenticatorOf(options);
  const isNamed = tlsCa !== undefined || tlsCert !== undefined || tlsKey !== undefined;
  const isRemote = servers.some((server) => !ON_THIS_MACHINE.test(new URL(server).hostname));
  return {
    servers,
    ...(authenticator !== undefined && { authenticator }),
    ...((isNamed || (isRemote && !options.allowPlaintext)) && {
      tls: {
        ...(tlsCa !== undefined && { ca: readSecretFile(tlsCa) }),
        ...(tlsCert !== undefined && { cert: readSecretFile(tlsCert) }),
        ...(tlsKey !== undefined && { key: readSecretFile(tlsKey) }),
      },
    }),
  };
}

function authenticatorOf({ creds, nkey, user, passwordFile }: WorkCommandOptions): BrokerOptions["authenticator"] {
  const encoder = new TextEncoder();
  // The client looks for the line feed at the end of the file.
  if (creds !== undefined) return credsAuthenticator(encoder.encode(`${readSecretFile(creds)}\n`));
  if (nkey !== undefined) return nkeyAuthenticator(encoder.encode(readSecretFile(nkey)));
  if (user === undefined) return undefined;
  return usernamePasswordAuthenticator(user, passwordFile === undefined ? undefined : readSecretFile(passwordFile));
}

async function sayWhenConnected(connection: NatsConnection): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === Events.Disconnect) say("the connection is lost; trying again");
    if (type === Events.Reconnect) say("connected again");
  }
}

/** A fixed sentence, for whoever looks after the process. */
function say(what: string): void {
  try {
    writeSync(STANDARD_ERROR, `earshot work: ${what}\n`);
  } catch {
    // Nobody reads it any more, which is no reason to end.
  }
}
