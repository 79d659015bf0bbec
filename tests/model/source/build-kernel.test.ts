import { describe, expect, it } from "vitest";
import kernel from "../../../src/model/kernel.json" with { type: "json" };
import { compileKernel } from "../../../src/model/source/build-kernel.js";

describe("compileKernel", () => {
  it("gives the module that is committed, byte for byte", async () => {
    expect(Buffer.from(await compileKernel()).toString("base64")).toBe(kernel.module);
  });
});
