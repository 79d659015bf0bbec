import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { readModule, readModules } from "./source-code.js";

const DIST = resolve(import.meta.dirname, "../../dist");

/** Everything that is loaded to score, by the library and by the command; these others are programs of their own. */
const SCORING = readModules(
  ["index.ts", "pool/worker.ts", "plugs/coop.ts", "plugs/index.ts", "cli/main.ts"],
  [
    "cli/audit.ts",
    "audit/",
    "cli/evaluate.ts",
    "cli/calibrate.ts",
    "cli/labelled-lines.ts",
    "evaluation/",
    "cli/simulate.ts",
    // They describe answers, and see none.
    "server/openapi.ts",
    "server/schema.ts",
    "cli/evidence.ts",
    "evidence/",
    "cli/directory.ts",
    "simulation/",
    "cli/statistics.ts",
    "cli/statistics-lines.ts",
    "cli/statistics-text.ts",
    "cli/budget-file.ts",
    "statistics/",
    "cli/bench.ts",
    "cli/bench-subjects.ts",
    "cli/model-file.ts",
    "benchmark/",
    "transformers/",
  ],
);

/** What each module may import from outside. No entry means nothing. */
const ALLOWED_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  "cli/directory-command.ts": ["commander"],
  "cli/directory-file.ts": ["node:fs readFileSync"],
  "cli/main.ts": ["commander", "node:fs writeSync", "node:v8 setFlagsFromString"],
  "cli/policy-file.ts": ["node:fs readFileSync"],
  "cli/secret-file.ts": ["node:fs readFileSync"],
  "cli/serve-command.ts": ["commander"],
  "cli/serve.ts": ["node:fs writeSync"],
  "cli/score.ts": ["cli-progress", "node:fs fstatSync"],
  "cli/statistics-command.ts": ["commander"],
  "cli/streams.ts": ["node:fs closeSync", "node:fs openSync", "node:fs readSync", "node:fs writeSync"],
  "cli/table.ts": ["cli-table3", "node:util styleText"],
  "cli/work-command.ts": ["commander"],
  "cli/work.ts": ["nats", "node:fs writeSync", "node:timers/promises setTimeout"],
  // The one file it writes is a switch of the kernel.
  "conversation/block.ts": [
    "node:crypto createHash",
    "node:crypto createHmac",
    "node:crypto randomBytes",
    "node:crypto timingSafeEqual",
  ],
  "harden.ts": ["node:fs writeFileSync", "node:fs writeSync", "node:worker_threads isMainThread"],
  "metrics/metrics.ts": ["prom-client"],
  "model/manifest.ts": ["zod/mini"],
  "model/pack.ts": [
    "node:crypto createHash",
    "node:fs closeSync",
    "node:fs existsSync",
    "node:fs openSync",
    "node:fs readFileSync",
    "node:fs readSync",
    "node:fs statSync",
    "node:url fileURLToPath",
  ],
  // The one connection that a worker opens: to the server that it was given.
  "nats/connect.ts": ["nats/lib/nats-base-client/internal_mod.js", "node:timers/promises setTimeout"],
  "nats/scrub.ts": ["nats"],
  "nats/transport.ts": ["nats/lib/src/node_transport.js", "node:net connect"],
  "plugs/signature.ts": ["node:crypto createHmac", "node:crypto timingSafeEqual"],
  "plugs/webhook.ts": ["node:crypto createSecretKey"],
  "policy/validate.ts": ["zod"],
  "pool/create-pool.ts": ["node:os availableParallelism"],
  "pool/pool-worker.ts": ["node:worker_threads Worker"],
  "pool/worker.ts": ["node:worker_threads parentPort", "node:worker_threads workerData"],
  "queue/snapshot.ts": ["node:crypto createCipheriv", "node:crypto createDecipheriv", "node:crypto randomBytes"],
  "referral/validate.ts": ["zod"],
  "server/app.ts": ["@hono/node-server/utils/response", "hono"],
  "server/create-server.ts": ["@hono/node-server", "node:http createServer", "node:module createRequire"],
  "server/gate.ts": ["node:crypto createHash", "node:crypto timingSafeEqual"],
  "server/listen.ts": [
    "node:events once",
    "node:fs lstatSync",
    "node:fs unlinkSync",
    "node:net connect",
    "node:net isIPv4",
  ],
  // Both ends of one connection of the process to itself.
  "server/zero-retention.ts": [
    "node:crypto randomBytes",
    "node:events once",
    "node:http createServer",
    "node:net connect",
  ],
  "runtimes/before-workers.ts": ["node:module createRequire"],
  "runtimes/onnx.ts": ["node:module createRequire", "node:path join", "node:path resolve"],
  "runtimes/telemetry.ts": ["node:worker_threads isMainThread"],
};

