import { existsSync } from "node:fs";
import * as fc from "fast-check";
import { afterAll, describe, expect, it, vi } from "vitest";
import { type EarshotErrorCode, isEarshotError } from "../src/errors.js";
import { CATEGORIES, REVIEW_CODES, SIGNALS, URGENCIES } from "../src/labels.js";
import { LABEL_COLUMNS, loadPack, type Pack } from "../src/model/pack.js";
import type { TextModel } from "../src/model/text-model.js";
import { isGraver } from "../src/policy/levels.js";
import { DEFAULT_POLICY, UNTUNED_THRESHOLDS } from "../src/policy/schema.js";
import { LEVEL_STANDARDS } from "../src/policy/standards.js";
import { writeFeatures } from "../src/text/features.js";
import { createNormalizedText, normalize } from "../src/text/normalize.js";
import { type AssessOptions, createTriage, MAXIMUM_TEXT_BYTES, type Message, type Triage } from "../src/triage.js";
import type { Assessment, Scores } from "../src/types.js";
import { tinyPack } from "./support/tiny-pack.js";

const encoder = new TextEncoder();
const NOW = (): Date => new Date("2026-01-05T12:00:00Z");
const DANGER = "danger";

function wordHash(word: string): number {
  const bytes = encoder.encode(word);
  const text = createNormalizedText(bytes.length);
  normalize(bytes, 0, bytes.length, text);
  const features = new Uint32Array(5000);
  writeFeatures(text, 0, 1, features);
  return features[0];
}

function weights(values: Partial<Record<number, number>>): number[] {
  return Array.from({ length: LABEL_COLUMNS }, (_, column) => values[column] ?? 0);
}

/** A pack in which `danger` means `immediate` and suicide, and whose labels are far from their thresholds otherwise. */
function packWithRules(rules: string): Pack {
  const { manifest, ...models } = tinyPack([[wordHash(DANGER), weights({ 0: 127, 3: -127, 4: 127 })]], rules);
  const unlikely = { short: { whole: 1, window: 0, offset: -5 }, long: { whole: 1, window: 0, offset: -5 } };
  const calibration = manifest.calibration.map((own, head) => (head < URGENCIES.length - 1 ? own : unlikely));
  return { ...models, manifest: { ...manifest, calibration } };
}

const pack = packWithRules("urgent | bullying | now | they are coming\n");
const tiny = await createTriage({ pack, now: NOW });
const shipped = await createTriage({ country: "KE", now: NOW });

afterAll(async () => {
  await tiny.close();
  await shipped.close();
});

async function codeOf(action: () => unknown): Promise<EarshotErrorCode | "none" | "other"> {
  try {
    await action();
  } catch (error) {
    return isEarshotError(error) ? error.code : "other";
  }
  return "none";
}

