import { request as httpRequest } from "node:http";
import { expect, it, vi } from "vitest";
import type { OwnedMessage } from "../../src/server/intake.js";
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
