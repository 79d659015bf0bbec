/** A stable, machine-readable reason. */
export type EarshotErrorCode = keyof typeof MESSAGES;

/** What may accompany an error: numbers and booleans, never strings, so that no text can ride along. */
export type EarshotErrorDetails = Readonly<Record<string, number | boolean>>;

/** The fields of an error that a log line may carry. */
export interface EarshotErrorJson {
  /** A stable, machine-readable reason. */
  readonly code: EarshotErrorCode;
  /** Counts, limits and line numbers that explain the failure. */
  readonly details: EarshotErrorDetails;
}

/** One fixed sentence per code: a message is chosen, never composed. */
const MESSAGES = {
  // Input, one line each
  LINE_TOO_LONG: "The line is longer than the hard limit and its text could not be found within it.",
  LINE_NOT_JSON: "The line is not one JSON object.",
  LINE_NOT_UTF8: "The line is not valid UTF-8 outside its text.",
  TEXT_MISSING: "The line has no text field.",
  TEXT_NOT_STRING: "The text field is not a string.",
  TEXT_EMPTY: "The text is empty or blank.",
  FIELD_INVALID: "A metadata field has the wrong type or an impossible value.",
  FIELD_DUPLICATE: "A field occurs twice in the line.",
  LABELS_MISSING: "The line has no label to measure against.",
  LABEL_INVALID: "A label is none that is known, or its field has the wrong type.",
  // Calls
  INPUT_INVALID: "The message is neither a string nor bytes, or an option has an impossible value.",
  CLOSED: "This triage was closed.",
  POOL_FULL: "All workers are busy and as many messages wait as may; this one was not taken and stays with the caller.",
  WORKER_FAILED: "The worker ended before it answered; the message was not scored.",
  // Configuration
  POLICY_INVALID: "The policy does not match its schema.",
  DIRECTORY_INVALID: "The referral directory does not match its schema; earshot directory check names the lines.",
  COUNTRY_UNKNOWN: "The country is not a two-letter ISO 3166 code.",
  // Labelled data
  DATA_TOO_FEW:
    "There are too few labelled messages for this; the details say how many there are and how many it takes.",
  TARGET_UNREACHABLE:
    "No threshold reaches the target, because rules or missing scores decide too many of the messages.",
  QUEUE_RULES_INVALID: "The rules of the queue do not match their schema.",
  SCENARIO_INVALID: "The scenario does not match its schema.",
  ARRIVALS_MISSING: "There is nobody to simulate: no model of arrivals, and no line of a record that could be read.",
  // Statistics
  STATISTICS_INVALID: "What is to be counted has an unknown table or an impossible value.",
  BUDGET_SPENT: "Less of the privacy budget is left than this release would cost; nothing was released.",
  BUDGET_INVALID: "The budget file has another form or another limit.",
  TEXT_PRESENT: "The line holds a text, which statistics neither need nor read.",
  PERSON_MISSING: "The line does not say whom it is about, so that nobody knows how often that person was counted.",
  // Evidence
  EVIDENCE_INVALID:
    "A report given as evidence is not what its command writes with --format json; the details say which one.",
  ORGANISATION_INVALID: "The answers of the organisation are not a JSON object of known names with texts.",
  OUTPUT_EXISTS: "A file of that name is there already and was left as it is; choose another folder.",
  // Queue
  TICKET_INVALID: "A ticket, or what is asked of the queue, has an unknown field or an impossible value.",
  TICKET_DUPLICATE: "A ticket with this id is in the queue already.",
  TICKET_UNKNOWN: "No ticket with this id is in the queue.",
  QUEUE_FULL: "The queue is full and did not take the ticket, which stays with the caller.",
  CLAIM_EXPIRED: "The claim has timed out, was given back or was completed.",
  SNAPSHOT_INVALID: "The snapshot was changed, or has another key.",
  SNAPSHOT_VERSION: "The snapshot was made by a version whose form is not read here.",
  // Conversation
  CONVERSATION_INVALID: "The saved conversation was cut or changed, or has another key.",
  CONVERSATION_VERSION: "The saved conversation was made by another version of Earshot, of the pack or of the policy.",
  CONVERSATION_EXPIRED: "The saved conversation is too old to go on with.",
  // Model pack
  PACK_NOT_FOUND: "The model pack could not be read.",
  PACK_INVALID: "The manifest of the model pack does not match its schema.",
  PACK_CORRUPT: "A file of the model pack does not have the size or hash that its manifest states.",
  // Model runtime
  RUNTIME_MISSING: "The model runtime is not installed, or not for this system.",
  RUNTIME_REFUSED: "This version of the model runtime sends telemetry, and it is too late to switch that off.",
  RUNTIME_FAILED: "The model runtime failed.",
  MODEL_NOT_LOADED: "The folder does not hold a text classification model that the library can load.",
  LABEL_MAP_INVALID: "The label map does not match its schema or the labels of the model.",
  // The asker's side of a service
  SERVICE_UNREACHABLE: "There was no connection to the service, or it ended before the answer was there.",
  SERVICE_TIMEOUT: "The service did not answer in time.",
  ANSWER_INVALID: "The answer is none that is understood here: another service, or another version of this one.",
  // The service
  REQUEST_INVALID:
    "The request is not HTTP as this service takes it, or a parameter is unknown or has an impossible value.",
  TOKEN_MISSING: "The request has no bearer token, or another one.",
  SIGNATURE_INVALID: "The signature of the webhook is missing, wrong or too old.",
  REQUEST_FORBIDDEN: "The request comes from a web page, or names a host that this service is not.",
  ROUTE_UNKNOWN: "There is nothing at this path.",
  METHOD_NOT_ALLOWED: "The path takes another method.",
  REQUEST_TIMEOUT: "The request did not arrive in time.",
  REQUEST_ABORTED: "The request broke off before its end.",
  BODY_TOO_LARGE: "The message is longer than this service takes.",
  MEDIA_TYPE_UNSUPPORTED: "The body has a type or an encoding that this path does not take.",
  OVERLOADED: "Too many messages wait; by its words and rules alone this one is not immediate. Ask again.",
  SERVER_FULL: "The service holds as many connections or bytes as it may; the request was not read.",
  NOT_READY: "The service is starting, or could not start.",
  DRAINING: "The service is ending and takes nothing more.",
  TOKEN_INVALID: "The token is shorter than 32 characters, or has characters that a header cannot carry.",
  KEY_INVALID: "The key is not 32 bytes in base64.",
  ADDRESS_NOT_LOCAL: "An address that other machines reach takes a token and the leave to use it.",
  ADDRESS_UNUSABLE: "The service cannot listen at this address.",
  // The worker's side of a message broker
  BROKER_UNREACHABLE: "No message broker answers at this address, or it takes neither the encryption nor who asks.",
  BROKER_REFUSED: "The message broker does not let this account use the subjects.",
  // Surroundings
  FILE_NOT_READABLE: "The input could not be opened or read.",
  OUTPUT_CLOSED: "The output was closed before everything was written.",
  OUTPUT_FAILED: "The output could not be written.",
  INTERNAL: "Something failed that should not; the message was not scored.",
} as const;

