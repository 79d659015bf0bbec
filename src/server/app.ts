import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { EarshotError, type EarshotErrorCode } from "../errors.js";
import type { Metrics } from "../metrics/metrics.js";
import { plugRoutes } from "../plugs/routes.js";
import { resolveReferrals } from "../referral/resolve.js";
import type { ReferralDirectory } from "../referral/schema.js";
import type { Readiness } from "../wire.js";
import { sendJson, sendText } from "./answer.js";
import { answerMessages, answerTurn, withBody } from "./assess.js";
import { type Exchange, mediaTypeOf } from "./exchange.js";
import type { Limits } from "./limits.js";
import { readReferralQuery } from "./query.js";
import type { Scoring } from "./scoring.js";

/** What the routes need. */
export interface Services {
  readonly limits: Limits;
  readonly directory: ReferralDirectory;
  readonly stateKey: Uint8Array | undefined;
  readonly chatwootSecret: string | undefined;
  readiness(): Readiness["status"];
  /** @throws EarshotError `NOT_READY`, `DRAINING` */
  scoring(): Scoring;
  /** @throws EarshotError `NOT_READY` */
  metrics(): Metrics;
  /** Counts a line that was answered by an error. */
  rejected(code: EarshotErrorCode): void;
}

interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly answer: (exchange: Exchange) => Promise<void> | void;
}

/** The table of all routes. */
export function routesOf(services: Services): readonly Route[] {
  const { limits, directory, stateKey, chatwootSecret } = services;
  return [
    {
      method: "POST",
      path: "/v1/assess",
      answer: (exchange) => answerMessages(exchange, services.scoring(), limits, services.rejected),
    },
    {
      method: "POST",
      path: "/v1/conversations/assess",
      answer: (exchange) => answerTurn(exchange, services.scoring(), stateKey, limits),
    },
    {
      method: "GET",
      path: "/v1/directory",
      answer: ({ outgoing, target }) =>
        sendJson(outgoing, 200, resolveReferrals(readReferralQuery(target), directory, new Date())),
    },
    { method: "GET", path: "/healthz", answer: ({ outgoing }) => sendJson(outgoing, 200, { status: "ok" }) },
    {
      method: "GET",
      path: "/readyz",
      answer: ({ outgoing }) => {
        const status = services.readiness();
        sendJson(outgoing, status === "ready" ? 200 : 503, { status });
      },
    },
    {
      method: "GET",
      path: "/metrics",
      answer: async ({ outgoing }) => {
        const metrics = services.metrics();
        sendText(outgoing, 200, metrics.contentType, await metrics.text());
      },
    },
    {
      method: "GET",
      path: "/openapi.json",
      // Loaded on demand: the schemas take longer to load than all the rest.
      answer: async ({ outgoing }) => sendJson(outgoing, 200, (await import("./openapi.js")).openApiDocument()),
    },
    ...plugRoutes.map(
      ({ method, path, handle }): Route => ({
        method,
        path,
        answer: (exchange) => {
          const { assess } = services.scoring();
          if (mediaTypeOf(exchange.incoming) !== "application/json") throw new EarshotError("MEDIA_TYPE_UNSUPPORTED");
          const plugServices = { assess, ...(chatwootSecret !== undefined && { chatwootSecret }) };
          return withBody(exchange, limits, async (bytes, length) => {
            const { status, body } = await handle(bytes, length, plugServices, (name) => headerOf(exchange, name));
            sendJson(exchange.outgoing, status, body);
          });
        },
      }),
    ),
  ];
}

function headerOf({ incoming }: Exchange, name: string): string | undefined {
  const value = incoming.headers[name];
  return typeof value === "string" ? value : undefined;
}

/** What hono hands to a route: everything is read from and written to the exchange, past its requests and responses. */
export interface AppEnvironment {
  Bindings: { readonly exchange: Exchange };
}

/**
 * Makes the router.
 *
 * @param onError answers by an error
 */
export function createApp(
  routes: readonly Route[],
  onError: (exchange: Exchange, caught: unknown) => Promise<void>,
): Hono<AppEnvironment> {
  const app = new Hono<AppEnvironment>();
  for (const { method, path, answer } of routes) {
    app.on(method, path, async ({ env: { exchange } }) => {
      exchange.route = path;
      await answer(exchange);
      return RESPONSE_ALREADY_SENT;
    });
    app.all(path, ({ env: { exchange } }) => {
      exchange.route = path;
      exchange.outgoing.setHeader("Allow", method === "GET" ? "GET, HEAD" : method);
      throw new EarshotError("METHOD_NOT_ALLOWED");
    });
  }
  app.notFound(() => {
    throw new EarshotError("ROUTE_UNKNOWN");
  });
  app.onError(async (error, { env: { exchange } }) => {
    await onError(exchange, error);
    return RESPONSE_ALREADY_SENT;
  });
  return app;
}
