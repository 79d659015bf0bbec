import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK_BYTES } from "../../src/conversation/block.js";
import {
  type Conversation,
  type ConversationOptions,
  createConversation,
  type TurnOptions,
} from "../../src/conversation/conversation.js";
import { type EarshotErrorCode, isEarshotError } from "../../src/errors.js";
import { assessmentOf, TURN, type TurnParts } from "./support.js";

const START = Date.parse("2026-01-05T12:00:00Z");
const KEY = new Uint8Array(32).fill(3);
const KINDS = ["calm", "low", "grave", "dying"] as const;
const textOf = (kind: (typeof KINDS)[number]): Uint8Array => Uint8Array.of(KINDS.indexOf(kind));

/** A conversation whose texts are one byte: the place of the turn in `KINDS`. */
function begin(options: ConversationOptions = {}, nowMs = START, boundTo = ["pack@1", "policy@1"]): Conversation {
  const parts = ([kind]: Uint8Array): TurnParts => TURN[KINDS[kind]];
  return createConversation(
    {
      assess: async (text) => assessmentOf(parts(text as Uint8Array)),
      boundTo,
      now: () => new Date(nowMs),
    },
    options,
  );
}

async function codeOf(action: () => unknown): Promise<EarshotErrorCode | "none" | "other"> {
  try {
    await action();
  } catch (error) {
    return isEarshotError(error) ? error.code : "other";
  }
  return "none";
}

describe("a conversation", () => {
  it("says how it stands after each turn", async () => {
    const conversation = begin();
    const first = await conversation.assess(textOf("calm"), { by: "person", at: START });
    expect(first.trend).toMatchObject({ turns: 1, level: "routine", slope: 0, firstAlert: null, held: false });
    await conversation.assess(textOf("calm"), { by: "counsellor", at: START + 1 });
    const third = await conversation.assess(textOf("dying"), { by: "person", at: START + 2 });
    expect(third.trend).toMatchObject({ turns: 3, firstAlert: 2 });
    expect(["immediate", "urgent"]).toContain(third.trend.level);
    expect(third.trend.slope).toBeGreaterThan(0);
    expect(third.trend.risk).toBeGreaterThan(first.trend.risk);
    expect(third.trend.priority).toBeGreaterThan(first.trend.priority);
    expect(third.trend.reasons.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 10);
    expect(third.trend.speakers.map(({ speaker, turns }) => [speaker, turns])).toEqual([
      ["person", 2],
      ["counsellor", 1],
    ]);
    expect(third.trend.speakers[1]).toMatchObject({ atRisk: 0, threatens: 0 });
  });

  it("holds a level over a calm turn, and gives it up when told", async () => {
    const conversation = begin();
    await conversation.assess(textOf("dying"), { by: "person" });
    for (let turn = 0; turn < 12; turn += 1) await conversation.assess(textOf("calm"), { by: "person" });
    expect(conversation.trend()).toMatchObject({ level: "urgent", firstAlert: 0 });
    conversation.lower("routine");
    expect(conversation.trend()).toMatchObject({ level: "routine", firstAlert: 0 });
  });

  it("puts who drops out after a hint higher as time passes", async () => {
    const conversation = begin();
    for (const kind of ["calm", "calm", "low"] as const) await conversation.assess(textOf(kind), { by: "person" });
    await conversation.assess(textOf("calm"), { by: "counsellor" });
    expect(conversation.trend().level).toBe("soon");
    expect(conversation.trend(START + 600_000).level).toBe("urgent");
  });

  it("counts turns in the order of the calls, however long each takes", async () => {
    const delays = [30, 0, 10];
    const conversation = createConversation({
      assess: async ([kind]: Uint8Array | string) => {
        await new Promise((resolve) => setTimeout(resolve, delays[kind as number]));
        return assessmentOf(TURN[KINDS[kind as number]]);
      },
      boundTo: [],
      now: () => new Date(START),
    });
    const results = await Promise.all(
      [0, 1, 2].map((kind) => conversation.assess(Uint8Array.of(kind), { by: "person" })),
    );
    expect(results.map(({ trend }) => trend.turns)).toEqual([1, 2, 3]);
  });

  it("is put no lower than the turn where the model could not run", async () => {
    const { scores: _, ...unknown } = assessmentOf({});
    const surroundings = { boundTo: [], now: () => new Date(START) };
    const conversation = createConversation({
      ...surroundings,
      assess: async () => ({ ...unknown, urgency: "urgent" }),
    });
    const { trend } = await conversation.assess(textOf("calm"), { by: "person" });
    expect(["urgent", "immediate"]).toContain(trend.level);
  });

  it("does not count a turn that throws", async () => {
    let isFailing = true;
    const conversation = createConversation({
      assess: async () => {
        if (isFailing) throw new Error();
        return assessmentOf({});
      },
      boundTo: [],
      now: () => new Date(START),
    });
    expect(await codeOf(() => conversation.assess(textOf("calm"), { by: "person" }))).toBe("other");
    isFailing = false;
    expect((await conversation.assess(textOf("calm"), { by: "person" })).trend.turns).toBe(1);
  });
});

