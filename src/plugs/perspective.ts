import { type EarshotErrorCode, isEarshotError } from "../errors.js";
import { type FieldKind, type FieldValue, jsonPaths, readJsonFields } from "../text/json-fields.js";
import type { Assessment } from "../types.js";
import { ANSWERED_ATTRIBUTES, REFUSED_ATTRIBUTES } from "./perspective-attributes.js";
import type { PlugAnswer, PlugRoute } from "./plug.js";

/*
 * Read on 2026-11-22: request and response in APIs-guru/openapi-directory, APIs/googleapis.com/commentanalyzer/v1alpha1/
 * openapi.yaml (from Google's discovery document); attributes, languages and errors in conversationai/perspectiveapi,
 * 2-api/methods.md, models.md and limits.md. The type of the details of an error is what clients recorded of the service.
 */
const ERROR_TYPE = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error";

const PATHS = jsonPaths({
  "comment.text": "text",
  "comment.type": "string",
  languages: "strings",
  clientToken: "string",
  spanAnnotations: "boolean",
  requestedAttributes: "object",
  ...Object.fromEntries([...ANSWERED_ATTRIBUTES.keys(), ...REFUSED_ATTRIBUTES].flatMap(attributePaths)),
});

/** Codes of what is wrong with a request; all others are for the server to answer. */
const REQUEST_FAULTS: readonly EarshotErrorCode[] = [
  "LINE_NOT_JSON",
  "LINE_NOT_UTF8",
  "TEXT_NOT_STRING",
  "FIELD_INVALID",
  "FIELD_DUPLICATE",
];

interface Score {
  readonly value: number;
  readonly type: "PROBABILITY";
}

interface AttributeScores {
  readonly summaryScore: Score;
  readonly spanScores?: readonly { readonly begin: number; readonly end: number; readonly score: Score }[];
}

/**
 * `AnalyzeComment` of the Perspective API, with attributes of Earshot (see `ANSWERED_ATTRIBUTES`), so that a client needs
 * another address and other names but no other code. The scores are another model's about another question: no threshold
 * that was tuned for Perspective carries over. Nothing is ever stored, whatever `doNotStore` says; `context`, `sessionId`
 * and `communityId` are not read. One language in `languages` is taken as stated; several are identified anew. Scores are
 * of the whole text, so `spanAnnotations` gives one span; in a language without risk data they are answered too, and
 * `EARSHOT_REVIEW` is 1, because clients let pass what was refused for its language.
 */
export const perspectiveRoute: PlugRoute = Object.freeze<PlugRoute>({
  method: "POST",
  path: "/v1alpha1/comments:analyze",
  async handle(body, length, services) {
    let text: Uint8Array = new Uint8Array(0);
    try {
      const fields = readJsonFields(body, 0, length, PATHS);
      text = fields.text;
      const refusal = refusalOf(fields.values);
      if (refusal !== undefined) return refusal;
      const languages = (fields.values.get("languages") ?? []) as readonly string[];
      const stated = languages.length === 1 ? { language: languages[0] } : {};
      return answer(await services.assess(text, stated), fields.values, text);
    } catch (error) {
      if (!isEarshotError(error)) throw error;
      if (error.code === "TEXT_EMPTY") return invalid("Comment must be non-empty.", "COMMENT_EMPTY");
      if (REQUEST_FAULTS.includes(error.code)) return invalid("Invalid JSON payload received.", "INVALID_REQUEST");
      throw error;
    } finally {
      text.fill(0);
    }
  },
});

function attributePaths(name: string): [string, FieldKind][] {
  const path = `requestedAttributes.${name}`;
  return [
    [path, "object"],
    [`${path}.scoreType`, "string"],
    [`${path}.scoreThreshold`, "number"],
  ];
}

/** What is wrong with a request that could be read; undefined for nothing. Names that only the caller knows are not repeated. */
function refusalOf(values: ReadonlyMap<string, FieldValue>): PlugAnswer | undefined {
  const asked = (name: string): boolean => values.has(`requestedAttributes.${name}`);
  const refused = REFUSED_ATTRIBUTES.filter(asked);
  if (refused.length > 0) {
    return invalid(
      `Earshot does not score ${refused.join(", ")}: its attributes begin with EARSHOT_.`,
      "INVALID_REQUEST",
    );
  }
  const unknown = values.get("requestedAttributes") ?? 0;
  if (unknown !== 0) return invalid("Unknown requested attribute.", "INVALID_REQUEST");
  const names = [...ANSWERED_ATTRIBUTES.keys()].filter(asked);
  if (names.length === 0) return invalid("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES");
  const otherType = names.find(
    (name) => !isDefault(values.get(`requestedAttributes.${name}.scoreType`), "PROBABILITY", "SCORE_TYPE_UNSPECIFIED"),
  );
  if (otherType !== undefined) {
    return invalid(`Requested score type is not supported by attribute ${otherType}`, "INVALID_REQUEST");
  }
  if (!isDefault(values.get("comment.type"), "PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED")) {
    return invalid("Currently, only 'PLAIN_TEXT' comments are supported", "INVALID_REQUEST");
  }
  return undefined;
}

/** Whether a choice was left open or is the only one that there is. */
function isDefault(value: FieldValue | undefined, ...choices: readonly string[]): boolean {
  return value === undefined || value === null || choices.some((choice) => choice === value);
}

function answer(assessment: Assessment, values: ReadonlyMap<string, FieldValue>, text: Uint8Array): PlugAnswer {
  const attributeScores: Record<string, AttributeScores> = {};
  for (const [name, valueIn] of ANSWERED_ATTRIBUTES) {
    if (!values.has(`requestedAttributes.${name}`)) continue;
    const value = valueIn(assessment);
    // A score that is missing must not pass for a low one.
    if (value === undefined) return failure(503, "UNAVAILABLE", "The model could not run.");
    const threshold = values.get(`requestedAttributes.${name}.scoreThreshold`);
    if (typeof threshold === "number" && value < threshold) continue;
    const score: Score = { value, type: "PROBABILITY" };
    const whole = { begin: 0, end: utf16Length(text), score };
    attributeScores[name] = {
      summaryScore: score,
      ...(values.get("spanAnnotations") === true && { spanScores: [whole] }),
    };
  }
  const stated = (values.get("languages") ?? []) as readonly string[];
  const detected = [assessment.language.tag];
  const clientToken = values.get("clientToken");
  return {
    status: 200,
    body: {
      attributeScores,
      ...(stated.length > 0 ? { languages: stated } : { languages: detected, detectedLanguages: detected }),
      ...(typeof clientToken === "string" && { clientToken }),
    },
  };
}

/** Perspective counts in UTF-16 code units: two for a character of four bytes, one for every other. */
function utf16Length(text: Uint8Array): number {
  let units = 0;
  for (const byte of text) units += byte >= 0xf0 ? 2 : byte < 0x80 || byte >= 0xc0 ? 1 : 0;
  return units;
}

function invalid(message: string, errorType: string): PlugAnswer {
  return failure(400, "INVALID_ARGUMENT", message, [{ "@type": ERROR_TYPE, errorType }]);
}

function failure(code: number, status: string, message: string, details?: readonly object[]): PlugAnswer {
  return { status: code, body: { error: { code, message, status, ...(details && { details }) } } };
}
