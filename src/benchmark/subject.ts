import type { Urgency } from "../labels.js";

/** What is measured: anything that takes one message at a time. */
export interface Subject {
  readonly name: string;
  /** Bytes of the files of its model. */
  readonly modelBytes: number;
  /** Makes ready what is not to be measured. */
  prepare?(messages: readonly Uint8Array[]): void;
  /** Takes one message, at once or with a promise. */
  score(message: Uint8Array): unknown;
  /** The level of a message, for comparing models; what gives none is left out there. */
  level?(message: Uint8Array): Promise<Urgency>;
  close(): Promise<void>;
}