describe("assess", () => {
  it.each([
    ["plain", "is anyone there"],
    ["accents and emoji", "ça va pas 😢 né"],
    ["Arabic", "هل يوجد أحد هنا"],
    ["Chinese", "有人在吗，我很害怕"],
    ["a lone surrogate", "one \ud83d two"],
    ["long", "it was a long day and ".repeat(2000)],
    ["longer than the limit", "ж ".repeat(500_000)],
  ])("gives the same for a string and its bytes: %s", async (_kind, text) => {
    const options = { language: "en", spans: true };
    const fromString = await shipped.assess(text, options);
    const fromBytes = await shipped.assess(encoder.encode(text), options);
    expect(fromString.coverage.truncated).toBe(fromBytes.coverage.truncated);
    expect({ ...fromString, coverage: null }).toEqual({ ...fromBytes, coverage: null });
  });

  it("reads part of a larger buffer as if it were alone", async () => {
    const text = encoder.encode("they locked me in and took my phone");
    const around = new Uint8Array(100).fill(0xff);
    around.set(text, 30);
    const alone = await shipped.assessBytes(text, 0, text.length, { spans: true });
    expect(await shipped.assessBytes(around, 30, 30 + text.length, { spans: true })).toEqual(alone);
  });

  it("leaves the caller's bytes as they are", async () => {
    const bytes = encoder.encode("leave me ALONE 😢 k i l l");
    const copy = bytes.slice();
    await tiny.assess(bytes, { spans: true });
    expect(bytes).toEqual(copy);
  });

  it.each([
    ["after a result", "words that nobody may keep"],
    ["after an error", " \n\t "],
  ])("has wiped its copy of a string %s", async (_when, text) => {
    const encodeInto = vi.spyOn(TextEncoder.prototype, "encodeInto");
    await tiny.assess(text).catch(() => {});
    expect(encodeInto).toHaveBeenCalledTimes(1);
    const [, copy] = encodeInto.mock.calls[0];
    expect(encodeInto.mock.results[0].value.written).toBe(text.length);
    expect(copy.every((byte) => byte === 0)).toBe(true);
  });

  it("finds what the model and what the rules know", async () => {
    const byModel = await tiny.assess(`there is ${DANGER} here`);
    expect(byModel).toMatchObject({ urgency: "immediate", categories: ["suicide"], respondWithinMinutes: 5 });
    const byRule = await tiny.assess("they are coming");
    expect(byRule).toMatchObject({ urgency: "urgent", categories: ["bullying"], signals: ["now"] });
    expect(byRule.reasons).toContainEqual({ code: "rule:urgent", weight: 1 });
  });

  it("explains by spans of the caller's own bytes", async () => {
    const text = `né, ${DANGER} ist hier`;
    const bytes = encoder.encode(text);
    const { spans = [] } = await tiny.assess(text, { spans: true });
    const heaviest = [...spans].sort((a, b) => b[2] - a[2])[0];
    expect(new TextDecoder().decode(bytes.subarray(heaviest[0], heaviest[1]))).toBe(DANGER);
    expect(await tiny.assess(text)).not.toHaveProperty("spans");
  });
});

describe("an assessment", () => {
  const options = { id: "a1", language: "en-GB", country: "GB", age: 15, spans: true };

  it("has every field that is promised", async () => {
    const result = await shipped.assess("I took all the tablets, my sister is asleep", options);
    expect(Object.keys(result).sort()).toEqual(
      [
        ..."schemaVersion id urgency priority scores categories signals review reasons spans language".split(" "),
        ..."respondWithinMinutes standards referrals coverage pack policy directory".split(" "),
      ].sort(),
    );
    expect(result.schemaVersion).toBe(1);
    expect(result.id).toBe("a1");
    expect(URGENCIES).toContain(result.urgency);
    expect(Object.keys(result.scores?.urgency ?? {})).toEqual([...URGENCIES]);
    expect(Object.keys(result.scores?.categories ?? {})).toEqual([...CATEGORIES]);
    expect(Object.keys(result.scores?.signals ?? {})).toEqual([...SIGNALS]);
    expect(result.language).toEqual({ tag: "en-GB", confidence: 1, supported: true });
    expect(result.respondWithinMinutes).toBe(DEFAULT_POLICY.respondWithinMinutes[result.urgency]);
    expect(result.standards).toMatchObject(LEVEL_STANDARDS[result.urgency]);
    expect(result.standards.categories.map(({ category }) => category)).toEqual(result.categories);
    expect(result.coverage).toEqual({ bytes: 43, tokens: 9, windows: 0, truncated: false });
    for (const name of [result.pack, result.policy, result.directory]) expect(name).toMatch(/^[\w.-]+@[\w.+-]+$/);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it("names helpers of the person's country, the triage's own one only where none is given", async () => {
    const text = "I took all the tablets, my sister is asleep";
    const countries = async (context: AssessOptions): Promise<Set<string>> =>
      new Set((await shipped.assess(text, context)).referrals.map(({ country }) => country));
    expect(await countries({ country: "gb" })).toEqual(new Set(["GB"]));
    expect(await countries({})).toEqual(new Set(["KE"]));
    expect((await tiny.assess(`${DANGER} here`)).referralNotice).toBe("COUNTRY_UNKNOWN");
  });

  it.each([
    ["stated and known", "hello there", { language: "en" }, { tag: "en", confidence: 1, supported: true }],
    ["stated and unknown", "hello there", { language: "xx" }, { tag: "xx", confidence: 1, supported: false }],
    ["found", "hello there, how is everyone today", {}, { tag: "en", supported: true }],
    ["without letters", "12 !!", {}, { tag: "und", confidence: 0, supported: false }],
  ])("says which language: %s", async (_kind, text, context, expected) => {
    const { language, review } = await shipped.assess(text, context);
    expect(language).toMatchObject(expected);
    expect(review.includes("LANGUAGE_UNSUPPORTED")).toBe(!expected.supported && expected.tag !== "und");
    expect(review.includes("LANGUAGE_UNKNOWN")).toBe(expected.tag === "und");
  });

  it("keeps its probabilities and its order of reasons sound, for any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(messageBytes, async (bytes) => {
        const { scores, urgency, priority, review, categories, signals } = await assessBytes(shipped, bytes);
        const levels = URGENCIES.map((level) => scores?.urgency[level] ?? -1);
        expect(levels.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1);
        const all = [...levels, ...Object.values(scores?.categories ?? {}), ...Object.values(scores?.signals ?? {})];
        for (const value of all) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
        expect(Math.min(3, Math.floor(priority * 4))).toBe(3 - URGENCIES.indexOf(urgency));
        expect(new Set(categories).size).toBe(categories.length);
        expect(new Set(signals).size).toBe(signals.length);
        expect([...review]).toEqual(REVIEW_CODES.filter((code) => review.includes(code)));
      }),
    );
  });
});

