import { createSecretKey, type KeyObject } from "node:crypto";
import { EarshotError } from "../errors.js";
import type { Assessment } from "../types.js";
import { isRecent, isSame, sign } from "./signature.js";

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;
const LEAST_SECRET_BYTES = 24;
const MOST_SECRET_BYTES = 64;
/** The parts are joined by full stops, so an id must not hold one. */
const ID = /^[A-Za-z0-9_-]{1,256}$/;

/**
 * The headers of a signed webhook. Standard Webhooks 1.0.0: github.com/standard-webhooks/standard-webhooks,
 * spec/standard-webhooks.md, read on 2026-11-22.
 */
export interface WebhookHeaders {
  /** The same for every attempt to deliver one event, so that the receiver can tell a repetition. */
  readonly "webhook-id": string;
  /** Seconds since 1970, of this attempt. */
  readonly "webhook-timestamp": string;
  /** `v1,` and the signature in base64; several, separated by spaces, while a secret is replaced. */
  readonly "webhook-signature": string;
}

/** What a webhook is signed with. */
export interface WebhookSigning {
  /** `whsec_` and 24 to 64 random bytes in base64, one per receiver. */
  readonly secret: string;
  /** 1 to 256 letters, digits, `_` and `-`. */
  readonly id: string;
  /** When this attempt is made. */
  readonly timestamp: Date;
}

/**
 * What another system gets to know: level, place in the queue, what the message speaks of and why a person should look.
 * Left out is what it does not need or what is closest to the text: scores, reasons, spans, lengths and referrals.
 *
 * @param at when the message was assessed
 */
export function webhookPayload(assessment: Assessment, at: Date): string {
  const { id, urgency, priority, categories, signals, review, respondWithinMinutes, language, pack, policy } =
    assessment;
  return JSON.stringify({
    type: "message.assessed",
    timestamp: at.toISOString(),
    data: {
      ...(id !== undefined && { id }),
      urgency,
      priority,
      categories,
      signals,
      review,
      respondWithinMinutes,
      language: language.tag,
      pack,
      policy,
    },
  });
}

/**
 * Signs a payload. Sending is left to the operator's own program: the process that scores opens no connection.
 *
 * ```ts
 * const payload = webhookPayload(await triage.assess(bytes), new Date());
 * const headers = signWebhook(payload, { secret, id: crypto.randomUUID(), timestamp: new Date() });
 * await fetch(receiver, { method: "POST", body: payload, headers: { "content-type": "application/json", ...headers } });
 * ```
 *
 * @throws EarshotError `INPUT_INVALID` when the secret, the id or the time cannot be used
 */
export function signWebhook(payload: Uint8Array | string, { secret, id, timestamp }: WebhookSigning): WebhookHeaders {
  const seconds = Math.floor(timestamp.getTime() / 1000);
  if (!ID.test(id) || !(seconds > 0)) throw new EarshotError("INPUT_INVALID");
  return {
    "webhook-id": id,
    "webhook-timestamp": `${seconds}`,
    "webhook-signature": `v1,${sign(keyOf(secret), `${id}.${seconds}.`, payload, "base64")}`,
  };
}

/**
 * Whether a payload carries a signature made with this secret not more than five minutes from now. A receiver should
 * also keep the ids of those minutes, and pass over one that it has seen.
 *
 * @param payload the body exactly as it came, before anything parses it
 * @throws EarshotError `INPUT_INVALID` when the secret cannot be used
 */
export function verifyWebhook(
  payload: Uint8Array | string,
  headers: Partial<WebhookHeaders>,
  { secret, now = new Date() }: { readonly secret: string; readonly now?: Date },
): boolean {
  const key = keyOf(secret);
  const { "webhook-id": id = "", "webhook-timestamp": timestamp = "", "webhook-signature": signatures = "" } = headers;
  if (!ID.test(id) || !isRecent(timestamp, now)) return false;
  const expected = `v1,${sign(key, `${id}.${timestamp}.`, payload, "base64")}`;
  return signatures.split(" ").some((signature) => isSame(signature, expected));
}

function keyOf(secret: string): KeyObject {
  const [, encoded] = SECRET.exec(secret) ?? [];
  const key = encoded === undefined ? undefined : createSecretKey(encoded, "base64");
  const bytes = key?.symmetricKeySize ?? 0;
  if (key === undefined || bytes < LEAST_SECRET_BYTES || bytes > MOST_SECRET_BYTES) {
    throw new EarshotError("INPUT_INVALID");
  }
  return key;
}
