import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { EarshotErrorCode } from "../errors.js";
import type { Assessment } from "../types.js";

/** The way by which a message came. */
export const METRICS_INTERFACES = ["http", "nats"] as const;
/** The way by which a message came. */
export type MetricsInterface = (typeof METRICS_INTERFACES)[number];

/** What runs, as `name@version` for pack and policy. */
export interface BuildInfo {
  readonly version: string;
  readonly pack: string;
  readonly policy: string;
}

/** Counts and times of a running service, as Prometheus reads them. */
export interface Metrics {
  /** Takes an answered message into account; of the assessment, only whether all stages could run. */
  assessed(assessment: Assessment, seconds: number, via: MetricsInterface): void;
  /** Counts a message or request that was answered by an error. */
  rejected(code: EarshotErrorCode, via: MetricsInterface): void;
  /** Takes an answered request into account; a route or method that is none of the known ones is not named. */
  requested(route: string, method: string, status: number, seconds: number): void;
  /** Counts requests that begin (+1) and end (-1). */
  inFlight(delta: 1 | -1): void;
  /** Everything in the Prometheus text format, version 0.0.4. */
  text(): Promise<string>;
  /** Media type of `text()`. */
  readonly contentType: string;
}

/**
 * Messages of which the times are published together.
 *
 * A reading before and one after a message would otherwise tell how long that one took, and so whether it needed the second
 * stage, which only messages in doubt do. The price: the last 19 are not shown yet.
 */
export const MESSAGES_PER_RELEASE = 20;

/** States of the service, which the operator has to hear of at once. All other review codes speak of what a person wrote. */
const SERVICE_STATES = ["MODEL_UNAVAILABLE", "SECOND_LOOK_SKIPPED"] as const;

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

// The buckets that OpenTelemetry advises for http.server.request.duration.
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
// The first stage takes tens of microseconds, the second milliseconds.
const ASSESSMENT_SECONDS = [0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/**
 * Sets up the metrics of a service in a registry of their own.
 *
 * Names and units follow OpenTelemetry's semantic conventions in their Prometheus form. No label holds an id, a language or
 * anything else that was made of a message. There is deliberately no count per level: who reads it before and after a message
 * would learn the level of that person, and whoever can send 19 messages undoes any grouping. Counts per level are
 * statistics, which are published with noise.
 *
 * @param routes every route that may be named, so that no path that somebody asked for becomes a label
 */
export function createMetrics(build: BuildInfo, routes: readonly string[] = []): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  new Gauge({
    name: "earshot_build_info",
    help: "Always 1; the labels say what runs.",
    labelNames: ["version", "pack", "policy"],
    registers,
  }).set({ ...build }, 1);
  const requests = new Histogram({
    name: "http_server_request_duration_seconds",
    help: `Duration of HTTP requests; those with messages in steps of ${MESSAGES_PER_RELEASE}.`,
    labelNames: ["http_request_method", "http_route", "http_response_status_code"],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const active = new Gauge({
    name: "http_server_active_requests",
    help: "HTTP requests that are being answered.",
    registers,
  });
  const assessments = new Histogram({
    name: "earshot_assessment_duration_seconds",
    help: `Time to score a message, and the number of messages, in steps of ${MESSAGES_PER_RELEASE}.`,
    labelNames: ["interface"],
    buckets: ASSESSMENT_SECONDS,
    registers,
  });
  const rejections = new Counter({
    name: "earshot_rejected_total",
    help: "Messages and requests answered by an error.",
    labelNames: ["code", "interface"],
    registers,
  });
  const incomplete = new Counter({
    name: "earshot_incomplete_total",
    help: "Messages answered although a stage could not run.",
    labelNames: ["code", "interface"],
    registers,
  });
  // A series that begins at 1 shows no increase, and an alarm would miss it.
  for (const code of SERVICE_STATES) for (const via of METRICS_INTERFACES) incomplete.inc({ code, interface: via }, 0);

  const releaseRequest = inSteps();
  const releaseAssessment = inSteps();

  return {
    assessed({ review }, seconds, via) {
      for (const code of SERVICE_STATES)
        if (review.some((found) => found === code)) incomplete.inc({ code, interface: via });
      releaseAssessment(() => assessments.observe({ interface: via }, seconds));
    },
    rejected: (code, via) => rejections.inc({ code, interface: via }),
    requested(route, method, status, seconds) {
      const labels = {
        http_request_method: METHODS.has(method) ? method : "_OTHER",
        http_route: routes.includes(route) ? route : "",
        http_response_status_code: status,
      };
      const observe = (): void => requests.observe(labels, seconds);
      // Only what is posted holds messages; the rest may not fill up a step, or a reading would end it by itself.
      if (method === "POST") releaseRequest(observe);
      else observe();
    },
    inFlight: (delta) => active.inc(delta),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** Holds back what is to be published until there is enough of it that no single message can be made out. */
function inSteps(): (publish: () => void) => void {
  let held: (() => void)[] = [];
  return (publish) => {
    held.push(publish);
    if (held.length < MESSAGES_PER_RELEASE) return;
    for (const each of held) each();
    held = [];
  };
}
