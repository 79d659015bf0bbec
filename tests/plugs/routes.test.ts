import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plugRoutes } from "../../src/plugs/routes.js";
import { createTriage, type Triage } from "../../src/triage.js";
import { bodyOf } from "./support.js";

let triage: Triage;
beforeAll(async () => {
  triage = await createTriage();
});
afterAll(() => triage.close());

const TEXT = "he is at the door with a knife, please help me now";
const chatwoot = { event: "message_created", message_type: "incoming", account: { id: 1 }, conversation: { id: 2 } };

describe("plugRoutes", () => {
  it("has every path once", () => {
    expect(plugRoutes.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v1alpha1/comments:analyze",
      "POST /v1/plugs/aselo",
      "POST /v1/plugs/chatwoot",
    ]);
  });

  it.each([
    [
      "/v1alpha1/comments:analyze",
      { comment: { text: TEXT }, requestedAttributes: { EARSHOT_PRIORITY: { scoreThreshold: 0.75 } } },
      { attributeScores: { EARSHOT_PRIORITY: {} }, languages: ["en"] },
    ],
    ["/v1/plugs/aselo", { text: TEXT }, { urgency: "immediate", priority: 30 }],
    ["/v1/plugs/chatwoot", { ...chatwoot, content: TEXT }, { priority: "urgent" }],
    ["/v1/plugs/chatwoot", { ...chatwoot, content: " " }, { decision: "unread", priority: "medium" }],
  ])("%s scores with the bundled pack", async (path, request, expected) => {
    const { body, length } = bodyOf(request);
    const answer = await plugRoutes.find((route) => route.path === path)?.handle(body, length, triage);
    expect(answer).toMatchObject({ status: 200, body: expected });
    expect(JSON.stringify(answer)).not.toContain("knife");
  });
});
