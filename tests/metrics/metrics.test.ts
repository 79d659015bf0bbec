import { register } from "prom-client";
import { describe, expect, it } from "vitest";
import { createMetrics, MESSAGES_PER_RELEASE, type Metrics } from "../../src/metrics/metrics.js";
import type { Assessment } from "../../src/types.js";
import { parseExposition, type Sample } from "./exposition.js";

const BUILD = { version: "1.2.3", pack: "base@1", policy: "default@1" };
const ROUTES = ["/v1/assess", "/metrics"];
const CANARY = "vixomurelasu";

/** Every label of every metric; `type` and `space` are names of Node.js. */
const LABELS: Readonly<Record<string, readonly string[]>> = {
  earshot_build_info: ["pack", "policy", "version"],
  earshot_assessment_duration_seconds: ["interface", "le"],
  earshot_incomplete_total: ["code", "interface"],
  earshot_rejected_total: ["code", "interface"],
  http_server_request_duration_seconds: ["http_request_method", "http_response_status_code", "http_route", "le"],
  nodejs_active_handles: ["type"],
  nodejs_active_requests: ["type"],
  nodejs_active_resources: ["type"],
  nodejs_gc_duration_seconds: ["kind", "le"],
  nodejs_heap_space_size_available_bytes: ["space"],
  nodejs_heap_space_size_total_bytes: ["space"],
  nodejs_heap_space_size_used_bytes: ["space"],
  nodejs_version_info: ["major", "minor", "patch", "version"],
};

/** An assessment full of the canary, of which the metrics may take nothing. */
function assessment(review: Assessment["review"] = []): Assessment {
  const named = { id: CANARY, pack: CANARY, policy: CANARY, directory: CANARY, reasons: [{ code: CANARY, weight: 1 }] };
  const language = { tag: CANARY, confidence: 1, supported: true };
  return {
    ...named,
    language,
    urgency: "immediate",
    categories: ["suicide"],
    signals: ["now"],
    review,
  } as unknown as Assessment;
}

async function samplesOf(metrics: Metrics, family: string): Promise<readonly Sample[]> {
  return parseExposition(await metrics.text()).get(family)?.samples ?? [];
}

async function countOf(metrics: Metrics, family: string): Promise<number> {
  const counts = (await samplesOf(metrics, family)).filter(({ name }) => name === `${family}_count`);
  return counts.reduce((sum, { value }) => sum + value, 0);
}

function useEverything(metrics: Metrics): void {
  for (let index = 0; index < 2 * MESSAGES_PER_RELEASE; index += 1) {
    metrics.inFlight(1);
    metrics.assessed(assessment(["LOW_CONFIDENCE", "LANGUAGE_UNKNOWN", "MODEL_UNAVAILABLE"]), 0.004, "http");
    metrics.requested("/v1/assess", "POST", 200, 0.005);
    metrics.requested(`/v1/${CANARY}`, "POST", 404, 0.005);
    metrics.requested("/metrics", CANARY, 405, 0.005);
    metrics.rejected("TEXT_EMPTY", "nats");
    metrics.inFlight(-1);
  }
}

