import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { getRequestListener } from "@hono/node-server";
import { EarshotError, type EarshotErrorCode } from "../errors.js";
import { createMetrics, type Metrics } from "../metrics/metrics.js";
import type { ReferralDirectory } from "../referral/schema.js";
import type { Readiness } from "../wire.js";
import { createAccounts, createAdmission } from "./admission.js";
import { createApp, routesOf } from "./app.js";
import { createConnections } from "./connections.js";
import { type Exchange, openExchange, refuse } from "./exchange.js";
import { checkToken, createGate } from "./gate.js";
import { LIMITS, type Limits } from "./limits.js";
import { isLoopback, type ListenAddress, listenAt } from "./listen.js";
import { createScoring, type Scorer, type Scoring } from "./scoring.js";
import { toKnownError } from "./status.js";
import { createScrubber } from "./zero-retention.js";

/** About as many second looks as one worker takes in a second: who comes later had better ask again than wait. */
const MAXIMUM_WAITING = 100;
const DRAIN_TIMEOUT_MS = 10_000;
/** How often Node.js looks for headers that are late. */
const CHECK_EVERY_MS = 1_000;
const SHORTEST_KEY_BYTES = 32;

/** How a server is set up. */
export interface ServerOptions {
  /** Scores the messages; it may still be starting. It stays the caller's to close, after the server. */
  readonly triage: Scorer | Promise<Scorer>;
  /** Who can help, for `/v1/directory`; the bundled directory by default. Give the triage the same one. */
  readonly directory?: ReferralDirectory;
  /** What every request but those for health must bring as a bearer token: 32 characters or more. */
  readonly token?: string;
  /** Secret of 32 bytes or more for the state of conversations; without it they end with the process. */
  readonly stateKey?: Uint8Array;
  /** How many messages may wait for a second look, 1 or more; 100 by default. */
  readonly maximumWaiting?: number;
  /** The secret of the webhook in Chatwoot; with it, requests without its signature are refused. */
  readonly chatwootSecret?: string;
}

