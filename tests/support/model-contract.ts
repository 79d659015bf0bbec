import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isEarshotError } from "../../src/errors.js";
import { CATEGORIES, SIGNALS, URGENCIES } from "../../src/labels.js";
import type { TextModel } from "../../src/model/text-model.js";
import type { Scores } from "../../src/types.js";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return "none";
  } catch (error) {
    return isEarshotError(error) ? error.code : "another error";
  }
};

function expectScores({ urgency, categories, signals }: Scores): void {
  expect(Object.keys(urgency)).toEqual([...URGENCIES]);
  expect(Object.keys(categories)).toEqual([...CATEGORIES]);
  expect(Object.keys(signals)).toEqual([...SIGNALS]);
  const all = [urgency, categories, signals].flatMap((scores) => Object.values(scores));
  expect(all.filter((score) => !(score >= 0 && score <= 1))).toEqual([]);
  expect(URGENCIES.reduce((sum, level) => sum + urgency[level], 0)).toBeCloseTo(1, 9);
}

/** What every `TextModel` must do, whatever is inside. */
export function describeModelContract(name: string, open: () => Promise<TextModel>): void {
  describe(`${name}, as every model`, () => {
    let model: TextModel;
    beforeAll(async () => {
      model = await open();
    });
    afterAll(() => model.close());

    it("has a name with a version, and thresholds for all labels", () => {
      expect(model.name).toMatch(/^[a-z0-9-]+@\d+\.\d+\.\d+$/);
      expect(Object.keys(model.thresholds.categories)).toEqual([...CATEGORIES]);
      expect(Object.keys(model.thresholds.signals)).toEqual([...SIGNALS]);
    });

    it.each([
      ["words", encode("I am here and she is at home")],
      ["one letter", encode("I")],
      ["no letters", encode("12 ... !!")],
      ["spaces", encode("   ")],
      ["nothing", new Uint8Array(0)],
      ["several scripts", encode("привет 你好 مرحبا 🙂")],
      ["bytes that are no UTF-8", Uint8Array.of(0xff, 0xfe, 0x80, 0xc3, 0x28)],
      ["a very long text", encode("I am here and she is at home. ".repeat(3000))],
    ])("gives probabilities for %s", async (_, bytes) => {
      const { scores, tokens, truncated } = await model.score(bytes, 0, bytes.length);
      expectScores(scores);
      expect(tokens).toBeGreaterThanOrEqual(0);
      expect(typeof truncated).toBe("boolean");
    });

    it("gives the same scores again, whatever came between", async () => {
      const text = encode("she is at home");
      const first = await model.score(text, 0, text.length);
      await model.score(encode("I am here"), 0, 9);
      expect(await model.score(text, 0, text.length)).toEqual(first);
    });

    it("reads its range only, and changes nothing", async () => {
      const alone = encode("she is at home");
      const within = encode("I am here she is at home and I am not");
      const before = within.slice();
      const start = "I am here ".length;
      const result = await model.score(within, start, start + alone.length);
      expect(result).toEqual(await model.score(alone, 0, alone.length));
      expect(within).toEqual(before);
    });

    it("has read all bytes before the call returns", async () => {
      const text = encode("she is at home");
      const wiped = text.slice();
      const pending = model.score(wiped, 0, wiped.length);
      wiped.fill(0);
      expect(await pending).toEqual(await model.score(text, 0, text.length));
    });

    it("keeps messages apart that come at once", async () => {
      const texts = ["I am here", "she is at home", "home", "and she is here and I am not"].map(encode);
      const alone: unknown[] = [];
      for (const text of texts) alone.push(await model.score(text, 0, text.length));
      expect(await Promise.all(texts.map((text) => model.score(text, 0, text.length)))).toEqual(alone);
    });

    it.each([
      [-1, 2],
      [2, 1],
      [0, 4],
      [0.5, 2],
      [0, Number.NaN],
    ])("refuses the range %d to %d of three bytes", async (start, end) => {
      expect(await codeOf(model.score(encode("abc"), start, end))).toBe("INPUT_INVALID");
    });

    it("is closed once, and then refuses", async () => {
      const another = await open();
      await another.close();
      await another.close();
      expect(await codeOf(another.score(encode("I"), 0, 1))).toBe("CLOSED");
    });
  });
}
