import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCE = resolve(import.meta.dirname, "../src");

/** What each folder, or file right under src, may import: other units, and packages. */
const RULES: Record<string, { units: string[]; packages: string[] }> = {
  errors: { units: [], packages: [] },
  labels: { units: [], packages: [] },
  types: { units: ["labels", "referral"], packages: [] },
  // Types only: what goes between a service and those who ask it.
  wire: { units: ["errors", "types"], packages: [] },
  // The asker's side: nothing that scores.
  client: {
    units: ["conversation", "errors", "referral", "types", "wire"],
    packages: ["node:buffer", "node:events", "node:http", "node:https", "node:perf_hooks", "node:timers/promises"],
  },
  text: { units: ["errors"], packages: [] },
  model: {
    units: ["errors", "labels", "types", "text", "policy"],
    packages: ["zod/mini", "node:crypto", "node:fs", "node:url"],
  },
  policy: { units: ["errors", "labels", "types"], packages: ["zod"] },
  referral: { units: ["errors", "labels"], packages: ["zod", "node:crypto"] },
  queue: { units: ["errors", "labels", "policy"], packages: ["node:crypto"] },
  // Neither files nor triage: it runs the queue on people who do not exist.
  simulation: { units: ["errors", "labels", "policy", "queue", "evaluation"], packages: ["cli-table3", "zod"] },
  conversation: { units: ["errors", "labels", "types", "policy"], packages: ["node:crypto"] },
  // Of files it touches a socket that was left behind, and nothing else.
  server: {
    units: [
      "conversation",
      "errors",
      "labels",
      "metrics",
      "plugs",
      "pool",
      "referral",
      "text",
      "triage",
      "types",
      "wire",
    ],
    packages: [
      "@hono/node-server",
      "@hono/node-server/utils/response",
      "hono",
      "node:crypto",
      "node:events",
      "node:fs",
      "node:http",
      "node:module",
      "node:net",
      "node:stream",
      "zod",
    ],
  },
  // Both sides: a worker answers as the server does, an asker asks as the client does.
  nats: {
    units: ["client", "errors", "server", "types"],
    packages: [
      "nats",
      "nats/lib/nats-base-client/internal_mod.js",
      "nats/lib/src/node_transport.js",
      "node:net",
      "node:timers/promises",
    ],
  },
  statistics: { units: ["errors", "labels", "policy"], packages: ["node:crypto"] },
  triage: {
    units: ["conversation", "errors", "labels", "types", "text", "model", "policy", "referral", "runtimes"],
    packages: [],
  },
  pool: {
    units: ["conversation", "errors", "types", "runtimes", "triage"],
    packages: ["node:os", "node:worker_threads"],
  },
  index: {
    units: [
      "conversation",
      "errors",
      "labels",
      "types",
      "model",
      "policy",
      "pool",
      "queue",
      "referral",
      "triage",
      "harden",
    ],
    packages: [],
  },
  // Neither files nor triage: it measures what others have scored.
  evaluation: {
    units: ["errors", "labels", "types", "text", "policy"],
    packages: ["echarts/charts", "echarts/components", "echarts/core", "echarts/renderers"],
  },
  harden: { units: ["errors"], packages: ["node:fs", "node:inspector", "node:worker_threads"] },
  runtimes: { units: ["errors"], packages: ["node:module", "node:path", "node:worker_threads"] },
  // The library itself is given by the caller.
  transformers: {
    units: ["errors", "labels", "types", "model", "policy", "runtimes"],
    packages: ["node:module", "node:path", "zod/mini"],
  },
  plugs: { units: ["errors", "labels", "types", "text", "triage"], packages: ["node:crypto"] },
  metrics: { units: ["errors", "types"], packages: ["prom-client"] },
  // No triage and no model: what it measures is in programs that it starts.
  benchmark: {
    units: ["errors", "labels", "evaluation"],
    packages: ["cli-table3", "node:child_process", "node:events", "node:os", "node:timers/promises"],
  },
  // No files: it gets the texts of reports, and writes documents about them.
  evidence: {
    units: ["errors", "labels", "model", "policy", "referral", "audit", "evaluation", "simulation"],
    packages: ["node:crypto", "zod"],
  },
  audit: {
    units: ["errors"],
    packages: [
      "node:child_process",
      "node:crypto",
      "node:fs",
      "node:fs/promises",
      "node:http",
      "node:module",
      "node:net",
      "node:os",
      "node:path",
      "node:stream",
      "node:timers/promises",
      "node:url",
      "node:util",
      "node:v8",
      "node:inspector",
    ],
  },
  cli: {
    units: [
      "errors",
      "labels",
      "types",
      "text",
      "model",
      "policy",
      "triage",
      "referral",
      "audit",
      "evaluation",
      "evidence",
      "nats",
      "pool",
      "server",
      "simulation",
      "statistics",
      "benchmark",
      "transformers",
      "harden",
      "runtimes",
    ],
    packages: [
      "node:fs",
      "node:os",
      "node:util",
      "node:url",
      "node:path",
      "node:v8",
      "commander",
      "cli-progress",
      "cli-table3",
      "nats",
      "node:timers/promises",
      "@huggingface/transformers",
      "@xenova/transformers",
      "zod",
    ],
  },
};

/** Only these may read a file, and nothing in the scoring path may open a socket. */
const MAY_USE_FILES = ["model/pack.ts", "harden.ts", "cli/", "audit/", "server/listen.ts"];
const NETWORK = [
  "node:net",
  "node:http",
  "node:https",
  "node:http2",
  "node:dgram",
  "node:dns",
  "node:tls",
  "undici",
  "ws",
];
const MAY_USE_NETWORK = ["audit/", "client/", "nats/", "server/"];

const unitOf = (file: string): string =>
  relative(SOURCE, file)
    .split("/")[0]
    .replace(/\.[jt]s$/, "");
const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/"))
  // Scripts that write the generated tables; nothing in the library imports them.
  .filter((name) => name.endsWith(".ts") && !name.includes("/source/"));

function importsOf(name: string): string[] {
  const source = readFileSync(join(SOURCE, name), "utf8");
  return [
    ...source.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"|(?:^|\n)import\s+"([^"]+)"/g,
    ),
  ].map(([, from, dynamic, bare]) => from ?? dynamic ?? bare);
}

describe("architecture", () => {
  it.each(files)("%s imports only what its unit may", (name) => {
    const file = join(SOURCE, name);
    const rule = RULES[unitOf(file)];
    expect(rule, `no rule for ${name}`).toBeDefined();
    for (const specifier of importsOf(name)) {
      if (specifier.startsWith(".")) {
        const target = unitOf(resolve(dirname(file), specifier));
        if (target !== unitOf(file)) expect(rule.units, `${name} -> ${specifier}`).toContain(target);
      } else expect(rule.packages, `${name} -> ${specifier}`).toContain(specifier);
    }
  });

  it.each(files)("%s touches files and network only where it may", (name) => {
    const imports = importsOf(name);
    const within = (allowed: string[]): boolean => allowed.some((prefix) => name.startsWith(prefix));
    if (!within(MAY_USE_FILES)) expect(imports.filter((specifier) => specifier.startsWith("node:fs"))).toEqual([]);
    if (!within(MAY_USE_NETWORK)) expect(imports.filter((specifier) => NETWORK.includes(specifier))).toEqual([]);
  });

  it("finds the imports that it judges", () => {
    expect(importsOf("triage.ts")).toEqual(expect.arrayContaining(["./errors.js", "./triage/second-stage.js"]));
  });
});