describe("metrics", () => {
  it("are well-formed, used or not", async () => {
    const metrics = createMetrics(BUILD, ROUTES);
    expect(parseExposition(await metrics.text()).size).toBeGreaterThan(20);
    useEverything(metrics);
    expect(
      [...parseExposition(await metrics.text()).keys()].filter((name) => !/^(process|nodejs)_/.test(name)),
    ).toEqual([
      "earshot_build_info",
      "http_server_request_duration_seconds",
      "http_server_active_requests",
      "earshot_assessment_duration_seconds",
      "earshot_rejected_total",
      "earshot_incomplete_total",
    ]);
    expect(metrics.contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  });

  it("have labels of a closed list only, and nothing that was made of a message", async () => {
    const metrics = createMetrics(BUILD, ROUTES);
    useEverything(metrics);
    const text = await metrics.text();
    for (const [name, { samples }] of parseExposition(text)) {
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
      expect([...labels].sort(), name).toEqual(samples.length === 0 ? [] : (LABELS[name] ?? []));
    }
    expect(text).not.toContain(CANARY);
    expect(text).not.toMatch(/immediate|suicide|LOW_CONFIDENCE|LANGUAGE/);
  });

  it("name the method and the route where they are known", async () => {
    const metrics = createMetrics(BUILD, ROUTES);
    useEverything(metrics);
    const found = (await samplesOf(metrics, "http_server_request_duration_seconds"))
      .filter(({ name }) => name.endsWith("_count"))
      .map(({ labels, value }) => [...Object.values(labels), value]);
    expect(found.sort()).toEqual([
      ["POST", "", "404", 40],
      ["POST", "/v1/assess", "200", 40],
      ["_OTHER", "/metrics", "405", 40],
    ]);
  });

  it("tell states of the service at once, and from zero on", async () => {
    const metrics = createMetrics(BUILD);
    const incomplete = async (): Promise<unknown> =>
      (await samplesOf(metrics, "earshot_incomplete_total")).map(({ labels, value }) => [
        labels.code,
        labels.interface,
        value,
      ]);
    expect(await incomplete()).toContainEqual(["MODEL_UNAVAILABLE", "http", 0]);
    metrics.assessed(assessment(["MODEL_UNAVAILABLE"]), 0.1, "http");
    expect(await incomplete()).toContainEqual(["MODEL_UNAVAILABLE", "http", 1]);
    expect(await incomplete()).toContainEqual(["SECOND_LOOK_SKIPPED", "nats", 0]);
  });

  it("show no single message: times come in steps, however often they are read", async () => {
    const metrics = createMetrics(BUILD, ROUTES);
    const counts = new Set<string>();
    for (let index = 0; index < 3 * MESSAGES_PER_RELEASE - 1; index += 1) {
      metrics.requested("/v1/assess", "POST", 200, index);
      metrics.assessed(assessment(), index, "http");
      const family = ["http_server_request_duration_seconds", "earshot_assessment_duration_seconds"];
      counts.add(String(await Promise.all(family.map((name) => countOf(metrics, name)))));
    }
    expect([...counts]).toEqual(["0,0", "20,20", "40,40"]);
  });

  it("do not let a reading end a step", async () => {
    const metrics = createMetrics(BUILD, ROUTES);
    metrics.requested("/v1/assess", "POST", 200, 1);
    for (let index = 0; index < MESSAGES_PER_RELEASE; index += 1) metrics.requested("/metrics", "GET", 200, 0.001);
    expect(await countOf(metrics, "http_server_request_duration_seconds")).toBe(MESSAGES_PER_RELEASE);
  });

  it("share nothing: neither with another service nor with the registry of the process", async () => {
    const [one, other] = [createMetrics(BUILD), createMetrics(BUILD)];
    one.rejected("TEXT_EMPTY", "http");
    expect(await samplesOf(other, "earshot_rejected_total")).toEqual([]);
    expect(await register.metrics()).toBe("\n");
  });
});

describe("parseExposition", () => {
  it.each([
    ["no end of line", "# HELP a b\n# TYPE a gauge\na 1"],
    ["a sample without a type", "a 1\n"],
    ["a type without help", "# TYPE a gauge\na 1\n"],
    ["a sample twice", "# HELP a b\n# TYPE a gauge\na 1\na 1\n"],
    ["a type twice", "# HELP a b\n# TYPE a gauge\n# TYPE a gauge\n"],
    ["an open label", '# HELP a b\n# TYPE a gauge\na{b="} 1\n'],
    ["a label with a quotation mark", '# HELP a b\n# TYPE a gauge\na{b="""} 1\n'],
    ["no number", "# HELP a b\n# TYPE a gauge\na one\n"],
    ["a foreign sample", "# HELP a b\n# TYPE a gauge\nb 1\n"],
    ["a histogram that does not add up", '# HELP a b\n# TYPE a histogram\na_bucket{le="+Inf"} 1\na_sum 1\na_count 2\n'],
  ])("refuses %s", (_, text) => {
    expect(() => parseExposition(text)).toThrow();
  });
});
