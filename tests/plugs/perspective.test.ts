import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { EarshotError } from "../../src/errors.js";
import { CATEGORIES } from "../../src/labels.js";
import { perspectiveRoute } from "../../src/plugs/perspective.js";
import { ANSWERED_ATTRIBUTES, REFUSED_ATTRIBUTES } from "../../src/plugs/perspective-attributes.js";
import type { PlugServices } from "../../src/plugs/plug.js";
import { assessmentOf, bodyOf, servicesWith } from "./support.js";

/*
 * `AnalyzeCommentResponse` and `AnalyzeCommentRequest` of Google's discovery document, as in APIs-guru/openapi-directory,
 * APIs/googleapis.com/commentanalyzer/v1alpha1/openapi.yaml, read on 2026-11-22. Strict: a field that they do not have
 * could break a client.
 */
const SCORE = z.strictObject({
  value: z.number().min(0).max(1),
  type: z.enum(["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW"]),
});
const RESPONSE = z.strictObject({
  attributeScores: z.record(
    z.string(),
    z.strictObject({
      summaryScore: SCORE,
      spanScores: z.array(z.strictObject({ begin: z.int(), end: z.int(), score: SCORE })).optional(),
    }),
  ),
  languages: z.array(z.string()),
  detectedLanguages: z.array(z.string()).optional(),
  clientToken: z.string().optional(),
});
const ERROR = z.strictObject({
  error: z.strictObject({
    code: z.literal(400),
    message: z.string().min(1),
    status: z.literal("INVALID_ARGUMENT"),
    details: z.tuple([
      z.strictObject({
        "@type": z.literal("type.googleapis.com/google.commentanalyzer.v1alpha1.Error"),
        errorType: z.enum([
          "COMMENT_TOO_LONG",
          "COMMENT_EMPTY",
          "NO_REQUESTED_ATTRIBUTES",
          "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
          "LANGUAGE_DETECTION_FAILED",
          "INVALID_REQUEST",
        ]),
      }),
    ]),
  }),
});

const found = assessmentOf("immediate", { categories: ["suicide"], language: "sw" });
const analyze = (request: unknown, services: PlugServices = servicesWith(found)) => {
  const { body, length } = bodyOf(request);
  return perspectiveRoute.handle(body, length, services);
};
const simple = (attributes: object, more: object = {}) => ({
  comment: { text: "hello" },
  requestedAttributes: attributes,
  ...more,
});
const score = (value: number) => ({ value, type: "PROBABILITY" });

