import { EarshotError, type EarshotErrorCode, isEarshotError } from "../errors.js";
import type { ErrorAnswer } from "../wire.js";

/** The status of every code that is the asker's to mend, or that passes; what is not listed is a fault of the server. */
const STATUSES: Readonly<Partial<Record<EarshotErrorCode, number>>> = {
  REQUEST_INVALID: 400,
  REQUEST_ABORTED: 400,
  LINE_TOO_LONG: 400,
  LINE_NOT_JSON: 400,
  LINE_NOT_UTF8: 400,
  TEXT_MISSING: 400,
  TEXT_NOT_STRING: 400,
  TEXT_EMPTY: 400,
  FIELD_INVALID: 400,
  FIELD_DUPLICATE: 400,
  INPUT_INVALID: 400,
  COUNTRY_UNKNOWN: 400,
  TOKEN_MISSING: 401,
  SIGNATURE_INVALID: 401,
  REQUEST_FORBIDDEN: 403,
  ROUTE_UNKNOWN: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  CONVERSATION_INVALID: 409,
  CONVERSATION_VERSION: 409,
  CONVERSATION_EXPIRED: 409,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  OVERLOADED: 429,
  SERVER_FULL: 503,
  NOT_READY: 503,
  DRAINING: 503,
  CLOSED: 503,
  WORKER_FAILED: 503,
};

/** The HTTP status of an error. */
export function statusOf(code: EarshotErrorCode): number {
  return STATUSES[code] ?? 500;
}

/** Whether the same request may do better later. */
export function mayBeRepeated(code: EarshotErrorCode): boolean {
  return statusOf(code) === 429 || statusOf(code) === 503;
}

/** What was caught, as an error of this package. Nothing of another error is looked at: it may quote a text. */
export function toKnownError(caught: unknown): EarshotError {
  if (!isEarshotError(caught)) return new EarshotError("INTERNAL");
  return caught.code === "POOL_FULL" ? new EarshotError("OVERLOADED", caught.details) : caught;
}

/** The body of an answer that is an error. */
export function errorAnswer({ code, message, details }: EarshotError): ErrorAnswer {
  return { error: code, message, details };
}