/** All codes with their fixed sentences. */
export const ERROR_MESSAGES: Readonly<Record<EarshotErrorCode, string>> = MESSAGES;

// Symbol.for, so that the check works when two copies of the package are loaded and `instanceof` does not.
const MARK = Symbol.for("earshot.error");

/** The only error class this package throws. */
export class EarshotError extends Error implements EarshotErrorJson {
  /** Always `"EarshotError"`. */
  override readonly name: string = "EarshotError";
  /** A stable, machine-readable reason. */
  readonly code: EarshotErrorCode;
  /** Counts, limits and line numbers that explain the failure. */
  readonly details: EarshotErrorDetails;
  /** @internal */
  readonly [MARK] = true;

  /** Creates an error; there is deliberately no `cause` parameter, because a cause may quote its input. */
  constructor(code: EarshotErrorCode, details: EarshotErrorDetails = {}) {
    super(MESSAGES[code]);
    this.code = code;
    this.details = details;
  }

  /** Returns what may be logged. */
  toJSON(): EarshotErrorJson {
    return { code: this.code, details: this.details };
  }
}

/** Whether a caught value is an error of this package, also when it comes from another copy of it. */
export function isEarshotError(value: unknown): value is EarshotError {
  return typeof value === "object" && value !== null && MARK in value;
}
