import { plugRoutes } from "../../plugs/routes.js";
import { BUNDLED_DIRECTORY } from "../../referral/bundled.js";
import { resolveReferrals } from "../../referral/resolve.js";
import { createTriage } from "../../triage.js";

const NOW = new Date("2026-11-23T09:00:00Z");
const TEXT = "My stepfather hits me when he drinks. He is coming home now and I am scared.";
const encoder = new TextEncoder();

const MESSAGE = { id: "m-1", text: TEXT, language: "en", country: "KE", age: 14 };
const TURN = { speaker: "person", at: NOW.getTime(), text: TEXT, country: "KE", age: 14 };
const LINES = [
  { id: "m-1", text: TEXT },
  { id: "m-2", text: " " },
  { id: "m-3", text: "Thank you for talking with me yesterday, school is better now." },
];
const QUERY = { country: "KE", category: ["family_violence"], age: 14 } as const;
const PLUG_REQUESTS: Readonly<Record<string, object>> = {
  perspective: {
    comment: { text: TEXT },
    requestedAttributes: { EARSHOT_PRIORITY: {}, EARSHOT_FAMILY_VIOLENCE: {} },
    languages: ["en"],
  },
  aselo: MESSAGE,
  chatwoot: {
    event: "message_created",
    message_type: "incoming",
    private: false,
    content: TEXT,
    account: { id: 1 },
    conversation: { id: 7, priority: null, labels: ["school"] },
  },
};

/** Requests and what the shipped pack, policy and directory answer to them. */
export async function makeExamples(): Promise<Readonly<Record<string, unknown>>> {
  await using triage = await createTriage({ now: () => NOW });
  const { text, ...context } = MESSAGE;
  const { speaker, at, text: turnText, ...turnContext } = TURN;
  const plugs = Object.entries(PLUG_REQUESTS).map(async ([name, request]) => {
    const route = plugRoutes.find(({ path }) => path.includes(name === "perspective" ? "comments" : name));
    const body = encoder.encode(JSON.stringify(request));
    const answer = await route?.handle(body, body.length, triage);
    return [`${name}Request`, request, `${name}Answer`, answer?.body] as const;
  });
  return {
    message: MESSAGE,
    assessment: await triage.assess(encoder.encode(text), context),
    lines: LINES,
    answerLines: [
      await triage.assess(encoder.encode(LINES[0].text), { id: "m-1" }),
      { line: 2, error: "TEXT_EMPTY" },
      await triage.assess(encoder.encode(LINES[2].text), { id: "m-3" }),
    ],
    turn: TURN,
    conversation: {
      assessment: await triage.conversation().assess(encoder.encode(turnText), { by: "person", at, ...turnContext }),
      // The beginning of a block, which has thousands of characters and is sealed anew each time.
      state: "RUFSQwEAAAA=",
    },
    directoryQuery: QUERY,
    directory: resolveReferrals(
      { country: QUERY.country, urgency: "urgent", categories: [...QUERY.category], signals: [], age: QUERY.age },
      BUNDLED_DIRECTORY,
      NOW,
    ),
    ...Object.fromEntries(
      (await Promise.all(plugs)).flatMap(([requestName, request, answerName, answer]) => [
        [requestName, request],
        [answerName, answer],
      ]),
    ),
  };
}
