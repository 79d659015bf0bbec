import type { EarshotErrorCode, EarshotErrorDetails } from "../errors.js";
import type { AssessOptions, TriageOptions } from "../triage.js";
import type { Assessment } from "../types.js";

/** What a worker can be told of how it is to score: all that can be copied to another thread. */
export type WorkerOptions = Omit<TriageOptions, "pack" | "model" | "now"> & { readonly pack?: string };

/** What a worker is started with. */
export interface WorkerSetup {
  /** Where the bytes of the messages are; they go no other way. */
  readonly memory: SharedArrayBuffer;
  readonly options: WorkerOptions;
}

/** What a worker is asked; one at a time. */
export type WorkerRequest =
  | {
      readonly kind: "assess";
      /** Bytes of the text in the shared memory. */
      readonly length: number;
      readonly truncated: boolean;
      /** The time by the clock of the pool, in milliseconds since 1970. */
      readonly at: number;
      readonly context: AssessOptions;
    }
  | { readonly kind: "close" };

/** What a worker answers: once when it has come up, or could not, and then to each message. */
export type WorkerReply =
  | { readonly kind: "ready" }
  | { readonly kind: "assessment"; readonly assessment: Assessment }
  | { readonly kind: "error"; readonly code: EarshotErrorCode; readonly details: EarshotErrorDetails };