const messageBytes = fc
  .oneof(
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    fc.string({ unit: "binary", minLength: 1, maxLength: 100 }).map((text) => encoder.encode(text)),
    fc
      .array(fc.constantFrom("help", "me", DANGER, "no", "они", "ici", "😢", "1", "they", "are", "coming", "."), {
        minLength: 1,
      })
      .map((words) => encoder.encode(words.join(" "))),
  )
  .filter((bytes) => bytes.some((byte) => byte > 0x20));

function assessBytes(triage: Triage, bytes: Uint8Array): Promise<Assessment> {
  return triage.assessBytes(bytes, 0, bytes.length);
}

describe("who can help", () => {
  it("heeds what the person wants and what the operator knows", async () => {
    const text = "i want to talk to somebody about my exams and my mum, i am scared of her";
    const { referrals } = await shipped.assess(text, { country: "KE", language: "en" });
    const [first] = referrals;
    const capacity = [{ id: first.id, dailyCap: 0 }];
    const moved = await shipped.assess(text, { country: "KE", language: "en", referral: { capacity, limit: 1 } });
    expect(moved.referrals).toHaveLength(1);
    expect(moved.referrals[0].id).not.toBe(first.id);
  });

  it.each([{ region: 7 }, { channels: "call" }, { capacity: {} }])("refuses %o", async (referral) => {
    const wrong = { referral } as unknown as AssessOptions;
    await expect(shipped.assess("hi", wrong)).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });
});

describe("a model in place of the pack's", () => {
  const even = (labels: readonly string[], value: number) => Object.fromEntries(labels.map((label) => [label, value]));
  const scores = {
    urgency: { immediate: 0.9, urgent: 0.1, soon: 0, routine: 0 },
    categories: even(CATEGORIES, 0),
    signals: even(SIGNALS, 0),
  } as Scores;
  const model: TextModel = {
    name: "theirs@1.2.3",
    thresholds: UNTUNED_THRESHOLDS,
    keepsText: true,
    score: async (source, start, end) => {
      // It fails on what begins with an x.
      if (source[start] === 0x78) throw new Error("with words of the message");
      return { scores, tokens: 1, truncated: end - start > 10 };
    },
    close: async () => {},
  };

  it("gives the scores; language, rules and decision stay ours", async () => {
    await using triage = await createTriage({ model });
    const result = await triage.assess("hello you");
    expect(result).toMatchObject({ urgency: "immediate", pack: "theirs@1.2.3", scores });
    expect(result.review).not.toContain("TRUNCATED");
    expect((await triage.assess("hello you all of you")).review).toContain("TRUNCATED");
  });

  it("marks what it fails on for a person", async () => {
    await using triage = await createTriage({ model });
    const [failed, next] = await Promise.all([triage.assess("xhello you"), triage.assess("hello you")]);
    expect(failed.review).toContain("MODEL_UNAVAILABLE");
    expect(failed.urgency).toBe(DEFAULT_POLICY.reviewLevels.MODEL_UNAVAILABLE);
    expect(failed.scores).toBeUndefined();
    expect(next.urgency).toBe("immediate");
  });
});