describe("a saved conversation", () => {
  const turns = fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      by: fc.oneof(fc.constantFrom("person" as const, "counsellor" as const, "other" as const), fc.nat(12)),
      at: fc.nat(100_000_000).map((ms) => START + ms),
    }),
    { minLength: 1, maxLength: 30 },
  );

  it("goes on as if it had not been saved, after any turn, and has always the same length", async () => {
    await fc.assert(
      fc.asyncProperty(turns, fc.nat(), async (all, at) => {
        const whole = begin({ key: KEY });
        let parts = begin({ key: KEY });
        for (const [index, { kind, ...turn }] of all.entries()) {
          const expected = await whole.assess(textOf(kind), turn);
          expect(await parts.assess(textOf(kind), turn)).toEqual(expected);
          const state = parts.save();
          expect(state).toHaveLength(BLOCK_BYTES);
          if (index === at % all.length) parts = begin({ key: KEY, state });
        }
        expect(parts.save()).toEqual(whole.save());
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ["with the key of another operator", { key: new Uint8Array(32).fill(4) }, START, undefined, "CONVERSATION_INVALID"],
    ["without the key", {}, START, undefined, "CONVERSATION_INVALID"],
    ["under another policy", { key: KEY }, START, ["pack@1", "policy@2"], "CONVERSATION_VERSION"],
    ["after more than a day", { key: KEY }, START + 86_400_001, undefined, "CONVERSATION_EXPIRED"],
    ["after the age that was set", { key: KEY, maximumAgeMs: 10 }, START + 11, undefined, "CONVERSATION_EXPIRED"],
    ["after a day at most", { key: KEY }, START + 86_400_000, undefined, "none"],
  ] as const)("%s: %#", async (_, options, nowMs, boundTo, expected) => {
    const state = begin({ key: KEY }).save();
    expect(await codeOf(() => begin({ ...options, state }, nowMs, boundTo && [...boundTo]))).toBe(expected);
  });
});

describe("faults", () => {
  it.each([
    ["a key that is short", { key: new Uint8Array(31) }],
    ["a key that is a string", { key: "x".repeat(32) as unknown as Uint8Array }],
    ["no age", { maximumAgeMs: 0 }],
    ["an age that is no number", { maximumAgeMs: Number.NaN }],
  ])("%s", async (_, options) => {
    expect(await codeOf(() => begin(options))).toBe("INPUT_INVALID");
  });

  it.each([
    ["no turn", undefined],
    ["no speaker", {}],
    ["an unknown role", { by: "nobody" }],
    ["a number below 0", { by: -1 }],
    ["half a number", { by: 0.5 }],
    ["a number that is too large", { by: Number.MAX_SAFE_INTEGER }],
    ["a time below 0", { by: "person", at: -1 }],
    ["a time that is no number", { by: "person", at: Number.NaN }],
  ])("%s", async (_, turn) => {
    const conversation = begin();
    expect(await codeOf(() => conversation.assess(textOf("calm"), turn as TurnOptions))).toBe("INPUT_INVALID");
    expect(conversation.trend().turns).toBe(0);
  });

  it("an unknown level or time", async () => {
    expect(await codeOf(() => begin().lower("later" as "soon"))).toBe("INPUT_INVALID");
    expect(await codeOf(() => begin().trend(Number.POSITIVE_INFINITY))).toBe("INPUT_INVALID");
  });
});