describe("comments:analyze", () => {
  it("answers a request that has every field, in their form", async () => {
    const services = servicesWith(found);
    const { status, body } = await analyze(
      {
        comment: { text: "h\u00e9llo \ud83d\ude00", type: "PLAIN_TEXT" },
        context: { entries: [{ text: "before", type: "PLAIN_TEXT" }] },
        requestedAttributes: {
          EARSHOT_PRIORITY: {},
          EARSHOT_SUICIDE: { scoreType: "PROBABILITY", scoreThreshold: 0.9 },
          EARSHOT_BULLYING: { scoreThreshold: 0.1 },
          EARSHOT_URGENT_OR_GRAVER: { scoreType: "SCORE_TYPE_UNSPECIFIED" },
        },
        languages: ["sw"],
        doNotStore: false,
        clientToken: "comment-53922",
        sessionId: "1",
        communityId: "/forum",
        spanAnnotations: true,
      },
      services,
    );
    expect(status).toBe(200);
    expect(RESPONSE.safeParse(body).error).toBeUndefined();
    const whole = (value: number) => [{ begin: 0, end: 8, score: score(value) }];
    expect(body).toEqual({
      attributeScores: {
        EARSHOT_PRIORITY: { summaryScore: score(found.priority), spanScores: whole(found.priority) },
        EARSHOT_SUICIDE: { summaryScore: score(0.9), spanScores: whole(0.9) },
        EARSHOT_URGENT_OR_GRAVER: { summaryScore: score(0.75), spanScores: whole(0.75) },
      },
      languages: ["sw"],
      clientToken: "comment-53922",
    });
    expect(services.calls).toMatchObject([{ text: "h\u00e9llo \ud83d\ude00", options: { language: "sw" } }]);
  });

  it("answers all attributes that it has, in [0, 1]", async () => {
    const all = Object.fromEntries([...ANSWERED_ATTRIBUTES.keys()].map((name) => [name, {}]));
    const { status, body } = await analyze(simple(all));
    expect(status).toBe(200);
    const { attributeScores } = RESPONSE.parse(body);
    expect(Object.keys(attributeScores)).toEqual([...ANSWERED_ATTRIBUTES.keys()]);
    expect(Object.keys(attributeScores)).toHaveLength(5 + CATEGORIES.length);
    expect(attributeScores.EARSHOT_REVIEW.summaryScore.value).toBe(0);
    expect(attributeScores.EARSHOT_SOON_OR_GRAVER.summaryScore.value).toBe(0.875);
  });

  it.each([
    [undefined, {}, { languages: ["sw"], detectedLanguages: ["sw"] }],
    [[], {}, { languages: ["sw"], detectedLanguages: ["sw"] }],
    [["en"], { language: "en" }, { languages: ["en"] }],
    [["en", "es"], {}, { languages: ["en", "es"] }],
  ])("of the languages %j tells the model %j", async (languages, options, expected) => {
    const services = servicesWith(found);
    const { body } = await analyze(simple({ EARSHOT_PRIORITY: {} }, { languages }), services);
    const { attributeScores, ...rest } = RESPONSE.parse(body);
    expect(rest).toEqual(expected);
    expect(services.calls[0].options).toEqual(options);
  });

  it("says by an attribute of its own that a person should look", async () => {
    const services = servicesWith(assessmentOf("soon", { review: ["LANGUAGE_UNSUPPORTED"], language: "xx" }));
    const { body } = await analyze(simple({ EARSHOT_REVIEW: {} }), services);
    expect(RESPONSE.parse(body).attributeScores.EARSHOT_REVIEW.summaryScore.value).toBe(1);
  });

  it("counts the text in UTF-16 code units, as JavaScript does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1 }), async (text) => {
        const request = { ...simple({ EARSHOT_PRIORITY: {} }, { spanAnnotations: true }), comment: { text } };
        const { attributeScores } = RESPONSE.parse((await analyze(request)).body);
        expect(attributeScores.EARSHOT_PRIORITY.spanScores?.[0].end).toBe(text.length);
      }),
    );
  });

  it.each<[string, unknown, string, string]>([
    ["no JSON", "{", "INVALID_REQUEST", "Invalid JSON payload received."],
    ["a text that is none", { comment: { text: 1 } }, "INVALID_REQUEST", "Invalid JSON payload received."],
    [
      "the text twice",
      '{"comment":{"text":"a","text":"b"},"requestedAttributes":{"EARSHOT_PRIORITY":{}}}',
      "INVALID_REQUEST",
      "Invalid JSON payload received.",
    ],
    ["no attribute", simple({}), "NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes"],
    ["no attributes at all", { comment: { text: "a" } }, "NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes"],
    [
      "an unknown attribute",
      simple({ EARSHOT_PRIORITY: {}, HOMEGROWN: {} }),
      "INVALID_REQUEST",
      "Unknown requested attribute.",
    ],
    ["a version of one", simple({ "TOXICITY@6": {} }), "INVALID_REQUEST", "Unknown requested attribute."],
    [
      "another score type",
      simple({ EARSHOT_SUICIDE: { scoreType: "RAW" } }),
      "INVALID_REQUEST",
      "Requested score type is not supported by attribute EARSHOT_SUICIDE",
    ],
    [
      "HTML",
      { ...simple({ EARSHOT_PRIORITY: {} }), comment: { text: "<p>hello</p>", type: "HTML" } },
      "INVALID_REQUEST",
      "Currently, only 'PLAIN_TEXT' comments are supported",
    ],
  ])("refuses %s in their form and scores nothing", async (_, request, errorType, message) => {
    const services = servicesWith(found);
    const { status, body } = await analyze(request, services);
    expect(status).toBe(400);
    expect(ERROR.parse(body).error).toMatchObject({ message, details: [{ errorType }] });
    expect(services.calls).toEqual([]);
  });

  it.each(REFUSED_ATTRIBUTES)("refuses %s by its name, also beside one that it has", async (name) => {
    const services = servicesWith(found);
    const { status, body } = await analyze(simple({ EARSHOT_PRIORITY: {}, [name]: {} }), services);
    expect(status).toBe(400);
    const { error } = ERROR.parse(body);
    expect(error.message).toBe(`Earshot does not score ${name}: its attributes begin with EARSHOT_.`);
    expect(services.calls).toEqual([]);
  });

  it.each([{ text: "" }, { text: null }, {}])("says of the comment %j that it is empty", async (comment) => {
    const services = servicesWith(new EarshotError("TEXT_EMPTY"));
    const { status, body } = await analyze({ comment, requestedAttributes: { EARSHOT_PRIORITY: {} } }, services);
    expect(status).toBe(400);
    expect(ERROR.parse(body).error).toMatchObject({
      message: "Comment must be non-empty.",
      details: [{ errorType: "COMMENT_EMPTY" }],
    });
  });

  it("repeats no name and no text that only the caller knows", async () => {
    const words = fc.stringMatching(/^[a-z]{12,20}$/);
    await fc.assert(
      fc.asyncProperty(words, words, fc.boolean(), async (secret, text, known) => {
        const attributes = { [secret]: {}, ...(known && { EARSHOT_PRIORITY: {}, THREAT: { scoreType: secret } }) };
        const { body } = await analyze({ comment: { text, type: secret }, requestedAttributes: attributes });
        expect(JSON.stringify(body)).not.toContain(secret);
        expect(JSON.stringify(body)).not.toContain(text);
      }),
    );
  });

  it("gives no low score for a missing one: the place in the queue or nothing", async () => {
    const unscored = servicesWith(assessmentOf("soon", { withScores: false, review: ["MODEL_UNAVAILABLE"] }));
    const missing = await analyze(simple({ EARSHOT_PRIORITY: {}, EARSHOT_SUICIDE: {} }), unscored);
    expect(missing).toEqual({
      status: 503,
      body: { error: { code: 503, message: "The model could not run.", status: "UNAVAILABLE" } },
    });
    const { status, body } = await analyze(simple({ EARSHOT_PRIORITY: {}, EARSHOT_REVIEW: {} }), unscored);
    expect(status).toBe(200);
    expect(RESPONSE.parse(body).attributeScores.EARSHOT_REVIEW.summaryScore.value).toBe(1);
  });

  it.each(["POOL_FULL", "CLOSED", "WORKER_FAILED"] as const)("leaves %s to the server", async (code) => {
    const services = servicesWith(new EarshotError(code));
    await expect(analyze(simple({ EARSHOT_PRIORITY: {} }), services)).rejects.toMatchObject({ code });
    expect(services.calls[0].bytes.every((byte) => byte === 0)).toBe(true);
  });

  it("wipes its copy of the text, and leaves the body to its owner", async () => {
    const services = servicesWith(found);
    const { body, length } = bodyOf(simple({ EARSHOT_PRIORITY: {} }));
    const before = body.slice();
    await perspectiveRoute.handle(body, length, services);
    expect(services.calls[0].text).toBe("hello");
    expect(services.calls[0].bytes.every((byte) => byte === 0)).toBe(true);
    expect(body).toEqual(before);
  });
});
