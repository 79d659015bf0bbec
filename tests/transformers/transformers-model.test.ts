import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isEarshotError } from "../../src/errors.js";
import {
  createTransformersModel,
  TRANSFORMERS_LIMITS,
  type TransformersLibrary,
  type TransformersModelOptions,
} from "../../src/transformers/index.js";
import { describeModelContract } from "../support/model-contract.js";
import { LIBRARIES, TINY_LABELS, writeTinyModel } from "../support/transformers-libraries.js";

const folder = writeTinyModel();
const several = writeTinyModel({ multiLabel: true });
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(several, { recursive: true });
});
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

async function codeOf(options: Partial<TransformersModelOptions> & Pick<TransformersModelOptions, "library">) {
  try {
    await (await createTransformersModel({ folder, labelMap: TINY_LABELS, ...options })).close();
    return "none";
  } catch (error) {
    return isEarshotError(error) ? error.code : "another error";
  }
}

describe.each(LIBRARIES)("%s", (name, library) => {
  describeModelContract(`a model in ${name}`, () =>
    createTransformersModel({ library, folder, labelMap: TINY_LABELS }),
  );

  it("says what it keeps, and its labels", async () => {
    await using model = disposable(await createTransformersModel({ library, folder, labelMap: TINY_LABELS }));
    expect(model.keepsText).toBe(true);
    expect(model.labels).toEqual(["bad", "good"]);
    expect(model.name).toBe("tiny@1.0.0");
  });

  it("gives what the pipeline of the library gives, through the label map", async () => {
    const { pipeline } = (await library()) as unknown as {
      pipeline: (task: string, path: string, options: object) => Promise<Pipeline>;
    };
    const text = "she is at home and I am here";
    for (const own of [folder, several]) {
      await using model = disposable(await createTransformersModel({ library, folder: own, labelMap: TINY_LABELS }));
      const classify = await pipeline("text-classification", own, { dtype: "q8", local_files_only: true });
      const [{ label, score }] = await classify(text, {});
      const { scores } = await model.score(encode(text), 0, text.length);
      // Of one label the other follows only where they exclude each other.
      const bad = label === "bad" ? score : own === folder ? 1 - score : undefined;
      if (bad !== undefined) expect(scores.urgency.immediate).toBeCloseTo(0.5 * bad, 5);
      else expect(scores.signals.past).toBeCloseTo(score, 5);
    }
  });

  it("reads at most as many tokens as the model has places, and says that it left something out", async () => {
    await using model = disposable(await createTransformersModel({ library, folder, labelMap: TINY_LABELS }));
    const score = (text: string) => model.score(encode(text), 0, text.length);
    expect(await score("I am here")).toMatchObject({ tokens: 5, truncated: false });
    expect(await score("I am here ".repeat(20))).toMatchObject({ tokens: 32, truncated: true });
    expect(await score(" ".repeat(5000))).toMatchObject({ truncated: true });
    await using short = disposable(
      await createTransformersModel({ library, folder, labelMap: TINY_LABELS, maximumTokens: 8 }),
    );
    expect(await short.score(encode("I am here and she is at home"), 0, 28)).toMatchObject({
      tokens: 8,
      truncated: true,
    });
  });

  it("takes the 32-bit file when told to, with nearly the same result", async () => {
    await using small = disposable(await createTransformersModel({ library, folder, labelMap: TINY_LABELS }));
    await using full = disposable(
      await createTransformersModel({ library, folder, labelMap: TINY_LABELS, quantized: false }),
    );
    const [first, second] = await Promise.all([small, full].map((model) => model.score(encode("I am here"), 0, 9)));
    expect(first.scores.urgency.immediate).toBeCloseTo(second.scores.urgency.immediate, 1);
    expect(first.scores.urgency.immediate).not.toBe(second.scores.urgency.immediate);
  });

  it("switches network and caches off", async () => {
    const { env } = await library();
    Object.assign(env, { allowRemoteModels: true, useFSCache: true, useBrowserCache: true });
    const fetched = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("no network"));
    expect(await codeOf({ library, folder: "/nowhere/at-all" })).toBe("MODEL_NOT_LOADED");
    expect(await codeOf({ library, folder: "Xenova/distilbert-base-uncased" })).toBe("MODEL_NOT_LOADED");
    expect(fetched).not.toHaveBeenCalled();
    expect(env).toMatchObject({
      allowRemoteModels: false,
      useFSCache: false,
      useBrowserCache: false,
      useCustomCache: false,
    });
  });

  it.each([
    ["a map without one of its labels", { labels: { bad: TINY_LABELS.labels.bad } }],
    ["a map with a label that it does not have", { labels: { ...TINY_LABELS.labels, ugly: {} } }],
    ["a map that is none", { name: "Tiny Model" }],
  ])("refuses %s", async (_, change) => {
    expect(await codeOf({ library, labelMap: { ...TINY_LABELS, ...change } as never })).toBe("LABEL_MAP_INVALID");
  });

  it("refuses a folder with something else in it", async () => {
    const broken = writeTinyModel();
    writeFileSync(join(broken, "onnx/model_quantized.onnx"), "not a model");
    // 2.x prints that it tries another runtime; nothing of a message can be in it.
    const printed = vi.spyOn(console, "warn");
    expect(await codeOf({ library, folder: broken })).toBe("MODEL_NOT_LOADED");
    printed.mockClear();
    rmSync(broken, { recursive: true });
  });
});

