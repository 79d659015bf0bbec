import type { EarshotErrorCode, EarshotErrorDetails } from "./errors.js";
import type { Assessment, Trend } from "./types.js";

/** The body of every answer of the service that is an error. */
export interface ErrorAnswer {
  readonly error: EarshotErrorCode;
  /** The fixed sentence of the code. */
  readonly message: string;
  readonly details: EarshotErrorDetails;
}

/** Stands in a stream of assessments in place of a line that could not be assessed. */
export interface RejectedLine {
  /** Position in the request, from 1. */
  readonly line: number;
  readonly error: EarshotErrorCode;
}

/** The answer to one turn of a conversation. */
export interface ConversationAnswer {
  readonly assessment: Assessment & { readonly trend: Trend };
  /** The conversation after this turn, in base64, to be sent with the next one. */
  readonly state: string;
}

/** The answer of a process that is alive. */
export interface Health {
  readonly status: "ok";
}

/** Whether the service takes messages; all but `ready` come with the status 503. */
export interface Readiness {
  readonly status: "ready" | "starting" | "draining" | "failed";
}
