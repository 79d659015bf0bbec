import { describe, expect, it } from "vitest";
import { makeCanary } from "../../src/audit/canary.js";
import { canaryPatterns, idPatterns, type PatternKind, SHORTEST_PATTERN_BYTES } from "../../src/audit/patterns.js";

const IDS = [901, 30_521, 17, 4_242, 65_001, 12];
const FRAME = { before: '"text":"', after: '"}\n' };

describe("idPatterns", () => {
  const run = IDS.slice(1, 5);
  const smis = Buffer.alloc(32);
  for (const [index, id] of run.entries()) smis.writeInt32LE(id, index * 8 + 4);
  const longs = Buffer.alloc(32);
  for (const [index, id] of run.entries()) longs.writeBigInt64LE(BigInt(id), index * 8);

  it.each<[PatternKind, Uint8Array]>([
    ["id_i32", Buffer.from(Int32Array.from(run).buffer)],
    ["id_i64", longs],
    ["id_u16", Buffer.from(Uint16Array.from(run).buffer)],
    ["id_smi", smis],
    ["id_f32", Buffer.from(Float32Array.from(run).buffer)],
    ["id_f64", Buffer.from(Float64Array.from(run).buffer)],
  ])("holds a run of four as %s", (kind, expected) => {
    const found = idPatterns(IDS).filter((pattern) => pattern.kind === kind);
    expect(found.some(({ bytes }) => Buffer.from(bytes).equals(expected))).toBe(true);
  });

  it.each<[string, readonly number[]]>([
    ["too few ids", [901, 902, 903]],
    ["a zero in every run", [901, 0, 902, 903, 0, 904]],
    ["few different ids", [901, 902, 901, 902]],
    ["small ids only", [1, 2, 3, 4, 5]],
  ])("leaves out %s", (_, ids) => {
    expect(idPatterns(ids)).toEqual([]);
  });

  it("has no 16-bit form of ids that need more", () => {
    expect(idPatterns([70_000, 70_001, 70_002, 70_003]).some(({ kind }) => kind === "id_u16")).toBe(false);
  });

  it("limits the number of runs of a long sequence and keeps them spread", () => {
    const ids = Uint32Array.from({ length: 20_000 }, (_, index) => 1000 + index);
    const runs = idPatterns(ids).filter(({ kind }) => kind === "id_i32");
    const firstIds = runs.map(({ bytes }) => Buffer.from(bytes).readInt32LE());
    expect(runs.length).toBeLessThan(260);
    expect(Math.max(...firstIds)).toBeGreaterThan(20_000);
  });
});

describe("canaryPatterns", () => {
  it("adds what the normaliser writes", () => {
    const canary = makeCanary("latin_accented", 200);
    const normalise = (bytes: Uint8Array): Uint8Array =>
      Buffer.from(Buffer.from(bytes).toString().normalize("NFD").replace(/\p{M}/gu, "").toLowerCase());
    const written = Buffer.from(normalise(canary.bytes));
    const found = canaryPatterns(canary, { normalise }).filter(({ kind }) => kind === "normalised");
    expect(found.some(({ bytes }) => written.includes(Buffer.from(bytes)))).toBe(true);
    expect(canaryPatterns(canary).some(({ kind }) => kind === "normalised")).toBe(false);
  });

  it("adds the numbers of every encoder", () => {
    const kinds = canaryPatterns(makeCanary("latin", 100), { encoders: [() => IDS] }).map(({ kind }) => kind);
    expect(kinds).toContain("id_i64");
  });

  it("finds a message that is too short by itself by what stands around it", () => {
    const canary = makeCanary("latin", 3);
    expect(canaryPatterns(canary)).toEqual([]);
    const framed = canaryPatterns(canary, {}, FRAME);
    expect(framed.map(({ kind }) => kind)).toEqual(["frame", "frame"]);
    expect(Buffer.from(`{"id":"1","text":"${canary.text}"}\n`).includes(Buffer.from(framed[0].bytes))).toBe(true);
  });

  it("holds no pattern twice and none that is too short", () => {
    const patterns = canaryPatterns(makeCanary("cyrillic", 400), { encoders: [() => IDS] }, FRAME);
    const contents = patterns.map(({ bytes }) => Buffer.from(bytes).toString("hex"));
    expect(new Set(contents).size).toBe(contents.length);
    for (const { bytes } of patterns) expect(bytes.length).toBeGreaterThanOrEqual(SHORTEST_PATTERN_BYTES);
  });
});
