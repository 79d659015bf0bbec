import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signWebhook, verifyWebhook, type WebhookHeaders, webhookPayload } from "../../src/plugs/webhook.js";
import { assessmentOf } from "./support.js";

/** From the tests of the reference library, standard-webhooks/standard-webhooks, libraries/javascript. */
const REFERENCE = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  seconds: 1614265330,
  payload: '{"test": 2432232314}',
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};
const { secret, id, seconds, payload } = REFERENCE;
const SIGNED = signWebhook(payload, { secret, id, timestamp: new Date(seconds * 1000) });
const at = (offset: number): Date => new Date((seconds + offset) * 1000);
const secretOf = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString("base64")}`;

describe("signWebhook", () => {
  it("signs as the reference library does, a string or bytes", () => {
    const expected: WebhookHeaders = {
      "webhook-id": id,
      "webhook-timestamp": "1614265330",
      "webhook-signature": REFERENCE.signature,
    };
    expect(SIGNED).toEqual(expected);
    const bytes = new TextEncoder().encode(payload);
    expect(signWebhook(bytes, { secret, id, timestamp: at(0.9) })).toEqual(expected);
  });

  it.each([
    ["an id with a full stop", { secret, id: "msg.1", timestamp: at(0) }],
    ["an empty id", { secret, id: "", timestamp: at(0) }],
    ["no time", { secret, id, timestamp: new Date(Number.NaN) }],
    ["a secret without its prefix", { secret: secret.slice(6), id, timestamp: at(0) }],
    ["a secret that is no base64", { secret: "whsec_*", id, timestamp: at(0) }],
    ["a secret of 23 bytes", { secret: secretOf(23), id, timestamp: at(0) }],
    ["a secret of 65 bytes", { secret: secretOf(65), id, timestamp: at(0) }],
  ])("refuses %s", (_, signing) => {
    expect(() => signWebhook(payload, signing)).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID", details: {} }),
    );
  });

  it.each([24, 64])("takes a secret of %d bytes", (bytes) => {
    const headers = signWebhook(payload, { secret: secretOf(bytes), id, timestamp: at(0) });
    expect(verifyWebhook(payload, headers, { secret: secretOf(bytes), now: at(0) })).toBe(true);
  });
});

describe("verifyWebhook", () => {
  it.each<[string, boolean, string, Partial<WebhookHeaders>, number]>([
    ["what was signed", true, payload, SIGNED, 0],
    ["a receiver whose clock is 300 s ahead", true, payload, SIGNED, 300],
    ["a receiver whose clock is 300 s behind", true, payload, SIGNED, -300],
    ["a replay after 301 s", false, payload, SIGNED, 301],
    ["a time 301 s ahead", false, payload, SIGNED, -301],
    ["another body", false, `${payload} `, SIGNED, 0],
    ["another id", false, payload, { ...SIGNED, "webhook-id": "msg_2" }, 0],
    ["a fresh time over an old signature", false, payload, { ...SIGNED, "webhook-timestamp": `${seconds + 1}` }, 0],
    ["the same time spelt otherwise", false, payload, { ...SIGNED, "webhook-timestamp": `0${seconds}` }, 0],
    ["a time that is none", false, payload, { ...SIGNED, "webhook-timestamp": "NaN" }, 0],
    ["no headers", false, payload, {}, 0],
    ["an empty signature", false, payload, { ...SIGNED, "webhook-signature": "" }, 0],
    ["a signature cut short", false, payload, { ...SIGNED, "webhook-signature": REFERENCE.signature.slice(0, -2) }, 0],
    ["another scheme", false, payload, { ...SIGNED, "webhook-signature": REFERENCE.signature.replace("v1", "v1a") }, 0],
    ["one of several", true, payload, { ...SIGNED, "webhook-signature": `v1,AA== v1a,BB== ${REFERENCE.signature}` }, 0],
  ])("on %s says %s", (_, expected, body, headers, offset) => {
    expect(verifyWebhook(body, headers, { secret, now: at(offset) })).toBe(expected);
  });

  it("refuses a payload in which any byte changed, and any other secret", () => {
    const bytes = new TextEncoder().encode(payload);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (index, change) => {
        const changed = bytes.with(index, bytes[index] ^ change);
        expect(verifyWebhook(changed, SIGNED, { secret, now: at(0) })).toBe(false);
      }),
    );
    expect(verifyWebhook(payload, SIGNED, { secret: secretOf(24), now: at(0) })).toBe(false);
  });
});

describe("webhookPayload", () => {
  it("holds level, place and codes, and nothing that is close to the text", () => {
    const { data, ...envelope } = JSON.parse(
      webhookPayload(assessmentOf("urgent", { categories: ["bullying"], review: ["TRUNCATED"] }), at(0)),
    );
    expect(envelope).toEqual({ type: "message.assessed", timestamp: "2021-02-25T15:02:10.000Z" });
    expect(data).toEqual({
      id: "m-1",
      urgency: "urgent",
      priority: expect.any(Number),
      categories: ["bullying"],
      signals: ["now"],
      review: ["TRUNCATED"],
      respondWithinMinutes: 5,
      language: "en",
      pack: "base@1",
      policy: "default@1",
    });
  });
});