/** What each module may do with strings, and on what. No entry means nothing, as everywhere in `text/`. */
const ALLOWED_CONSTRUCTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "cli/directory-command.ts": { ".test": "a time on the command line", regexp: "a time on the command line" },
  "cli/main.ts": { template: "the line about a failure: code and fixed sentence" },
  "cli/messages.ts": {
    Buffer: "the preview, which a person asked for",
    ".toString": "the preview",
    ".join": "the preview",
    ".replace": "control characters in the preview and in ids",
    regexp: "control characters in the preview and in ids",
  },
  "cli/table.ts": {
    ".join": "codes and addresses of helplines",
    ".toString": "the finished table",
    ".toUpperCase": "first letter of the level",
    template: "codes, counts and line numbers",
  },
  "conversation/features.ts": { template: "names of features" },
  "conversation/trend.ts": { template: "codes of reasons" },
  "harden.ts": { template: "the line about a failure: code and fixed sentence" },
  "metrics/metrics.ts": { template: "descriptions of figures" },
  "model/language.ts": { ".split": "a language tag", ".toLowerCase": "a language tag" },
  "model/manifest.ts": { regexp: "fields of the manifest", ".join": "labels of the manifest" },
  "model/pack.ts": { ".toString": "the manifest", template: "names of files and versions" },
  "plugs/chatwoot.ts": { template: "paths of Chatwoot's API and the time of a signature" },
  "plugs/perspective-attributes.ts": { template: "names of attributes", ".toUpperCase": "names of categories" },
  "plugs/perspective.ts": { template: "names of attributes", ".join": "names of attributes" },
  "plugs/signature.ts": { ".test": "the time of a signature", regexp: "the time of a signature" },
  "plugs/webhook.ts": {
    ".split": "the header with signatures",
    ".test": "the id of a webhook",
    ".exec": "the secret of a webhook",
    regexp: "the id and the secret of a webhook",
    template: "id, time and signature of a webhook",
  },
  "policy/decide.ts": { template: "codes of reasons" },
  "policy/validate.ts": { regexp: "fields of the policy" },
  "queue/ticket.ts": {
    ".split": "a language tag",
    ".test": "ids and language tags",
    ".toLowerCase": "a language tag",
    regexp: "ids and language tags",
  },
  "referral/check.ts": {
    ".join": "names of fields of the directory",
    ".replace": "names of fields of the directory",
    String: "names of fields of the directory",
    regexp: "names of fields of the directory",
    template: "names of fields of the directory",
  },
  "referral/hours.ts": {
    Intl: "weekday and time in a time zone",
    ".toUpperCase": "the weekday",
    template: "the day in a time zone",
  },
  "referral/languages.ts": { ".split": "a language tag", ".toLowerCase": "a language tag", regexp: "a language tag" },
  "referral/located-json.ts": {
    ".join": "names of fields of the directory",
    String: "names of fields of the directory",
    template: "names of fields of the directory",
  },
  "referral/merge.ts": { template: "versions and notes of directories" },
  "referral/messages.ts": { ".toLowerCase": "a language tag" },
  "referral/region.ts": {
    ".normalize": "names of parts of a country",
    ".replace": "names of parts of a country",
    ".toLowerCase": "names of parts of a country",
    regexp: "names of parts of a country",
  },
  "referral/resolve.ts": { ".toUpperCase": "a country", ".test": "a country", regexp: "a country" },
  "runtimes/onnx.ts": { template: "the path of a manifest" },
  "runtimes/telemetry.ts": { ".split": "a version" },
  "referral/validate.ts": {
    Intl: "time zones of the directory",
    ".test": "fields of the directory",
    regexp: "fields of the directory",
  },
  "cli/secret-file.ts": { Buffer: "the operator's key" },
  "cli/serve-command.ts": { ".test": "a port", regexp: "a port" },
  "cli/serve.ts": { String: "the number of the process", template: "the address" },
  "server/answer.ts": { Buffer: "an answer", template: "an answer", ".join": "an answer" },
  "server/assess-lines.ts": { template: "an answer" },
  "server/exchange.ts": {
    ".split": "the media type",
    ".test": "the encoding",
    ".toLowerCase": "the media type and the encoding",
    regexp: "the encoding",
  },
  "server/gate.ts": {
    ".exec": "the token of a request",
    ".test": "target, host and token of a request",
    regexp: "target, host and token of a request",
  },
  "server/intake.ts": { Buffer: "the state of a conversation", ".toString": "the state of a conversation" },
  "server/listen.ts": {
    ".replace": "an address of this machine",
    regexp: "an address of this machine",
    template: "an address of this machine",
  },
  "server/query.ts": { ".test": "the query", ".toUpperCase": "a country", regexp: "the query" },
  "server/scoring.ts": { Buffer: "the state of a conversation", ".toString": "the state of a conversation" },
  "server/zero-retention.ts": { ".toString": "a random name", template: "a random name" },
  "cli/work-command.ts": { ".test": "an address", regexp: "an address" },
  "cli/work.ts": { ".test": "an address", regexp: "an address", template: "credentials, and a fixed sentence" },
  "nats/worker.ts": { ".test": "the subject", regexp: "the subject" },
  "text/json-fields.ts": { ".split": "paths that the code names", template: "paths that the code names" },
  "text/json-line.ts": {
    String: "metadata: id, language, country, age, time",
    ".fromCodePoint": "metadata",
    ".toUpperCase": "the country",
  },
  "triage/checks.ts": { ".test": "a country", regexp: "a country" },
  "triage/first-stage.ts": { template: "names of pack, policy and directory" },
};

