import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUNDLED_DIRECTORY } from "../../src/referral/bundled.js";
import { loadDirectory } from "../../src/referral/load.js";

describe("loadDirectory", () => {
  it("gives the bundled directory", async () => {
    expect(await loadDirectory()).toBe(BUNDLED_DIRECTORY);
  });

  it("lays an operator's file over it", async () => {
    const text = readFileSync(new URL("../../fixtures/directory/own.json", import.meta.url), "utf8");
    const { entries, messages } = await loadDirectory(JSON.parse(text));
    expect(entries).toHaveLength(BUNDLED_DIRECTORY.entries.length);
    expect(entries.filter(({ id }) => id === "gb-example-youth-line")).toHaveLength(1);
    expect(messages).toHaveProperty("en.urgent.from9");
  });

  it.each([null, {}, "directory"])("refuses %j", async (own) => {
    await expect(loadDirectory(own)).rejects.toMatchObject({ code: "DIRECTORY_INVALID" });
  });
});
