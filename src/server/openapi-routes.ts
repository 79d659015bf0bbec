import type { z } from "zod";
import { ASSESSMENT } from "./assessment-schema.js";
import examples from "./examples.json" with { type: "json" };
import {
  ASELO_SUGGESTION,
  CHATWOOT_ANSWER,
  CHATWOOT_EVENT,
  PERSPECTIVE_ANSWER,
  PERSPECTIVE_ERROR,
  PERSPECTIVE_REQUEST,
} from "./plug-schema.js";
import { REFERRAL_RESULT } from "./referral-schema.js";
import {
  ASSESSMENT_LINE,
  CONVERSATION_ANSWER,
  DIRECTORY_QUERY,
  HEALTH,
  MESSAGE,
  MESSAGE_QUERY,
  READINESS,
  TURN,
} from "./schema.js";

/** What a body holds: one value by a schema, many lines of them, or text that has no schema. */
export interface DocumentedBody {
  readonly schema?: z.ZodType;
  /** Of each line, in place of `schema`. */
  readonly lines?: z.ZodType;
  readonly example?: unknown;
}

/** One route of the service. */
export interface DocumentedRoute {
  readonly method: "get" | "post";
  readonly path: string;
  readonly operationId: string;
  readonly tag: "Messages" | "Directory" | "Plugs" | "Service";
  readonly summary: string;
  readonly description: string;
  readonly query?: z.ZodType;
  /** Parameters with which the answer is the example. */
  readonly queryExample?: Readonly<Record<string, unknown>>;
  /** By media type, as the answers. */
  readonly bodies?: Readonly<Record<string, DocumentedBody>>;
  readonly answers: Readonly<Record<string, DocumentedBody>>;
  /** By status, what may be answered in place of an `ErrorAnswer`. */
  readonly otherAnswers?: Readonly<Record<number, { readonly description: string; readonly schema: z.ZodType }>>;
  /** The statuses of errors that can occur here beyond those that can occur everywhere. */
  readonly errors: readonly number[];
  /** Whether it answers without the token that all others need when there is one. */
  readonly open?: true;
}

const JSON_TYPE = "application/json";
const json = (schema: z.ZodType, example: unknown): Readonly<Record<string, DocumentedBody>> => ({
  [JSON_TYPE]: { schema, example },
});
const lines = { lines: MESSAGE, example: examples.lines };

/** Errors of every route that takes a message. */
const MESSAGE_ERRORS = [408, 413, 415, 429];

/** Every route of the service; a test holds it against the routes that there are. */
export const DOCUMENTED_ROUTES: readonly DocumentedRoute[] = [
  {
    method: "post",
    path: "/v1/assess",
    operationId: "assess",
    tag: "Messages",
    summary: "Say how urgent messages are",
    description:
      "One message as JSON or as plain text, or any number of them as lines. Lines are answered in order, each as soon as it " +
      "is its turn, while later ones are still being sent; who reads answers slowly is sent, and may send, nothing more for " +
      "the time. A line that cannot be read is answered by an error in its place and the rest goes on. Never put a text into " +
      "the address.",
    query: MESSAGE_QUERY,
    bodies: {
      ...json(MESSAGE, examples.message),
      "text/plain": { example: examples.message.text },
      "application/x-ndjson": lines,
      "application/jsonl": lines,
    },
    answers: {
      ...json(ASSESSMENT, examples.assessment),
      "application/x-ndjson": { lines: ASSESSMENT_LINE, example: examples.answerLines },
    },
    errors: MESSAGE_ERRORS,
  },
  {
    method: "post",
    path: "/v1/conversations/assess",
    operationId: "assessTurn",
    tag: "Messages",
    summary: "Say how a conversation stands after one more turn",
    description:
      "The service keeps no conversation: each answer has a `state` that goes with the next turn. It is sealed and bound to " +
      "the model; one that was changed, is too old or comes from another version is refused with 409, and the conversation " +
      "is begun anew. Turns of one conversation are asked one after the other.",
    query: MESSAGE_QUERY,
    bodies: json(TURN, examples.turn),
    answers: json(CONVERSATION_ANSWER, examples.conversation),
    errors: [...MESSAGE_ERRORS, 409],
  },
  {
    method: "get",
    path: "/v1/directory",
    operationId: "findHelp",
    tag: "Directory",
    summary: "Name who can help",
    description:
      "Services of one country in the order in which to try them, with why, and when each was last confirmed. No message is " +
      "needed, and none may be in the query.",
    query: DIRECTORY_QUERY,
    queryExample: examples.directoryQuery,
    answers: json(REFERRAL_RESULT, examples.directory),
    errors: [],
  },
  {
    method: "post",
    path: "/v1alpha1/comments:analyze",
    operationId: "analyzeComment",
    tag: "Plugs",
    summary: "Answer in the form of the Perspective API",
    description: "For programs that speak to that service, which ends in 2026: another address and other attributes.",
    bodies: json(PERSPECTIVE_REQUEST, examples.perspectiveRequest),
    answers: json(PERSPECTIVE_ANSWER, examples.perspectiveAnswer),
    otherAnswers: {
      400: { description: "What is asked for is not answered here.", schema: PERSPECTIVE_ERROR },
      503: { description: "The model could not run: no score is not a low score.", schema: PERSPECTIVE_ERROR },
    },
    errors: MESSAGE_ERRORS,
  },
  {
    method: "post",
    path: "/v1/plugs/aselo",
    operationId: "suggestForAselo",
    tag: "Plugs",
    summary: "Suggest categories and a priority for Aselo",
    description: "One message in the terms of Child Helpline International. A counsellor decides what is recorded.",
    bodies: json(MESSAGE, examples.aseloRequest),
    answers: json(ASELO_SUGGESTION, examples.aseloAnswer),
    errors: MESSAGE_ERRORS,
  },
  {
    method: "post",
    path: "/v1/plugs/chatwoot",
    operationId: "adviseChatwoot",
    tag: "Plugs",
    summary: "Say which priority and labels a conversation in Chatwoot should have",
    description:
      "Takes a webhook of Chatwoot as it is and answers which calls of its API a relay should make. When the service has the " +
      "secret of the webhook, a request without a valid X-Chatwoot-Signature is refused.",
    bodies: json(CHATWOOT_EVENT, examples.chatwootRequest),
    answers: json(CHATWOOT_ANSWER, examples.chatwootAnswer),
    errors: MESSAGE_ERRORS,
  },
  {
    method: "get",
    path: "/healthz",
    operationId: "health",
    tag: "Service",
    summary: "Say whether the process answers",
    description: "For whoever restarts it when it does not.",
    answers: json(HEALTH, { status: "ok" }),
    errors: [],
    open: true,
  },
  {
    method: "get",
    path: "/readyz",
    operationId: "ready",
    tag: "Service",
    summary: "Say whether messages are taken",
    description: "For whoever sends messages elsewhere when they are not.",
    answers: json(READINESS, { status: "ready" }),
    otherAnswers: {
      503: { description: "No messages are taken.", schema: READINESS },
    },
    errors: [],
    open: true,
  },
  {
    method: "get",
    path: "/metrics",
    operationId: "metrics",
    tag: "Service",
    summary: "Count and time requests",
    description: "For Prometheus. No figure says what a message was about.",
    answers: { "text/plain": {} },
    errors: [],
  },
  {
    method: "get",
    path: "/openapi.json",
    operationId: "openapi",
    tag: "Service",
    summary: "Give this document",
    description: "OpenAPI 3.1, made of the schemas by which the answers are tested.",
    answers: { [JSON_TYPE]: {} },
    errors: [],
  },
];
