import { CANARY_SCRIPTS, CANARY_SIZES, type Canary, type CanaryScript, makeCanary } from "./canary.js";
import { canaryPatterns, type DerivedForms, type Pattern } from "./patterns.js";

/** How the audited command expects messages: one JSON object a line with `id` and `text`, or one message a line. */
export type AuditInputFormat = "json-lines" | "lines";

/** A canary, ready to be sent. */
export interface AuditMessage {
  readonly canary: Canary;
  /** The whole line with its line feed. */
  readonly line: Uint8Array;
}

/** Which canaries to send. */
export interface AuditMessageOptions {
  readonly format: AuditInputFormat;
  readonly scripts?: readonly CanaryScript[];
  /** UTF-8 bytes per message. */
  readonly sizes?: readonly number[];
}

/** How every line of JSON begins that is sent. */
export const LINE_START = '{"id":"audit",';
// The `text` comes last, so that the characters around it are the same whatever the id is.
const JSON_FRAME = { before: '"text":"', after: '"}\n' };
const ESCAPED_SIZE_BYTES = 311;
const NEUTRAL_SIZE_BYTES = 120;

/** One canary per script and size; for JSON also one per script whose letters are all written as `\uXXXX`. */
export function createAuditMessages(options: AuditMessageOptions): readonly AuditMessage[] {
  const { format, scripts = CANARY_SCRIPTS, sizes = CANARY_SIZES } = options;
  return scripts.flatMap((script) => {
    const messages = sizes.map((size) => createMessage(makeCanary(script, size), format, false));
    if (format === "lines" || script === "latin") return messages;
    return [...messages, createMessage(makeCanary(script, ESCAPED_SIZE_BYTES), format, true)];
  });
}

/** Messages of random words that nobody looks for, as traffic between two scans. */
export function createNeutralLines(count: number, format: AuditInputFormat): readonly Uint8Array[] {
  return Array.from(
    { length: count },
    () => createMessage(makeCanary("latin", NEUTRAL_SIZE_BYTES), format, false).line,
  );
}

/** Everything to look for after these messages were sent. */
export function messagePatterns(
  messages: readonly AuditMessage[],
  format: AuditInputFormat,
  forms: DerivedForms,
): readonly Pattern[] {
  const frame = format === "json-lines" ? JSON_FRAME : undefined;
  return messages.flatMap(({ canary }) => canaryPatterns(canary, forms, frame));
}

function createMessage(canary: Canary, format: AuditInputFormat, isEscaped: boolean): AuditMessage {
  if (format === "lines") return { canary, line: Buffer.from(`${canary.text}\n`) };
  const text = isEscaped ? escapeAll(canary.text) : canary.text;
  return { canary, line: Buffer.from(`${LINE_START}${JSON_FRAME.before}${text}${JSON_FRAME.after}`) };
}

function escapeAll(text: string): string {
  return Array.from({ length: text.length }, (_, index) => {
    const unit = text.charCodeAt(index);
    return unit < 0x80 ? text.charAt(index) : `\\u${unit.toString(16).padStart(4, "0")}`;
  }).join("");
}