describe("what is in doubt", () => {
  it.each([
    ["tiny", tiny],
    ["shipped", shipped],
  ])("never stands below its review level, for any bytes (%s pack)", async (_name, triage) => {
    await fc.assert(
      fc.asyncProperty(messageBytes, async (bytes) => {
        const { urgency, review } = await assessBytes(triage, bytes);
        for (const code of review) expect(isGraver(DEFAULT_POLICY.reviewLevels[code], urgency), code).toBe(false);
      }),
    );
  });

  it("marks a text past the limit, and only that", async () => {
    const limit = await tiny.assess("a".repeat(MAXIMUM_TEXT_BYTES));
    const over = await tiny.assess("a".repeat(MAXIMUM_TEXT_BYTES + 1));
    expect(limit.review).not.toContain("TRUNCATED");
    expect(limit.coverage.truncated).toBe(false);
    expect(over.review).toContain("TRUNCATED");
    expect(over.urgency).not.toBe("routine");
    expect(over.coverage.truncated).toBe(true);
  });

  it("marks a text of which the caller holds only the beginning", async () => {
    const bytes = encoder.encode("is anyone");
    expect((await tiny.assessBytes(bytes, 0, bytes.length, {}, true)).review).toContain("TRUNCATED");
  });

  it.each([
    ["one stray byte among many", Uint8Array.from([0xff, ...encoder.encode("a quiet day in the park")]), false],
    ["mostly stray bytes", new Uint8Array(30).fill(0xff), true],
    ["a long text of stray bytes", new Uint8Array(MAXIMUM_TEXT_BYTES * 12).fill(0xff), true],
  ])("marks what cannot be decoded: %s", async (_what, bytes, expected) => {
    const { review, urgency } = await tiny.assess(bytes);
    expect(review.includes("UNDECODABLE")).toBe(expected);
    if (expected) expect(urgency).not.toBe("routine");
  });

  it("falls back to the rules, and says so, when the model gives no number", async () => {
    const broken = tinyPack([], "immediate | suicide | now | they are coming\n");
    const nothing = { whole: Number.NaN, window: 0, offset: 0 };
    const calibration = broken.manifest.calibration.map(() => ({ short: nothing, long: nothing }));
    const triage = await createTriage({ pack: { ...broken, manifest: { ...broken.manifest, calibration } }, now: NOW });
    const plain = await triage.assess("nothing of note");
    expect(plain).toMatchObject({ urgency: "urgent", categories: [] });
    expect(plain.review).toContain("MODEL_UNAVAILABLE");
    expect(await triage.assess("they are coming")).toMatchObject({ urgency: "immediate", categories: ["suicide"] });
  });
});

describe("stream", () => {
  const texts = ["one", "two", "three", "four"];

  it("keeps the order and passes what is known about each message", async () => {
    const messages: Message[] = texts.map((text, index) => ({
      text,
      id: String(index),
      language: "en",
      spans: index > 2,
    }));
    const results: Assessment[] = [];
    for await (const result of tiny.stream(messages)) results.push(result);
    expect(results.map(({ id }) => id)).toEqual(["0", "1", "2", "3"]);
    expect(results.map(({ spans }) => spans?.length)).toEqual([undefined, undefined, undefined, 1]);
    expect(results[1]).toEqual(await tiny.assess("two", { id: "1", language: "en" }));
  });

  it("takes the next message only when its result is asked for", async () => {
    let taken = 0;
    async function* source(): AsyncGenerator<Message> {
      for (const text of texts) {
        taken += 1;
        yield { text };
      }
    }
    const results = tiny.stream(source());
    expect(taken).toBe(0);
    await results.next();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(taken).toBe(1);
    await results.next();
    expect(taken).toBe(2);
  });

  it("lets the source go when nobody wants the rest", async () => {
    let ended = false;
    function* source(): Generator<Message> {
      try {
        for (const text of texts) yield { text };
      } finally {
        ended = true;
      }
    }
    for await (const _result of tiny.stream(source())) break;
    expect(ended).toBe(true);
  });

  it("stops at the first bad message", async () => {
    const results = tiny.stream([{ text: "one" }, { text: "" }, { text: "three" }]);
    expect((await results.next()).done).toBe(false);
    expect(await codeOf(() => results.next())).toBe("TEXT_EMPTY");
    expect((await results.next()).done).toBe(true);
  });
});

