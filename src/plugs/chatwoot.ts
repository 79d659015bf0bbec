import { EarshotError, isEarshotError } from "../errors.js";
import type { Urgency } from "../labels.js";
import { type FieldValue, jsonPaths, readJsonFields } from "../text/json-fields.js";
import type { Assessment } from "../types.js";
import type { PlugRoute, PlugServices } from "./plug.js";
import { isRecent, isSame, sign } from "./signature.js";

/*
 * Read on 2026-11-22: the body in chatwoot/chatwoot, app/models/message.rb (`webhook_data`) and
 * app/presenters/conversations/event_data_presenter.rb; the signature in its pull request 13573 (in Chatwoot from 4.11.2
 * on) and in lib/webhooks/trigger.rb of the fork demomastra2025-eng/chatwoot; `toggle_priority` and `labels` in
 * developers.chatwoot.com/api-reference.
 */
const PATHS = jsonPaths({
  event: "string",
  content: "text",
  message_type: "string",
  private: "boolean",
  "account.id": "number",
  "conversation.id": "number",
  "conversation.priority": "string",
  "conversation.labels": "strings",
});

/** Mildest first, so that the place in the list is the rank. */
const PRIORITIES = ["none", "low", "medium", "high", "urgent"] as const;
/** How Chatwoot ranks a conversation. */
export type ChatwootPriority = (typeof PRIORITIES)[number];

const PRIORITY_OF: Readonly<Record<Urgency, ChatwootPriority>> = {
  immediate: "urgent",
  urgent: "high",
  soon: "medium",
  routine: "none",
};
/** The label of a conversation at which a person should look whatever its priority. */
const REVIEW_LABEL = "needs_review";

/** One call of Chatwoot's API, to be made with an access token that only the relay has. */
export interface ChatwootRequest {
  readonly method: "POST";
  readonly path: string;
  readonly body: { readonly priority: ChatwootPriority } | { readonly labels: readonly string[] };
}

/** What a relay between Chatwoot and Earshot is to do about one event. */
export interface ChatwootAnswer {
  /**
   * `assessed`: the text was scored. `unread`: there is no text, as with a picture or a voice message, and a person has
   * to look. `ignored`: not a message of the person who asks for help.
   */
  readonly decision: "assessed" | "unread" | "ignored";
  /** Of the conversation from now on, never lower than it was. */
  readonly priority?: ChatwootPriority;
  /** All labels of the conversation from now on, those that it had included. */
  readonly labels?: readonly string[];
  /** What to send to Chatwoot, in this order; empty when nothing changes. */
  readonly requests: readonly ChatwootRequest[];
}

/**
 * Whether a request was signed with this secret not more than five minutes from now: `sha256=` and HMAC-SHA256 in
 * hexadecimal over the time, a full stop and the body.
 */
export function verifyChatwoot(
  body: Uint8Array,
  {
    signature = "",
    timestamp = "",
  }: { readonly signature?: string | undefined; readonly timestamp?: string | undefined },
  { secret, now = new Date() }: { readonly secret: string; readonly now?: Date },
): boolean {
  return (
    secret !== "" &&
    isRecent(timestamp, now) &&
    isSame(signature, `sha256=${sign(secret, `${timestamp}.`, body, "hex")}`)
  );
}

/**
 * Takes the event `message_created` and says which priority and labels the conversation should have. A relay of a few
 * lines makes the calls, because this process opens no connection:
 *
 * ```ts
 * const { requests } = await (await fetch(`${earshot}/v1/plugs/chatwoot`, { method: "POST", body, headers })).json();
 * for (const { method, path, body } of requests)
 *   await fetch(chatwoot + path, { method, headers: { api_access_token, "content-type": "application/json" }, body: JSON.stringify(body) });
 * ```
 *
 * Chatwoot shows labels that an administrator has created: `needs_review` and the ids of the categories.
 */
export const chatwootRoute: PlugRoute = Object.freeze<PlugRoute>({
  method: "POST",
  path: "/v1/plugs/chatwoot",
  async handle(body, length, services, header = () => undefined) {
    checkSignature(body.subarray(0, length), services, header);
    const { values, text } = readJsonFields(body, 0, length, PATHS);
    try {
      return { status: 200, body: await answer(values, text, services) };
    } finally {
      text.fill(0);
    }
  },
});

function checkSignature(
  body: Uint8Array,
  { chatwootSecret: secret, now = () => new Date() }: PlugServices,
  header: (name: string) => string | undefined,
): void {
  if (secret === undefined) return;
  const given = { signature: header("x-chatwoot-signature"), timestamp: header("x-chatwoot-timestamp") };
  if (!verifyChatwoot(body, given, { secret, now: now() })) throw new EarshotError("SIGNATURE_INVALID");
}

async function answer(
  values: ReadonlyMap<string, FieldValue>,
  text: Uint8Array,
  services: PlugServices,
): Promise<ChatwootAnswer> {
  const type = values.get("message_type");
  if (values.get("event") !== "message_created") return { decision: "ignored", requests: [] };
  // A message of unknown origin is not passed over: it may be the one that matters.
  if (typeof type !== "string") throw new EarshotError("FIELD_INVALID");
  if (type !== "incoming" || values.get("private") === true) return { decision: "ignored", requests: [] };
  const conversation = `/api/v1/accounts/${idAt(values, "account.id")}/conversations/${idAt(values, "conversation.id")}`;

  const assessment = await assessIfAny(text, services);
  const asked = assessment === undefined ? "medium" : PRIORITY_OF[assessment.urgency];
  const before = priorityBefore(values);
  const priority = PRIORITIES.indexOf(asked) > PRIORITIES.indexOf(before) ? asked : before;
  const labelsBefore = (values.get("conversation.labels") ?? []) as readonly string[];
  const needsReview = assessment === undefined || assessment.review.length > 0;
  const added = [...(assessment?.categories ?? []), ...(needsReview ? [REVIEW_LABEL] : [])];
  // Chatwoot replaces the whole list, so what was there is sent again.
  const labels = [...new Set([...labelsBefore, ...added])];

  const requests: ChatwootRequest[] = [];
  if (priority !== before) {
    requests.push({ method: "POST", path: `${conversation}/toggle_priority`, body: { priority } });
  }
  if (labels.length > labelsBefore.length) {
    requests.push({ method: "POST", path: `${conversation}/labels`, body: { labels } });
  }
  return { decision: assessment === undefined ? "unread" : "assessed", priority, labels, requests };
}

/** Undefined for a message without words. */
async function assessIfAny(text: Uint8Array, services: PlugServices): Promise<Assessment | undefined> {
  try {
    return await services.assess(text, {});
  } catch (error) {
    if (isEarshotError(error) && error.code === "TEXT_EMPTY") return undefined;
    throw error;
  }
}

function idAt(values: ReadonlyMap<string, FieldValue>, path: string): number {
  const id = values.get(path);
  if (!Number.isSafeInteger(id) || Number(id) < 1) throw new EarshotError("FIELD_INVALID");
  return Number(id);
}

function priorityBefore(values: ReadonlyMap<string, FieldValue>): ChatwootPriority {
  return PRIORITIES.find((priority) => priority === values.get("conversation.priority")) ?? "none";
}
