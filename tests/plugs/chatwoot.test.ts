import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { EarshotError } from "../../src/errors.js";
import { URGENCIES } from "../../src/labels.js";
import { type ChatwootAnswer, chatwootRoute, verifyChatwoot } from "../../src/plugs/chatwoot.js";
import type { PlugServices } from "../../src/plugs/plug.js";
import { assessmentOf, bodyOf, servicesWith } from "./support.js";

/** What Chatwoot takes: developers.chatwoot.com/api-reference, toggle-priority and conversation labels, read on 2026-11-22. */
const REQUEST = z.union([
  z.strictObject({
    method: z.literal("POST"),
    path: z.string().regex(/^\/api\/v1\/accounts\/\d+\/conversations\/\d+\/toggle_priority$/),
    body: z.strictObject({ priority: z.enum(["urgent", "high", "medium", "low", "none"]) }),
  }),
  z.strictObject({
    method: z.literal("POST"),
    path: z.string().regex(/^\/api\/v1\/accounts\/\d+\/conversations\/\d+\/labels$/),
    body: z.strictObject({ labels: z.array(z.string().regex(/^[\p{L}\p{N}_-]+$/u)) }),
  }),
]);

/** The event with all fields of `Message#webhook_data` and those of its conversation that matter here. */
const event = (message: object = {}, conversation: object = {}) => ({
  account: { id: 3, name: "Helpline" },
  additional_attributes: {},
  content_attributes: { in_reply_to: null },
  content_type: "text",
  content: "please help",
  conversation: {
    additional_attributes: { browser: { browser_name: "x" } },
    can_reply: true,
    channel: "Channel::WebWidget",
    contact_inbox: { id: 1, source_id: "s" },
    id: 42,
    inbox_id: 1,
    messages: [{ id: 7, content: "please help", message_type: 0, private: false }],
    labels: [],
    meta: { sender: { id: 9, name: "visitor" }, assignee: null },
    status: "open",
    priority: null,
    unread_count: 1,
    updated_at: 1795312000.25,
    ...conversation,
  },
  created_at: "2026-11-22T02:00:00.000Z",
  id: 7,
  inbox: { id: 1, name: "Web" },
  message_type: "incoming",
  private: false,
  sender: { id: 9, name: "visitor", email: null },
  source_id: null,
  event: "message_created",
  ...message,
});
const URL = "/api/v1/accounts/3/conversations/42";

const ask = async (request: unknown, services: PlugServices, headers: Record<string, string> = {}) => {
  const { body, length } = bodyOf(request);
  const { status, body: answer } = await chatwootRoute.handle(body, length, services, (name) => headers[name]);
  expect(status).toBe(200);
  const { requests } = answer as ChatwootAnswer;
  for (const one of requests) expect(REQUEST.safeParse(one).error).toBeUndefined();
  return answer as ChatwootAnswer;
};

