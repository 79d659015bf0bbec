import { type BinaryLike, createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/** Seconds that a signature stays good, as Standard Webhooks and Chatwoot recommend. */
const TOLERANCE_SECONDS = 300;
/** Seconds since 1970 without sign or leading zero, so that one time has one spelling. */
const TIMESTAMP = /^[1-9]\d{0,11}$/;

const encoder = new TextEncoder();

/** Whether a header names a time that is close enough to now, either way: an old request may be a replay. */
export function isRecent(timestamp: string, now: Date): boolean {
  return TIMESTAMP.test(timestamp) && Math.abs(now.getTime() / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS;
}

/** HMAC-SHA256 over what was put before the payload and the payload itself, which stays bytes. */
export function sign(
  key: BinaryLike | KeyObject,
  before: string,
  payload: Uint8Array | string,
  encoding: "base64" | "hex",
): string {
  return createHmac("sha256", key).update(before).update(payload).digest(encoding);
}

/** Compares in a time that depends on the lengths alone. */
export function isSame(given: string, expected: string): boolean {
  const [left, right] = [encoder.encode(given), encoder.encode(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
