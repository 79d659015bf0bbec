import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { isEarshotError } from "../src/errors.js";
import { HEADS } from "../src/model/manifest.js";
import { LABEL_COLUMNS, type Pack } from "../src/model/pack.js";
import { isGraver } from "../src/policy/levels.js";
import { DEFAULT_POLICY, type SecondLook } from "../src/policy/schema.js";
import { readVocabulary } from "../src/text/tokenize.js";
import { createSecondStage } from "../src/triage/second-stage.js";
import { createLazyTriage, createTriage, type Triage } from "../src/triage.js";
import { encodeEncoderModel } from "./support/onnx-model.js";
import { tinyPack } from "./support/tiny-pack.js";

const FIRST_BYTE = 4;
const PIECES = FIRST_BYTE + 256;
const bytesOnly = Uint8Array.from([0, 0, 0, 0, ...Array.from({ length: 256 }, (_, byte) => [1, byte]).flat()]);
const slopes = { whole: 1, window: 0, encoder: 1, encoderWindow: 0, offset: 0 };
/** Only by the encoder: the share of `z` in a message says how likely it is immediate, that of `q` that it is routine. */
const WEIGHT = 60;

function embedding(rows = PIECES): Float32Array {
  const table = new Float32Array(rows * LABEL_COLUMNS);
  for (const [letter, column] of [
    ["z", 0],
    ["q", 3],
  ] as const) {
    const row = FIRST_BYTE + letter.charCodeAt(0);
    if (row < rows) table[row * LABEL_COLUMNS + column] = WEIGHT;
  }
  return table;
}

function packWith(graph: Uint8Array): Pack {
  const pack = tinyPack([]);
  const encoder = {
    file: "encoder.onnx",
    vocabulary: "vocabulary.bin",
    pieces: PIECES,
    windowPieces: 16,
    stridePieces: 8,
    maximumWindows: 4,
    calibration: new Array(HEADS).fill({ short: slopes, long: slopes }),
  };
  return {
    ...pack,
    manifest: { ...pack.manifest, encoder },
    encoder: { graph, vocabulary: readVocabulary(bytesOnly) },
  };
}

const open = (secondLook: SecondLook | null | undefined, rows = PIECES): Promise<Triage> =>
  createTriage({
    pack: packWith(encodeEncoderModel(embedding(rows), LABEL_COLUMNS)),
    policy: { ...DEFAULT_POLICY, ...(secondLook !== undefined && { secondLook }) },
  });

const always: SecondLook = { riskFrom: 0, immediateUpTo: 1 };

