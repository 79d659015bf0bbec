import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNormalizedText, normalize } from "../../src/text/normalize.js";
import { readVocabulary, tokenize } from "../../src/text/tokenize.js";

const encoder = new TextEncoder();
const SINGLE = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(1, byte));
const FIRST = 4 + 256;

function fileOf(pieces: readonly string[]): Uint8Array {
  const longer = pieces.map((piece) => {
    const bytes = encoder.encode(piece);
    return Uint8Array.of(bytes.length, ...bytes);
  });
  return Uint8Array.from([
    0,
    0,
    0,
    0,
    ...SINGLE.flatMap((entry) => [...entry]),
    ...longer.flatMap((entry) => [...entry]),
  ]);
}

function idsOf(pieces: readonly string[], text: string, room = 100): number[] {
  const bytes = encoder.encode(text);
  const into = new Int32Array(room);
  const count = tokenize(readVocabulary(fileOf(pieces)), bytes, 0, bytes.length, into);
  return [...into.subarray(0, count)];
}

const byteId = (character: string): number => 4 + character.charCodeAt(0);

describe("tokenize", () => {
  const pieces = [" the", " then", "en", "re", " "];

  it.each<[string, string, number[]]>([
    ["takes the longest piece", "then", [FIRST + 1]],
    ["goes back to the last whole piece where a longer one fails", "there", [FIRST, FIRST + 3]],
    ["writes bytes where no piece fits", "the x", [FIRST, byteId(" "), byteId("x")]],
    ["reads the space of the text where it has one", " the", [FIRST]],
    ["reads nothing from nothing", "", []],
  ])("%s", (_, text, expected) => {
    expect(idsOf(pieces.slice(0, 4), text)).toEqual(expected);
  });

  it("stops where the room ends", () => {
    expect(idsOf(pieces.slice(0, 4), "the the the", 2)).toEqual([FIRST, FIRST]);
  });

  it("reads a part of a buffer as if it stood alone", () => {
    const vocabulary = readVocabulary(fileOf(pieces.slice(0, 4)));
    const bytes = encoder.encode("xxthe thenxx");
    const into = new Int32Array(10);
    expect([...into.subarray(0, tokenize(vocabulary, bytes, 2, 10, into))]).toEqual([FIRST, FIRST + 1]);
  });

  it("loses nothing: the pieces put together are the text, whatever the vocabulary", () => {
    const words = fc.array(fc.stringMatching(/^ ?[a-d]{2,4}$/), { maxLength: 30 });
    fc.assert(
      fc.property(words, fc.string({ unit: "binary", maxLength: 60 }), (list, text) => {
        const known = [...new Set(list)].filter((piece) => encoder.encode(piece).length > 1);
        const normalized = createNormalizedText(400);
        const source = encoder.encode(text);
        normalize(source, 0, source.length, normalized);
        const vocabulary = readVocabulary(fileOf(known));
        const into = new Int32Array(2000);
        const count = tokenize(vocabulary, normalized.bytes, 0, normalized.length, into);
        const bytes = [...into.subarray(0, count)].flatMap((id) =>
          id < FIRST ? [id - 4] : [...encoder.encode(known[id - FIRST])],
        );
        const wanted = [...normalized.bytes.subarray(0, normalized.length)];
        expect(bytes).toEqual(normalized.length === 0 || wanted[0] === 0x20 ? wanted : [0x20, ...wanted]);
      }),
    );
  });
});

describe("readVocabulary", () => {
  const whole = fileOf([" the"]);

  it.each<[string, Uint8Array]>([
    ["one that ends inside a piece", whole.subarray(0, whole.length - 1)],
    ["one without all bytes", whole.subarray(0, 100)],
    ["one whose bytes are out of order", Uint8Array.from(whole, (byte, i) => (i === 5 ? 9 : byte))],
    ["one with an empty piece", Uint8Array.of(...whole, 0)],
    ["an empty one", new Uint8Array(0)],
  ])("refuses %s", (_, file) => {
    expect(() => readVocabulary(file)).toThrow(expect.objectContaining({ code: "PACK_INVALID" }));
  });
});
