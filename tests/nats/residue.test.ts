import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { connect, headers, type NatsConnection } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Canary, type CanaryScript, makeCanary } from "../../src/audit/canary.js";
import { canaryPatterns } from "../../src/audit/patterns.js";
import { createResidueScanner } from "../../src/audit/residue-scan.js";
import { derivedForms } from "../../src/cli/audit-forms.js";
import { loadPack } from "../../src/model/pack.js";
import { canScan } from "../audit/child-programs.js";
import { BASE_PACK } from "../cli/command.js";
import {
  type Broker,
  hasBroker,
  hasOpenssl,
  makeCertificate,
  startBroker,
  startWork,
  type WorkProcess,
} from "./broker.js";

const canRun = canScan && hasBroker && existsSync(BASE_PACK);
const needs = canRun ? "" : " (needs Linux with /proc/<pid>/pagemap, and nats-server)";
const forms = canRun ? derivedForms(loadPack(BASE_PACK)) : {};
const SETTLE_MS = 50;
const NEUTRAL = Buffer.from('{"text":"hello, is somebody there"}');

const escaped = (text: string): string =>
  Array.from(text, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const repeated = ({ text, bytes }: Canary, length: number): string => `${text} `.repeat(length / bytes.length + 1);

const CASES: ReadonlyArray<readonly [string, CanaryScript, (canary: Canary) => string]> = [
  ["a text", "latin", ({ text }) => `{"text":"${text}"}`],
  ["a text in another script", "devanagari", ({ text }) => `{"text":"${text}"}`],
  ["a text in escapes", "cyrillic", ({ text }) => `{"text":"${escaped(text)}"}`],
  ["a text of 30 kB", "latin", (canary) => `{"text":"${repeated(canary, 30_000)}"}`],
  ["a text of 900 kB", "cyrillic", (canary) => `{"text":"${repeated(canary, 900_000)}"}`],
  ["JSON that breaks off", "cyrillic", ({ text }) => `{"text":"${text}`],
  ["no JSON at all", "arabic", ({ text }) => text],
  ["an unknown field", "cjk", ({ text }) => `{"other":"${text}","text":"hi"}`],
  ["a country that is none", "emoji", ({ text }) => `{"country":"${text}","text":"${text}"}`],
];

let broker: Broker;
let worker: WorkProcess;
let asker: NatsConnection;

const ask = (payload: Uint8Array, header?: string): Promise<unknown> => {
  const others = headers();
  if (header !== undefined) others.set("Other", header);
  return asker.request("earshot.assess", payload, {
    timeout: 20_000,
    ...(header !== undefined && { headers: others }),
  });
};

function copiesOf(canaries: readonly Canary[], pid = worker.pid): number {
  const scan = createResidueScanner(canaries.flatMap((canary) => canaryPatterns(canary, forms))).scan(pid);
  if (!scan.available) throw new Error(scan.reason);
  expect(scan.bytesUnreadable).toBe(0);
  return scan.copies;
}

describe.each([
  ["TCP", false],
  ["TLS", true],
])(`residue of earshot work over %s${needs}`, (_, isEncrypted) => {
  const isPossible = canRun && (hasOpenssl || !isEncrypted);

  beforeAll(async () => {
    if (!isPossible) return;
    const { certificate, key } = isEncrypted ? makeCertificate() : { certificate: "", key: "" };
    broker = await startBroker(isEncrypted ? ["--tls", "--tlscert", certificate, "--tlskey", key] : []);
    worker = await startWork(broker, ...(isEncrypted ? ["--tls-ca", certificate] : []));
    asker = await connect({ servers: broker.url, ...(isEncrypted && { tls: { caFile: certificate } }) });
    await ask(NEUTRAL);
  });

  afterAll(async () => {
    if (!isPossible) return;
    await asker.close();
    await worker.end("SIGTERM");
    await broker.stop();
  });

  it.runIf(isPossible).each(CASES)("%s leaves nothing", async (_case, script, toText) => {
    const canary = makeCanary(script, 324);
    await ask(Buffer.from(toText(canary)));
    await delay(SETTLE_MS);
    expect(copiesOf([canary])).toBe(0);
  });

  it.runIf(isPossible)("a header leaves nothing", async () => {
    const canary = makeCanary("latin", 324);
    await ask(NEUTRAL, canary.text);
    await delay(SETTLE_MS);
    expect(copiesOf([canary])).toBe(0);
  });

  it.runIf(isPossible)("the NATS server keeps a message, as documented, and the worker does not", async () => {
    const canary = makeCanary("latin", 324);
    await ask(Buffer.from(`{"text":"${canary.text}"}`));
    for (let count = 0; count < 5; count += 1) await ask(NEUTRAL);
    // If this ever finds nothing, the other tests prove nothing.
    expect(copiesOf([canary], broker.pid)).toBeGreaterThan(0);
    expect(copiesOf([canary])).toBe(0);
  });

  it.runIf(isPossible)("150 messages at once leave nothing, the refused ones included", async () => {
    const canaries = Array.from({ length: 150 }, (__, index) =>
      makeCanary((["latin", "cyrillic", "cjk"] as const)[index % 3], 60 + (index % 7) * 200),
    );
    await Promise.all(canaries.map(({ text }) => ask(Buffer.from(`{"text":"${text}"}`))));
    await delay(SETTLE_MS);
    expect(copiesOf(canaries.slice(-20))).toBe(0);
  });
});
