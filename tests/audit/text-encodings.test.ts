import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PatternKind } from "../../src/audit/patterns.js";
import { encodeText, fragmentsOf } from "../../src/audit/text-encodings.js";

const LATIN = "aB3dE6gH9jKm";
const ACCENTED = "àéîõüçñäöÿèû";
const CYRILLIC = "абвгдежзийкл";
const EMOJI = "😀😁😂😃😄😅😆😇😈😉😊😋";

/** Whether some pattern of the kind lies in the bytes. */
function holds(text: string, kind: PatternKind, bytes: Uint8Array): boolean {
  return encodeText(text).some(
    (pattern) => pattern.kind === kind && Buffer.from(bytes).includes(Buffer.from(pattern.bytes)),
  );
}

function smis(values: readonly number[]): Uint8Array {
  return Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(8);
      bytes.writeInt32LE(value, 4);
      return bytes;
    }),
  );
}

const codePoints = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0) as number);
const escaped = (text: string): string =>
  JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u0${unit.charCodeAt(0).toString(16)}`);

describe("encodeText", () => {
  it.each<[PatternKind, string, Uint8Array]>([
    ["utf8", LATIN, Buffer.from(LATIN)],
    ["utf8", EMOJI, Buffer.from(EMOJI)],
    ["utf16", CYRILLIC, Buffer.from(CYRILLIC, "utf16le")],
    ["latin1", ACCENTED, Buffer.from(ACCENTED, "latin1")],
    ["upper", LATIN, Buffer.from(LATIN.toUpperCase())],
    ["upper", CYRILLIC, Buffer.from(CYRILLIC.toUpperCase(), "utf16le")],
    ["lower", LATIN, Buffer.from(LATIN.toLowerCase())],
    ["hex", CYRILLIC, Buffer.from(Buffer.from(CYRILLIC).toString("hex"))],
    ["hex", LATIN, Buffer.from(Buffer.from(LATIN).toString("hex").toUpperCase())],
    ["base64", LATIN, Buffer.from(Buffer.from(LATIN).toString("base64"))],
    ["base64", LATIN, Buffer.from(Buffer.from(`.${LATIN}.`).toString("base64"))],
    ["base64", CYRILLIC, Buffer.from(Buffer.from(`..${CYRILLIC}.`).toString("base64url"))],
    ["json_escape", CYRILLIC, Buffer.from(escaped(CYRILLIC))],
    ["percent", CYRILLIC, Buffer.from(encodeURIComponent(CYRILLIC))],
    ["percent", EMOJI, Buffer.from(encodeURIComponent(EMOJI).toLowerCase())],
    ["element_i32", LATIN, Buffer.from(Int32Array.from(Buffer.from(LATIN)).buffer)],
    ["element_i32", EMOJI, Buffer.from(Int32Array.from(codePoints(EMOJI)).buffer)],
    ["element_i32", CYRILLIC, Buffer.from(Int32Array.from(Buffer.from(CYRILLIC)).buffer)],
    ["element_smi", LATIN, smis(codePoints(LATIN))],
    ["element_smi", CYRILLIC, smis([...Buffer.from(CYRILLIC)])],
    ["element_f64", EMOJI, Buffer.from(Float64Array.from(codePoints(EMOJI)).buffer)],
  ])("finds %s of %s", (kind, text, bytes) => {
    expect(holds(text, kind, bytes)).toBe(true);
  });

  it("covers every part of eight characters in UTF-8 and UTF-16", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.constantFrom(LATIN, ACCENTED, CYRILLIC, EMOJI), (start, text) => {
        const part = [...text].slice(start, start + 8).join("");
        expect(holds(text, "utf8", Buffer.from(part))).toBe(true);
        expect(holds(text, "utf16", Buffer.from(part, "utf16le"))).toBe(true);
      }),
    );
  });

  it("does not find another text", () => {
    const other = Buffer.from("The quick brown fox jumps over the lazy dog, 0123456789, шустрая бурая лисица");
    expect(encodeText(LATIN).some(({ bytes }) => other.includes(Buffer.from(bytes)))).toBe(false);
  });

  it.each(["", "short", "aaaaaaaaaaaa"])("looks for nothing in %j", (text) => {
    expect(encodeText(text)).toEqual([]);
    expect(fragmentsOf(text)).toEqual([]);
  });
});