type Pipeline = (text: string, options: object) => Promise<Array<{ label: string; score: number }>>;

function disposable<Model extends { close(): Promise<void> }>(model: Model): Model & AsyncDisposable {
  return { ...model, [Symbol.asyncDispose]: () => model.close() };
}

describe("a library", () => {
  const SWITCH = "ORT_DISABLE_TELEMETRY";
  let before: string | undefined;
  beforeEach(() => {
    before = process.env[SWITCH];
  });
  afterEach(() => {
    if (before === undefined) delete process.env[SWITCH];
    else process.env[SWITCH] = before;
  });

  const fake = (version: string, runtime?: string): TransformersLibrary => {
    const from_pretrained = async (): Promise<never> => {
      throw new Error("I am here and she is at home");
    };
    return {
      env: { version, backends: { onnx: runtime === undefined ? {} : { versions: { node: runtime } } } },
      AutoTokenizer: { from_pretrained },
      AutoModelForSequenceClassification: { from_pretrained },
    };
  };

  // What is taken fails later, because there is nothing in it.
  it.each([
    ["4.3.1", "1.30.0", false, "RUNTIME_REFUSED"],
    ["4.3.1", "1.30.0", true, "MODEL_NOT_LOADED"],
    ["4.3.1", "1.28.0", false, "MODEL_NOT_LOADED"],
    ["4.3.1", undefined, false, "RUNTIME_REFUSED"],
    ["2.17.2", undefined, false, "MODEL_NOT_LOADED"],
    ["20.0.0", undefined, false, "RUNTIME_REFUSED"],
    ["5.0.0", "x", false, "RUNTIME_REFUSED"],
  ])("version %s with runtime %s, imported already, switch set: %s -> %s", async (version, runtime, set, expected) => {
    if (set) process.env[SWITCH] = "1";
    else delete process.env[SWITCH];
    expect(await codeOf({ library: fake(version, runtime) })).toBe(expected);
  });

  it("is refused when another runtime was loaded before the switch could be set", async () => {
    // Both libraries are in this process by now.
    delete process.env[SWITCH];
    expect(await codeOf({ library: async () => fake("4.3.1", "1.30.0") })).toBe("RUNTIME_REFUSED");
    expect(process.env[SWITCH]).toBeUndefined();
  });

  it("that is not there is said to be missing", async () => {
    expect(await codeOf({ library: () => Promise.reject(new Error("no such package")) })).toBe("RUNTIME_MISSING");
  });

  it("fails without a word of what it was given", async () => {
    process.env[SWITCH] = "1";
    const tokenizer = Object.assign(() => ({ input_ids: { data: new BigInt64Array(1), dims: [1, 1] } }), {});
    const classifier = Object.assign(() => Promise.reject(new Error("she is at home")), {
      config: { id2label: { 0: "bad", 1: "good" } },
    });
    const library: TransformersLibrary = {
      env: { version: "2.17.2" },
      AutoTokenizer: { from_pretrained: async () => tokenizer },
      AutoModelForSequenceClassification: { from_pretrained: async () => classifier },
    };
    const model = await createTransformersModel({ library, folder, labelMap: TINY_LABELS });
    const failure: unknown = await model.score(encode("she is at home"), 0, 14).catch((error: unknown) => error);
    expect(isEarshotError(failure) && JSON.stringify(failure)).toBe('{"code":"RUNTIME_FAILED","details":{}}');
  });

  it.each([
    [[0.1], "one number for two labels"],
    [[0.1, Number.NaN], "a number that is none"],
  ])("fails on %j: %s", async (logits) => {
    const ids = new BigInt64Array([101n, 7n, 102n]);
    const tokenizer = () => ({ input_ids: { data: ids, dims: [1, 3] } });
    const output = Float32Array.from(logits);
    const classifier = Object.assign(async () => ({ logits: { data: output, dims: [1, 2] } }), {
      config: { id2label: { 0: "bad", 1: "good" } },
    });
    const library: TransformersLibrary = {
      env: { version: "2.17.2" },
      AutoTokenizer: { from_pretrained: async () => tokenizer },
      AutoModelForSequenceClassification: { from_pretrained: async () => classifier },
    };
    const model = await createTransformersModel({ library, folder, labelMap: TINY_LABELS });
    const failure: unknown = await model.score(encode("I"), 0, 1).catch((error: unknown) => error);
    expect(isEarshotError(failure) && failure.code).toBe("RUNTIME_FAILED");
    // What came back is wiped also when it was wrong.
    expect([...ids]).toEqual([0n, 0n, 0n]);
    expect(output.every((value) => value === 0)).toBe(true);
  });
});

describe("TRANSFORMERS_LIMITS", () => {
  it("names strings, and cannot be changed", () => {
    expect(TRANSFORMERS_LIMITS.join(" ")).toContain("Nobody can wipe a string");
    expect(Object.isFrozen(TRANSFORMERS_LIMITS)).toBe(true);
  });
});
