import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createKernelMemory, type KernelMemory, PLAIN_KERNEL, plainMemory } from "../../src/model/kernel.js";
import { type LinearModel, MAXIMUM_SUMS, readLinearModel } from "../../src/model/linear.js";
import { loadPack } from "../../src/model/pack.js";
import { createWorkspace, type Workspace } from "../../src/model/workspace.js";
import { normalize } from "../../src/text/normalize.js";
import { encodeModel, type ModelParts } from "../support/tiny-pack.js";

const encoder = new TextEncoder();
const BLOCK_WORDS = 16;

/** What the kernel says about a text, block by block: features, and the sums of each model. */
function readWith(workspace: Workspace, models: readonly LinearModel[], bytes: Uint8Array): number[][] {
  const { kernel, text, features, sums } = workspace;
  const numbers: number[][] = [];
  normalize(bytes, 0, bytes.length, text);
  for (let first = 0; first < text.wordCount; first += BLOCK_WORDS) {
    const last = Math.min(first + BLOCK_WORDS, text.wordCount);
    const count = kernel.writeFeatures(text, first, last, features);
    numbers.push([...features.subarray(0, count)]);
    for (const model of models) {
      sums[0].fill(0);
      kernel.accumulate(model, features, count, sums[0]);
      numbers.push([...sums[0]]);
    }
  }
  return numbers;
}

function workspaceFor(
  files: readonly Uint8Array[],
  createMemory: (bytes: number) => KernelMemory,
): { workspace: Workspace; models: LinearModel[] } {
  const needs = { tables: files.map(({ length }) => length), blockWords: BLOCK_WORDS, sums: 1 };
  const workspace = createWorkspace(needs, createMemory);
  for (const [index, file] of files.entries()) workspace.tables[index].set(file);
  return { workspace, models: workspace.tables.map(readLinearModel) };
}