const NETWORK = ["net", "http", "https", "http2", "dgram", "dns", "dns/promises", "tls", "inspector", "undici", "ws"];

describe("source of the scoring path", () => {
  it("is found", () => {
    const files = SCORING.map(({ file }) => file);
    for (const file of ["model/scorer.ts", "text/normalize.ts", "text/lines.ts", "cli/streams.ts", "harden.ts"])
      expect(files).toContain(file);
    expect(files.filter((file) => file.startsWith("audit/"))).toEqual([]);
  });

  it.each(SCORING)("$file imports only what is listed", ({ file, imports }) => {
    expect(imports).toEqual(ALLOWED_IMPORTS[file] ?? []);
  });

  it.each(SCORING)("$file makes strings only of what is listed", ({ file, constructs }) => {
    expect(constructs).toEqual(Object.keys(ALLOWED_CONSTRUCTS[file] ?? {}).sort());
  });

  it("opens files for reading only", () => {
    const opens = SCORING.flatMap(({ file }) => [
      ...readFileSync(join(DIST, "../src", file), "utf8").matchAll(/openSync\([^)]*\)/g),
    ]).map(([call]) => call);
    expect(opens).toEqual(['openSync(path, "r")', 'openSync(path, "r")']);
  });

  it.each([
    ['import { request } from "node:http";', "imports", "node:http request"],
    ['import * as net from "node:net";', "imports", "node:net *"],
    ['const http = await import("node:http");', "imports", "node:http *"],
    ["await import(name);", "imports", "(computed)"],
    ['import { type A, writeFileSync as write } from "node:fs";', "imports", "node:fs writeFileSync"],
    ["bytes.toString();", "constructs", ".toString"],
    ["text.split(' ');", "constructs", ".split"],
    ["/a/u;", "constructs", "regexp"],
    ["new RegExp('a');", "constructs", "RegExp"],
    ["new TextDecoder();", "constructs", "TextDecoder"],
    ["String(bytes);", "constructs", "String"],
    ["String.fromCharCode(byte);", "constructs", ".fromCharCode"],
    [`\`\${bytes}\`;`, "constructs", "template"],
    ["console.log(1);", "constructs", "console"],
  ] as const)("finds what it looks for in %s", (text, kind, expected) => {
    expect(readModule(text)[kind]).toContain(expected);
  });

  it.each(['import type { Socket } from "node:net";', 'import { type Socket } from "node:net";'])(
    "passes over %s",
    (text) => {
      expect(readModule(text).imports).toEqual([]);
    },
  );
});

