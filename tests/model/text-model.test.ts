import { describe, expect, it } from "vitest";
import { loadPack } from "../../src/model/pack.js";
import { createScorer } from "../../src/model/scorer.js";
import { createPackModel } from "../../src/model/text-model.js";
import { describeModelContract } from "../support/model-contract.js";
import { tinyPack } from "../support/tiny-pack.js";

describeModelContract("the bundled pack", async () => createPackModel(loadPack()));

describe("createPackModel", () => {
  it("gives the scores of the scorer, without a word of what stays in memory", async () => {
    const pack = tinyPack([]);
    const bytes = new TextEncoder().encode("I am here");
    const model = createPackModel(pack);
    expect(model.keepsText).toBe(false);
    expect(model.thresholds).toBe(pack.manifest.thresholds);
    expect(await model.score(bytes, 0, bytes.length)).toEqual({
      scores: createScorer(pack).score(bytes, 0, bytes.length).scores,
      tokens: 3,
      truncated: false,
    });
  });
});