describe("createKernelMemory", () => {
  it("takes the compiled kernel where WebAssembly is there", () => {
    const { kernel, buffer, start } = createKernelMemory(100_000);
    expect(kernel).not.toBe(PLAIN_KERNEL);
    expect(buffer.byteLength - start).toBeGreaterThanOrEqual(100_000);
  });

  it.each([
    ["is none (--jitless)", undefined],
    [
      "is no room for its memory",
      {
        Memory: () => {
          throw new RangeError();
        },
      },
    ],
  ])("takes the plain kernel where there %s", (_, substitute) => {
    vi.stubGlobal("WebAssembly", substitute);
    try {
      const { kernel, buffer, start } = createKernelMemory(100);
      expect(kernel).toBe(PLAIN_KERNEL);
      expect(buffer.byteLength - start).toBe(100);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe("the compiled kernel", () => {
  const shipped = loadPack();
  const shippedModels = [shipped.linear, shipped.language];
  const plain = { ...shipped.workspace, kernel: PLAIN_KERNEL };

  it.each([
    ["one letter", "a"],
    ["seven letters", "abcdefg"],
    ["eight letters", "abcdefgh"],
    ["nine letters", "abcdefghi"],
    ["several words", "I don't know what to do any more. he said I'm 15!! and it's my fault"],
    ["a word as long as may be", `${"abcdefghijklmnop".repeat(16)} end`],
    ["accents between letters", "naïve façade Zoë über-groß"],
    ["Cyrillic", "я больше не могу так жить, помогите"],
    ["Chinese", "我不知道该怎么办了"],
    ["Thai", "ฉันไม่รู้จะทำอย่างไร"],
    ["pictographs", "ok 😭😭😭 bye 👋🏽"],
    ["1,200 words", "some words that come again and again ".repeat(171)],
  ])("gives the same features and sums as the plain one: %s", (_, text) => {
    const bytes = encoder.encode(text);
    const compiled = readWith(shipped.workspace, shippedModels, bytes);
    expect(compiled.length).toBeGreaterThan(0);
    expect(compiled).toEqual(readWith(plain, shippedModels, bytes));
  });

  it("gives the same for any text", () => {
    const texts = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 400 }),
      fc
        .array(fc.constantFrom("a", "e", "b", " ", "é", "ж", "中", "😭", "'", "!", "7"), { maxLength: 300 })
        .map((all) => all.join("")),
      fc.uint8Array({ maxLength: 300 }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = typeof text === "string" ? encoder.encode(text) : text;
        expect(readWith(shipped.workspace, shippedModels, bytes)).toEqual(readWith(plain, shippedModels, bytes));
      }),
    );
  });

  const weight = fc.oneof(fc.integer({ min: -128, max: 127 }), fc.constantFrom(-128, 127));
  const models = fc
    .record({
      columns: fc.integer({ min: 1, max: 130 }),
      families: fc.constantFrom(1, 3),
      slotBits: fc.integer({ min: 3, max: 9 }),
      hashes: fc.uniqueArray(fc.nat(0xffffffff), { minLength: 1, maxLength: 120 }),
      weights: fc.array(weight, { minLength: 1, maxLength: 50 }),
    })
    .map(({ columns, families, slotBits, hashes, weights }): ModelParts => {
      // Few check bits, so that features are taken for others; and tables that are almost full.
      const rows = hashes
        .slice(0, 2 ** slotBits - 1)
        .map(
          (hash, row) =>
            [hash, Array.from({ length: columns }, (_, c) => weights[(row * columns + c) % weights.length])] as const,
        );
      return { columns, families, bins: 0, slotBits, rowBits: 24, rows };
    });

  it("gives the same sums as the plain one for any model and any features", () => {
    fc.assert(
      fc.property(models, fc.array(fc.nat(0xffffffff), { maxLength: 40 }), fc.nat(3000), (parts, others, repeats) => {
        const file = encodeModel(parts);
        const hashes = [...parts.rows.map(([hash]) => hash), ...others, ...others.map((hash) => hash ^ 0xff000000)];
        // More than a list of the kernel holds, and more rows than fit into a sum of 16 bits.
        const list = Array.from({ length: repeats }, (_, index) => hashes[index % hashes.length] >>> 0);
        const sums = [createKernelMemory, plainMemory].map((createMemory) => {
          const {
            workspace,
            models: [model],
          } = workspaceFor([file], createMemory);
          workspace.features.set(list);
          workspace.kernel.accumulate(model, workspace.features, list.length, workspace.sums[0]);
          return [...workspace.sums[0]];
        });
        expect(sums[0]).toEqual(sums[1]);
      }),
      { numRuns: 50 },
    );
  });

  it("adds sums up beyond 16 bits", () => {
    const parts: ModelParts = {
      columns: 3,
      families: 1,
      bins: 0,
      slotBits: 4,
      rowBits: 8,
      rows: [[7, [127, -128, 1]]],
    };
    const {
      workspace,
      models: [model],
    } = workspaceFor([encodeModel(parts)], createKernelMemory);
    workspace.features.fill(7, 0, 5000);
    workspace.kernel.accumulate(model, workspace.features, 5000, workspace.sums[0]);
    expect([...workspace.sums[0].subarray(0, 4)]).toEqual([635_000, -640_000, 5000, 0]);
    expect(MAXIMUM_SUMS).toBeGreaterThan(4);
  });

  it("leaves nothing of a text in its memory but what it was asked to write", () => {
    const { workspace, linear, language } = loadPack();
    const { kernel, text, features, sums, tables } = workspace;
    const memory = new Uint8Array(text.bytes.buffer);
    const bytes = encoder.encode(
      "every word of this must be gone, naïve ones and 中文 too, when it was read ".repeat(20),
    );
    normalize(bytes, 0, bytes.length, text);
    const count = kernel.writeFeatures(text, 0, BLOCK_WORDS, features);
    for (const model of [linear, language]) kernel.accumulate(model, features, count, sums[0]);
    features.fill(0, 0, count);
    sums[0].fill(0);
    text.bytes.fill(0);
    text.wordStarts.fill(0);
    text.wordEnds.fill(0);
    const isTable = (at: number): boolean =>
      tables.some(({ byteOffset, byteLength }) => at >= byteOffset && at < byteOffset + byteLength);
    let left = 0;
    for (let at = 0; at < memory.length; at += 1) if (memory[at] !== 0 && !isTable(at)) left += 1;
    expect(left).toBe(0);
  });
});