describe("a pack with a second stage", () => {
  it.each([
    ["zzzz", "immediate"],
    ["qqqq", "routine"],
  ] as const)("reads %s twice: now it is surely %s", async (text, urgency) => {
    await using triage = await open(undefined);
    await using firstOnly = await open(null);
    const alone = await firstOnly.assess(text, { language: "en" });
    expect(alone.scores?.urgency[urgency]).toBeCloseTo(0.25);
    expect((await triage.assess(text, { language: "en" })).scores?.urgency[urgency]).toBeGreaterThan(0.9);
  });

  it.each<[string, SecondLook, boolean]>([
    ["below the risk from which it reads", { riskFrom: 0.8, immediateUpTo: 1 }, false],
    ["at that risk", { riskFrom: 0.74, immediateUpTo: 1 }, true],
    ["above the share of immediate up to which it reads", { riskFrom: 0, immediateUpTo: 0.2 }, false],
    ["from risk 1 on: never", { riskFrom: 1, immediateUpTo: 1 }, false],
  ])("follows the policy: %s", async (_, secondLook, isRead) => {
    await using triage = await open(secondLook);
    const { scores } = await triage.assess("zzzz");
    expect((scores?.urgency.immediate ?? 0) > 0.9).toBe(isRead);
  });

  it("gives the same for messages that come all at once, as bytes and as strings", async () => {
    await using triage = await open(always);
    const texts = Array.from({ length: 40 }, (_, i) => "zqa ".repeat((i % 7) + 1) + "z".repeat(i % 5));
    const single = [];
    for (const text of texts) single.push(await triage.assess(text));
    expect(await Promise.all(texts.map((text) => triage.assess(text)))).toEqual(single);
    const encoder = new TextEncoder();
    expect(await Promise.all(texts.map((text) => triage.assess(encoder.encode(text))))).toEqual(single);
  });

  it("marks a message on which the second stage fails, and goes on with the next", async () => {
    // A table without the later letters: their pieces are past its end.
    await using triage = await open(always, FIRST_BYTE + "m".charCodeAt(0));
    const before = await triage.assess("abc", { language: "en" });
    const failed = await triage.assess("zzz", { language: "en" });
    expect(failed.review).toContain("MODEL_UNAVAILABLE");
    expect(failed.urgency).toBe(DEFAULT_POLICY.reviewLevels.MODEL_UNAVAILABLE);
    expect(failed.scores?.urgency.immediate).toBeCloseTo(0.25);
    expect(await triage.assess("abc", { language: "en" })).toEqual(before);
    expect(before.review).not.toContain("MODEL_UNAVAILABLE");
  });

  it("leaves a message to the first stage on request, marked, without waiting for who is being read", async () => {
    await using triage = await open(always);
    await using firstOnly = await open(null);
    const order: string[] = [];
    const note =
      (name: string) =>
      <Result>(result: Result): Result => {
        order.push(name);
        return result;
      };
    const expected = await triage.assess("zzzz", { language: "en" });
    const twice = triage.assess("zzzz", { language: "en" }).then(note("twice"));
    const once = await triage.assess("qqqqqq", { language: "en", secondLook: false }).then(note("once"));
    const alone = await firstOnly.assess("qqqqqq", { language: "en" });
    expect(once.scores).toEqual(alone.scores);
    expect(once.review).toContain("SECOND_LOOK_SKIPPED");
    expect(isGraver(DEFAULT_POLICY.reviewLevels.SECOND_LOOK_SKIPPED, once.urgency)).toBe(false);
    // The one that was being read meanwhile is not mixed up with it, nor is the one that comes next.
    expect(await twice).toEqual(expected);
    expect(order).toEqual(["once", "twice"]);
    await triage.assess("qqqqqq", { language: "en", secondLook: false });
    expect(await triage.assess("zzzz", { language: "en" })).toEqual(expected);
  });

  it.each<[string, SecondLook | null]>([
    ["the policy does without it", null],
    ["the first stage settles the message", { riskFrom: 1, immediateUpTo: 1 }],
  ])("was not skipped where %s", async (_, secondLook) => {
    await using triage = await open(secondLook);
    const { review } = await triage.assess("zzzz", { secondLook: false });
    expect(review).not.toContain("SECOND_LOOK_SKIPPED");
  });

  it("is refused when its graph cannot be loaded, unless the policy does without it", async () => {
    const pack = packWith(Uint8Array.of(1, 2, 3));
    const refusal = await createTriage({ pack }).catch((error: unknown) => isEarshotError(error) && error.code);
    expect(refusal).toBe("RUNTIME_FAILED");
    await using triage = await createTriage({ pack, policy: { ...DEFAULT_POLICY, secondLook: null } });
    expect((await triage.assess("hi")).review).not.toContain("MODEL_UNAVAILABLE");
  });

  it("is loaded when the first message needs it, which gives the same as when it is there from the start", async () => {
    const pack = packWith(encodeEncoderModel(embedding(), LABEL_COLUMNS));
    const policy = { ...DEFAULT_POLICY, secondLook: always };
    await using lazy = await createLazyTriage({ pack, policy });
    await using triage = await createTriage({ pack, policy });
    const texts = ["zzzz", "qqqq", "zq", "what"];
    const answers = await Promise.all(texts.map((text) => lazy.assess(text)));
    for (const [index, text] of texts.entries()) expect(answers[index]).toEqual(await triage.assess(text));
  });

  it("that cannot be loaded is told to every message that needs it, and to no other", async () => {
    await using lazy = await createLazyTriage({ pack: packWith(Uint8Array.of(1, 2, 3)) });
    const settled = { language: "en", secondLook: false } as const;
    expect(await lazy.assess("zzzz", settled)).toBeDefined();
    const asked = await Promise.allSettled([lazy.assess("zzzz"), lazy.assess("zzzz"), lazy.load()]);
    for (const one of asked) expect(one).toMatchObject({ status: "rejected", reason: { code: "RUNTIME_FAILED" } });
    expect(await lazy.assess("zzzz", settled)).toBeDefined();
  });

  it("lets go of the bytes of its graph when it is loaded", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const prepare = () => {
      const graph = encodeEncoderModel(embedding(), LABEL_COLUMNS);
      return { second: createSecondStage(packWith(graph)), graph: new WeakRef(graph) };
    };
    const { second, graph } = prepare();
    await second?.load();
    const leftOver = (): unknown => {
      collect();
      return graph.deref();
    };
    await expect.poll(leftOver).toBeUndefined();
    await second?.close();
  });

  it("finishes what it is reading before it closes", async () => {
    const triage = await open(always);
    const reading = triage.assess("zzzz");
    const closing = triage.close();
    expect((await reading).urgency).toBe("immediate");
    await closing;
    await expect(triage.assess("zzzz")).rejects.toMatchObject({ code: "CLOSED" });
  });
});