/** A local service; what it answers is described at `/openapi.json`. */
export interface EarshotServer {
  /**
   * Begins to listen.
   *
   * @param allowRemote whether other machines may reach the address, for which there must be a token
   * @returns the address, such as `http://127.0.0.1:8421`
   * @throws EarshotError `ADDRESS_NOT_LOCAL`, `ADDRESS_UNUSABLE`
   */
  listen(address: ListenAddress, allowRemote?: boolean): Promise<string>;
  /** Resolves when messages are taken; rejects with what kept the triage from starting. */
  ready(): Promise<void>;
  /** Resolves when nothing that was read before is left in the read buffer of Node.js. */
  scrubbed(): Promise<void>;
  /**
   * Takes no more connections and no more messages, answers those that it has, and cuts off what is not answered in time.
   *
   * @param timeoutMs 10,000 by default
   */
  close(timeoutMs?: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a service over HTTP. Bodies of requests are wiped as soon as they are read; of what Node.js read them into, nothing
 * is left 50 milliseconds after the answer (`SCRUBBED_WITHIN_MS`).
 *
 * @throws EarshotError `TOKEN_INVALID`, `KEY_INVALID`, `INPUT_INVALID`
 */
export async function createServer(options: ServerOptions, limits: Limits = LIMITS): Promise<EarshotServer> {
  const { token, stateKey, maximumWaiting = MAXIMUM_WAITING, chatwootSecret } = options;
  if (token !== undefined) checkToken(token);
  if (stateKey !== undefined && stateKey.length < SHORTEST_KEY_BYTES) throw new EarshotError("KEY_INVALID");
  if (!(Number.isInteger(maximumWaiting) && maximumWaiting >= 1)) throw new EarshotError("INPUT_INVALID");
  const coming = Promise.resolve(options.triage);
  // It may fail before anybody waits for it.
  coming.catch(() => {});
  const directory = options.directory ?? (await import("../referral/bundled.js")).BUNDLED_DIRECTORY;
  const scrubber = await createScrubber();
  const gate = createGate(token);
  const openAccount = createAccounts(limits.heldBytes);
  const exchanges = new WeakMap<IncomingMessage, Exchange>();
  let readiness: Readiness["status"] = "starting";
  let scoring: Scoring | undefined;
  let metrics: Metrics | undefined;

  const rejected = (code: EarshotErrorCode): void => metrics?.rejected(code, "http");
  const whenThere = <Service>(service: Service | undefined): Service => {
    if (service === undefined) throw new EarshotError("NOT_READY");
    return service;
  };
  const routes = routesOf({
    limits,
    directory,
    stateKey,
    chatwootSecret,
    rejected,
    readiness: () => readiness,
    metrics: () => whenThere(metrics),
    scoring: () => {
      if (readiness === "draining") throw new EarshotError("DRAINING");
      return whenThere(scoring);
    },
  });

  const start = async (): Promise<void> => {
    try {
      const scorer = await coming;
      // It tells what is loaded, and that it works.
      const { pack, policy } = await scorer.assess("hello");
      const { version } = createRequire(import.meta.url)("earshot/package.json") as { version: string };
      const paths = routes.map(({ path }) => path);
      const measured = createMetrics({ version, pack, policy }, paths);
      metrics = measured;
      scoring = createScoring(scorer, createAdmission(maximumWaiting), (assessment, seconds) =>
        measured.assessed(assessment, seconds, "http"),
      );
      if (readiness === "starting") readiness = "ready";
    } catch (error) {
      readiness = "failed";
      throw error;
    }
  };
  const started = start();
  started.catch(() => {});

  const answerError = async (exchange: Exchange, caught: unknown): Promise<void> => {
    const error = toKnownError(caught);
    // That a request broke off is counted when its connection ends.
    if (error.code !== "REQUEST_ABORTED") rejected(error.code);
    await refuse(exchange, error, limits);
  };
  const app = createApp(routes, answerError);
  const route = getRequestListener(
    (request, { incoming }) => app.fetch(request, { exchange: exchanges.get(incoming as IncomingMessage) as Exchange }),
    // Bodies are read here alone, and nobody else's `Request` is changed.
    { overrideGlobalObjects: false, autoCleanupIncoming: false },
  );

  const measure = ({ incoming, outgoing }: Exchange, routeOf: () => string): void => {
    const measured = metrics;
    if (measured === undefined) return;
    const began = performance.now();
    measured.inFlight(1);
    outgoing.on("close", () => {
      measured.inFlight(-1);
      const seconds = (performance.now() - began) / 1000;
      if (outgoing.writableFinished) measured.requested(routeOf(), incoming.method ?? "", outgoing.statusCode, seconds);
      else measured.rejected("REQUEST_ABORTED", "http");
    });
  };

  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const exchange = openExchange(incoming, outgoing, openAccount(), limits, scrubber.schedule);
    exchanges.set(incoming, exchange);
    connections.serve(exchange);
    measure(exchange, () => exchange.route);
    const isSurplus = connections.isSurplus(incoming.socket);
    if (isSurplus || readiness === "draining") outgoing.setHeader("Connection", "close");
    const local = incoming.socket.localAddress;
    const refusal = isSurplus
      ? "SERVER_FULL"
      : gate.refuse(exchange.target, incoming.headers, local !== undefined && isLoopback(local));
    if (refusal !== undefined) {
      void answerError(exchange, new EarshotError(refusal));
      return;
    }
    // Checked above and of no more use: hono makes a URL of it, and there are names of which it cannot.
    incoming.headers.host = "localhost";
    void route(incoming, outgoing);
  };

  const http = createHttpServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      // Bodies have a time-out of their own: a stream of lines may last for days.
      requestTimeout: 0,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, limits.headersTimeoutMs),
      // Node.js would answer by itself and drop the body unwiped; so with an expectation that it does not know.
      requireHostHeader: false,
    },
    onRequest,
  );
  http.on("checkExpectation", onRequest);
  http.timeout = limits.idleTimeoutMs;
  const connections = createConnections(http, limits, scrubber.schedule, rejected);

  const close = async (timeoutMs = DRAIN_TIMEOUT_MS): Promise<void> => {
    readiness = "draining";
    await connections.close(timeoutMs);
    await scrubber.close();
  };

  return {
    listen: (address, allowRemote = false) => listenAt(http, address, allowRemote && token !== undefined),
    ready: () => started,
    scrubbed: scrubber.settled,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}
