import { request as httpRequest, IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { expect, it, vi } from "vitest";
import { createAccounts, createAdmission } from "../../src/server/admission.js";
import { answerLines } from "../../src/server/assess-lines.js";
import { openExchange } from "../../src/server/exchange.js";
import type { OwnedMessage } from "../../src/server/intake.js";
import { LIMITS } from "../../src/server/limits.js";
import { createScoring } from "../../src/server/scoring.js";
import { heldScorer, ROUTINE, startTestServer, until } from "./support.js";

const texts: Uint8Array[] = [];
vi.mock("../../src/server/intake.js", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../src/server/intake.js")>();
  return {
    ...original,
    readMessage(...parameters: Parameters<typeof original.readMessage>): OwnedMessage {
      const message = original.readMessage(...parameters);
      texts.push(message.text);
      return message;
    },
  };
});

it.each([
  ["while they are assessed", 3],
  ["while others are read ahead", 40],
])("wipes the lines of a stream that breaks off %s", async (_, count) => {
  texts.length = 0;
  const scorer = heldScorer();
  const { port } = await startTestServer({ triage: scorer });
  const request = httpRequest({
    port,
    host: "127.0.0.1",
    method: "POST",
    path: "/v1/assess",
    headers: { "content-type": "application/x-ndjson" },
    agent: false,
  });
  request.on("error", () => {});
  request.write(`${JSON.stringify({ text: ROUTINE })}\n`.repeat(count));
  await until(() => texts.length >= Math.min(count, 8));
  expect(texts.some((text) => text.some((byte) => byte !== 0))).toBe(true);
  request.destroy();
  await until(() => {
    scorer.release();
    return texts.every((text) => text.every((byte) => byte === 0));
  });
});

it("wipes a line that comes in the moment in which the asker goes, whichever that is", async () => {
  const line = `${JSON.stringify({ text: ROUTINE })}\n`;
  for (let steps = 0; steps < 40; steps += 1) {
    texts.length = 0;
    const scorer = heldScorer();
    const incoming = new IncomingMessage(new Socket());
    const outgoing = new ServerResponse(incoming);
    const exchange = openExchange(incoming, outgoing, createAccounts(1_000_000)(), LIMITS, () => {});
    const scoring = createScoring(scorer, createAdmission(9), () => {});
    const done = answerLines(exchange, scoring, {}, LIMITS, () => {});
    incoming.push(Buffer.from(line));
    await until(() => scorer.held === 1);
    scorer.release();
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
    incoming.push(Buffer.from(line));
    outgoing.destroy();
    const release = setInterval(scorer.release, 1);
    incoming.push(null);
    await done;
    clearInterval(release);
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(text.every((byte) => byte === 0)).toBe(true);
  }
});
