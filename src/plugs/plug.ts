import type { AssessOptions } from "../triage.js";
import type { Assessment } from "../types.js";

/** What a plug needs from the program that holds it. */
export interface PlugServices {
  /** Scores UTF-8 bytes, read in place; as `Triage.assess`. */
  assess(text: Uint8Array, options: AssessOptions): Promise<Assessment>;
  /** The secret of the webhook in Chatwoot; with it, a request without its signature is refused. */
  readonly chatwootSecret?: string;
  /** Clock for the age of signatures. */
  readonly now?: () => Date;
}

/** An answer, ready to be written as JSON. */
export interface PlugAnswer {
  readonly status: number;
  readonly body: object;
}

/** Something that answers in the form of another system. */
export interface PlugRoute {
  readonly method: "POST";
  readonly path: string;
  /**
   * Answers one request. The body is only read and stays the caller's to wipe; the plug wipes its own copy of the text.
   *
   * @param length bytes of `body` that belong to the request
   * @param header reads a header by its lower-case name
   * @throws EarshotError for everything that all routes of a server answer alike
   */
  handle(
    body: Uint8Array,
    length: number,
    services: PlugServices,
    header?: (name: string) => string | undefined,
  ): Promise<PlugAnswer>;
}
