/** What one server takes. Only tests change these: an operator needs none of them. */
export interface Limits {
  /** Bytes of one message with its JSON, and of one line: as long as the longest text that is scored. */
  readonly messageBytes: number;
  /** Bytes of the request line and all headers; browsers' cookies need more, nobody else does. */
  readonly headerBytes: number;
  /** Bytes of all messages that are held at once; beyond it requests are refused unread. */
  readonly heldBytes: number;
  /** Open connections; each may hold one message or a part of a line. */
  readonly connections: number;
  /** Lines of one request that are scored at once. */
  readonly linesAhead: number;
  /** Milliseconds until the headers must be there. */
  readonly headersTimeoutMs: number;
  /** Milliseconds until a body that is no stream must be there. */
  readonly bodyTimeoutMs: number;
  /** Milliseconds in which nothing came and nothing went: a stalled stream of lines, or answers that nobody reads. */
  readonly idleTimeoutMs: number;
  /** Milliseconds that a connection stays open for the next request. */
  readonly keepAliveTimeoutMs: number;
  /** What is still read, and wiped, of a body that was refused: a client that is cut off while it sends sees no answer. */
  readonly discardedBytes: number;
  /** Milliseconds for that. */
  readonly discardTimeoutMs: number;
}

/** The limits of every server. */
export const LIMITS: Limits = {
  messageBytes: 1_048_576,
  headerBytes: 8_192,
  heldBytes: 64 * 1_048_576,
  connections: 256,
  linesAhead: 8,
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  keepAliveTimeoutMs: 5_000,
  discardedBytes: 8 * 1_048_576,
  discardTimeoutMs: 1_000,
};

/** Seconds after which to ask again: about as long as what waits takes, with the default of what may wait. */
export const RETRY_AFTER_SECONDS = 1;