/** Files that are loaded at once with a built file, and what they import from elsewhere. */
function builtClosure(entry: string): { files: string[]; modules: string[] } {
  const files = new Set<string>();
  const modules = new Set<string>();
  const visit = (path: string): void => {
    if (files.has(path)) return;
    files.add(path);
    const text = readFileSync(path, "utf8");
    for (const [, specifier] of text.matchAll(/^(?:import|export)\s(?:[^"';]*?from\s*)?"([^"]+)";$/gm)) {
      if (specifier.startsWith(".")) visit(resolve(dirname(path), specifier));
      else modules.add(specifier.replace(/^node:/, ""));
    }
  };
  visit(join(DIST, entry));
  return { files: [...files], modules: [...modules].sort() };
}

describe("built files", () => {
  it.each([
    ["index.js", ["crypto", "fs", "module", "os", "url", "worker_threads"]],
    ["pool/worker.js", ["crypto", "fs", "url", "worker_threads"]],
    ["plugs/coop.js", ["crypto", "fs", "module", "url", "worker_threads"]],
    ["cli/main.js", ["commander", "crypto", "fs", "url", "v8", "worker_threads"]],
  ])("%s imports nothing that can reach a network", (entry, expected) => {
    const { modules } = builtClosure(entry);
    expect(modules.filter((name) => !expected.includes(name))).toEqual([]);
    expect(modules).toContain("fs");
  });

  it("calls nothing that sends or that loads native code", () => {
    const { files } = builtClosure("index.js");
    const text = files.map((file) => readFileSync(file, "utf8")).join("\n");
    expect(text.match(/\b(fetch|XMLHttpRequest|WebSocket|EventSource)\s*\(/g)).toBeNull();
    expect(text.match(/\bprocess\.(dlopen|binding)\b/g)).toBeNull();
  });

  const library = JSON.stringify(pathToFileURL(join(DIST, "index.js")).href);

  it.each([
    ["the library", `await import(${library});`, []],
    [
      "a message scored by the first stage",
      `const { createTriage, DEFAULT_POLICY } = await import(${library});
      await (await createTriage({ policy: { ...DEFAULT_POLICY, secondLook: null } })).assess(Uint8Array.of(104, 105));`,
      [],
    ],
    [
      "a message scored by both",
      `const { createTriage } = await import(${library});
      await (await createTriage()).assess(Uint8Array.of(104, 105));`,
      ["/onnxruntime-node/bin/"],
    ],
  ])("%s loads neither network modules nor a native library but the runtime", (_, body, runtime) => {
    // The list of the modules of Node.js that are loaded, before and after; `process.stdout` itself would load some.
    const program = `
      import { readFileSync, writeSync } from "node:fs";
      const loaded = () => process.moduleLoadList.filter((name) => name.startsWith("NativeModule ")).map((name) => name.slice(13));
      const before = new Set(loaded());
      ${body}
      const native = process.platform === "linux" ? readFileSync("/proc/self/maps", "utf8").split("\\n").filter((line) => line.includes(".node") || line.includes("onnxruntime")) : [];
      writeSync(1, JSON.stringify({ added: loaded().filter((name) => !before.has(name)), native }));`;
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
    const { added, native } = JSON.parse(output) as { added: string[]; native: string[] };
    const forbidden = [...NETWORK, "child_process", "cluster"];
    for (const name of forbidden.slice(0, 7)) expect(builtinModules).toContain(name);
    expect(added.filter((name) => forbidden.includes(name))).toEqual([]);
    expect(native.filter((line) => !runtime.some((part) => line.includes(part)))).toEqual([]);
  });
});
