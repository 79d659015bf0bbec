import { EarshotError, type EarshotErrorCode, type EarshotErrorDetails, ERROR_MESSAGES } from "../errors.js";

type Fields = Readonly<Record<string, unknown>>;

/** Reads JSON that the service sent. Throws `ANSWER_INVALID` when it is no object. */
export function parseObject(json: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new EarshotError("ANSWER_INVALID");
  }
  if (typeof value !== "object" || value === null) throw new EarshotError("ANSWER_INVALID");
  return value as Fields;
}

/** The error that an answer is; one that Earshot does not send becomes `ANSWER_INVALID` with its status. */
export function errorOf(status: number, json: string): EarshotError {
  try {
    const { error, details } = parseObject(json);
    if (isCode(error)) return new EarshotError(error, numbersOf(details));
  } catch {
    // Below: whoever answered so is no Earshot.
  }
  return new EarshotError("ANSWER_INVALID", { status });
}

/** A code of the service as one that is known here. */
export function codeOf(code: unknown): EarshotErrorCode {
  return isCode(code) ? code : "ANSWER_INVALID";
}

/**
 * Takes an answer for what it should be once one field of it is seen, so that whatever else listens there is not taken for a
 * service that found nothing.
 *
 * @throws EarshotError `ANSWER_INVALID`
 */
export function expectAnswer<Answer>(answer: Fields, isExpected: (answer: Fields) => boolean): Answer {
  if (!isExpected(answer)) throw new EarshotError("ANSWER_INVALID");
  return answer as Answer;
}

/** Whether an answer is an assessment in the form that is known here. */
export function isAssessment(value: unknown): boolean {
  return typeof value === "object" && value !== null && "schemaVersion" in value && value.schemaVersion === 1;
}

function isCode(code: unknown): code is EarshotErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_MESSAGES, code);
}

function numbersOf(details: unknown): EarshotErrorDetails {
  const entries = Object.entries(typeof details === "object" && details !== null ? details : {});
  return Object.fromEntries(entries.filter(([, value]) => typeof value === "number" || typeof value === "boolean"));
}