describe("POST /v1/plugs/chatwoot", () => {
  it("says which priority and labels an incoming message asks for, and wipes its copy of the text", async () => {
    const services = servicesWith(assessmentOf("immediate", { categories: ["suicide"], review: ["TRUNCATED"] }));
    const labels = ["vip", "suicide", "needs_review"];
    expect(await ask(event({}, { labels: ["vip"] }), services)).toEqual({
      decision: "assessed",
      priority: "urgent",
      labels,
      requests: [
        { method: "POST", path: `${URL}/toggle_priority`, body: { priority: "urgent" } },
        { method: "POST", path: `${URL}/labels`, body: { labels } },
      ],
    });
    expect(services.calls).toMatchObject([{ text: "please help", options: {} }]);
    expect(services.calls[0].bytes.every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    ["immediate", "urgent"],
    ["urgent", "high"],
    ["soon", "medium"],
    ["routine", "none"],
  ] as const)("calls %s %s", async (urgency, priority) => {
    const { priority: given, requests } = await ask(event(), servicesWith(assessmentOf(urgency)));
    expect(given).toBe(priority);
    expect(requests).toHaveLength(priority === "none" ? 0 : 1);
  });

  it("never lowers a priority and never drops a label", async () => {
    const ranks = ["none", "low", "medium", "high", "urgent"];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...URGENCIES),
        fc.constantFrom(null, ...ranks),
        fc.uniqueArray(fc.constantFrom("vip", "suicide", "needs_review", "spam")),
        fc.boolean(),
        async (urgency, before, labels, empty) => {
          const services = servicesWith(
            empty ? new EarshotError("TEXT_EMPTY") : assessmentOf(urgency, { categories: ["suicide"] }),
          );
          const answer = await ask(event({}, { priority: before, labels }), services);
          expect(ranks.indexOf(answer.priority ?? "")).toBeGreaterThanOrEqual(ranks.indexOf(before ?? "none"));
          expect(answer.labels).toEqual(expect.arrayContaining(labels));
          const bodies = answer.requests.map(({ body }) => body);
          expect(bodies.some((body) => "priority" in body)).toBe(answer.priority !== (before ?? "none"));
          expect(bodies.some((body) => "labels" in body)).toBe((answer.labels?.length ?? 0) > labels.length);
        },
      ),
    );
  });

  it.each([null, "", "  "])("never lets a message pass whose content is %j", async (content) => {
    const services = servicesWith(new EarshotError("TEXT_EMPTY"));
    const request = event({ content, attachments: [{ id: 1, file_type: "audio" }] });
    expect(await ask(request, services)).toEqual({
      decision: "unread",
      priority: "medium",
      labels: ["needs_review"],
      requests: [
        { method: "POST", path: `${URL}/toggle_priority`, body: { priority: "medium" } },
        { method: "POST", path: `${URL}/labels`, body: { labels: ["needs_review"] } },
      ],
    });
  });

  it.each([
    ["a message of the helpline", { message_type: "outgoing" }],
    ["an automatic one", { message_type: "template" }],
    ["a note of the system", { message_type: "activity" }],
    ["a private note", { private: true }],
    ["another event", { event: "message_updated" }],
    ["an event of another form", { event: "contact_created", message_type: null, conversation: null }],
  ])("does not score %s", async (_, message) => {
    const services = servicesWith(assessmentOf("immediate"));
    expect(await ask(event(message), services)).toEqual({ decision: "ignored", requests: [] });
    expect(services.calls).toEqual([]);
  });

  it.each([
    ["of nobody", { message_type: null }, "FIELD_INVALID"],
    ["with a type that is a number", { message_type: 0 }, "FIELD_INVALID"],
    ["without a conversation", { conversation: null }, "FIELD_INVALID"],
    ["with a conversation that is a path", { conversation: { id: "../1" } }, "FIELD_INVALID"],
    ["with a fraction of an account", { account: { id: 1.5 } }, "FIELD_INVALID"],
    ["with a content that is none", { content: { text: "a" } }, "TEXT_NOT_STRING"],
  ])("refuses a message %s aloud", async (_, message, code) => {
    const services = servicesWith(assessmentOf("immediate"));
    await expect(ask(event(message), services)).rejects.toMatchObject({ code });
    expect(services.calls).toEqual([]);
  });

  it("passes a failure on, and wipes its copy of the text", async () => {
    const services = servicesWith(new EarshotError("WORKER_FAILED"));
    await expect(ask(event(), services)).rejects.toMatchObject({ code: "WORKER_FAILED" });
    expect(services.calls[0].bytes.every((byte) => byte === 0)).toBe(true);
  });
});

describe("the signature of Chatwoot", () => {
  const secret = "a-secret-of-the-webhook";
  const seconds = 1795312000;
  const text = JSON.stringify(event());
  // As lib/webhooks/trigger.rb makes it, written out again.
  const hexOf = (timestamp: string, body: string): string =>
    createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  const signature = `sha256=${hexOf(`${seconds}`, text)}`;
  const timestamp = `${seconds}`;

  it.each<[string, boolean, string, { signature?: string; timestamp?: string }, number]>([
    ["what they signed", true, text, { signature, timestamp }, 0],
    ["one 300 s old", true, text, { signature, timestamp }, 300],
    ["one 301 s old", false, text, { signature, timestamp }, 301],
    ["another body", false, `${text} `, { signature, timestamp }, 0],
    ["another time", false, text, { signature, timestamp: `${seconds + 1}` }, 0],
    ["no prefix", false, text, { signature: signature.slice(7), timestamp }, 0],
    ["no signature", false, text, { timestamp }, 0],
    ["no time", false, text, { signature }, 0],
  ])("of %s is %s", (_, expected, body, headers, offset) => {
    const now = new Date((seconds + offset) * 1000);
    expect(verifyChatwoot(new TextEncoder().encode(body), headers, { secret, now })).toBe(expected);
  });

  it("is asked for when a secret is given, before anything is read", async () => {
    const services = servicesWith(assessmentOf("urgent"), {
      chatwootSecret: secret,
      now: () => new Date(seconds * 1000),
    });
    const headers = { "x-chatwoot-signature": signature, "x-chatwoot-timestamp": timestamp };
    expect((await ask(text, services, headers)).priority).toBe("high");
    await expect(ask(text, services)).rejects.toMatchObject({ code: "SIGNATURE_INVALID" });
    await expect(ask("{", services, headers)).rejects.toMatchObject({ code: "SIGNATURE_INVALID" });
    expect(services.calls).toHaveLength(1);
  });

  it("is not made with an empty secret", async () => {
    const services = servicesWith(assessmentOf("urgent"), { chatwootSecret: "", now: () => new Date(seconds * 1000) });
    const empty = createHmac("sha256", "").update(`${timestamp}.${text}`).digest("hex");
    const headers = { "x-chatwoot-signature": `sha256=${empty}`, "x-chatwoot-timestamp": timestamp };
    await expect(ask(text, services, headers)).rejects.toMatchObject({ code: "SIGNATURE_INVALID" });
  });
});