describe("errors", () => {
  it.each<[string, unknown, unknown, EarshotErrorCode]>([
    ["an empty text", "", {}, "TEXT_EMPTY"],
    ["a blank text", " \r\n\t\0", {}, "TEXT_EMPTY"],
    ["no bytes", new Uint8Array(), {}, "TEXT_EMPTY"],
    ["a number", 42, {}, "INPUT_INVALID"],
    ["nothing", undefined, {}, "INPUT_INVALID"],
    ["null", null, {}, "INPUT_INVALID"],
    ["a list of bytes", [104, 105], {}, "INPUT_INVALID"],
    ["a buffer without a view", new ArrayBuffer(4), {}, "INPUT_INVALID"],
    ["an age below 0", "hi", { age: -1 }, "INPUT_INVALID"],
    ["an age above 120", "hi", { age: 121 }, "INPUT_INVALID"],
    ["an age that is no number", "hi", { age: Number.NaN }, "INPUT_INVALID"],
    ["an age in words", "hi", { age: "14" }, "INPUT_INVALID"],
    ["an id that is no string", "hi", { id: 7 }, "INPUT_INVALID"],
    ["a language that is no string", "hi", { language: 7 }, "INPUT_INVALID"],
    ["a country's name", "hi", { country: "Kenya" }, "COUNTRY_UNKNOWN"],
    ["a country that is no string", "hi", { country: 7 }, "COUNTRY_UNKNOWN"],
  ])("refuses %s", async (_what, text, options, code) => {
    expect(await codeOf(() => tiny.assess(text as string, options as AssessOptions))).toBe(code);
    // And goes on working.
    expect((await tiny.assess(DANGER)).urgency).toBe("immediate");
  });

  it("carries nothing of the text", async () => {
    const text = "secret words";
    const error = await tiny.assess(text, { age: 999 }).catch((caught: unknown) => caught);
    if (!isEarshotError(error)) throw new Error("not refused");
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.details)}`).not.toContain(
      "secret",
    );
  });

  it.each<[string, object, EarshotErrorCode]>([
    ["a country's name", { country: "Kenya" }, "COUNTRY_UNKNOWN"],
    ["a pack that is not there", { pack: "/nonexistent" }, "PACK_NOT_FOUND"],
  ])("sets nothing up with %s", async (_what, options, code) => {
    expect(await codeOf(() => createTriage(options))).toBe(code);
  });

  it("refuses everything after it was closed", async () => {
    const triage = await createTriage({ pack, now: NOW });
    await triage.assess("one");
    await triage.close();
    await triage.close();
    expect(await codeOf(() => triage.assess("two"))).toBe("CLOSED");
    expect(await codeOf(() => triage.assess(encoder.encode("two")))).toBe("CLOSED");
    expect(await codeOf(() => triage.assessBytes(encoder.encode("two"), 0, 3))).toBe("CLOSED");
    expect(await codeOf(() => triage.stream([{ text: "two" }]).next())).toBe("CLOSED");
  });

  it("closes at the end of its scope", async () => {
    const triage = await createTriage({ pack, now: NOW });
    await triage[Symbol.asyncDispose]();
    expect(await codeOf(() => triage.assess("one"))).toBe("CLOSED");
  });
});

describe("the bundled pack", () => {
  it("is the default, and one loaded beforehand does the same", async () => {
    const loaded = await createTriage({ pack: loadPack(), country: "KE", now: NOW });
    const text = "he took my passport and locks the door at night";
    expect(await loaded.assess(text)).toEqual(await shipped.assess(text));
    expect(existsSync("models/packs/base/manifest.json")).toBe(true);
  });
});
