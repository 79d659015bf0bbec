import type { Pattern, PatternKind } from "./patterns.js";

/** Characters per fragment: the shortest part of a word that is looked for. */
export const FRAGMENT_CHARACTERS = 8;

// Fewer different bytes than this would also match padding and tables.
const DISTINCT_BYTES = 4;
// The rarer encodings are looked for at every fourth position, which still covers a word of twelve whole.
const RARE_STEP_CHARACTERS = 4;

/** The fragments of eight characters of a text, at every `step`-th position; those that are monotonous are left out. */
export function fragmentsOf(text: string, step = 1): readonly string[] {
  const characters = [...text];
  const fragments: string[] = [];
  for (let start = 0; start + FRAGMENT_CHARACTERS <= characters.length; start += step) {
    const fragment = characters.slice(start, start + FRAGMENT_CHARACTERS).join("");
    if (new Set(Buffer.from(fragment)).size >= DISTINCT_BYTES) fragments.push(fragment);
  }
  return fragments;
}

/**
 * The forms in which parts of a text may lie in memory.
 *
 * Base64 is made from the whole text, because its letters depend on where a group of three bytes begins.
 */
export function encodeText(text: string): readonly Pattern[] {
  const patterns = fragmentsOf(text).flatMap((fragment) => encodeStrings(fragment));
  if (patterns.length === 0) return [];
  for (const fragment of fragmentsOf(text, RARE_STEP_CHARACTERS)) {
    patterns.push(...encodeElements(fragment), ...encodeEscapes(fragment), ...encodeCases(fragment));
  }
  return [...patterns, ...encodeBase64(text)];
}

/** As bytes and as the two forms of V8's strings. */
function encodeStrings(fragment: string): Pattern[] {
  const patterns: Pattern[] = [
    { kind: "utf8", bytes: Buffer.from(fragment, "utf8") },
    { kind: "utf16", bytes: Buffer.from(fragment, "utf16le") },
  ];
  // V8 stores a string with all characters below U+0100 in one byte each.
  const isOneByte = codePointsOf(fragment).every((codePoint) => codePoint < 256);
  if (isOneByte) patterns.push({ kind: "latin1", bytes: Buffer.from(fragment, "latin1") });
  return patterns;
}

function encodeCases(fragment: string): readonly Pattern[] {
  const cases: readonly (readonly [PatternKind, string])[] = [
    ["upper", fragment.toUpperCase()],
    ["lower", fragment.toLowerCase()],
  ];
  return cases.flatMap(([kind, text]) =>
    text === fragment ? [] : encodeStrings(text).map(({ bytes }): Pattern => ({ kind, bytes })),
  );
}

/** One number per character or byte, as in the arrays that `[...bytes]`, code point loops and feature code leave behind. */
function encodeElements(fragment: string): readonly Pattern[] {
  const codePoints = codePointsOf(fragment);
  const utf8 = [...Buffer.from(fragment)];
  const sequences = codePoints.length === utf8.length ? [utf8] : [codePoints, utf8];
  return sequences.flatMap((values): Pattern[] => [
    { kind: "element_i32", bytes: new Uint8Array(Int32Array.from(values).buffer) },
    // A small integer of V8 on 64-bit machines without pointer compression: the value in the upper half of 8 bytes.
    { kind: "element_smi", bytes: new Uint8Array(BigInt64Array.from(values, (value) => BigInt(value) << 32n).buffer) },
    { kind: "element_f64", bytes: new Uint8Array(Float64Array.from(values).buffer) },
  ]);
}

function encodeEscapes(fragment: string): readonly Pattern[] {
  const utf8 = Buffer.from(fragment, "utf8");
  const hex = utf8.toString("hex");
  const patterns = [ascii("hex", hex), ascii("hex", hex.toUpperCase())];
  // Plain letters and digits are never escaped.
  if (utf8.length === fragment.length) return patterns;
  const units = Array.from({ length: fragment.length }, (_, index) => fragment.charCodeAt(index));
  const escaped = units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  const percent = [...utf8].map((byte) => `%${byte.toString(16)}`).join("");
  patterns.push(
    ascii("json_escape", escaped),
    ascii("json_escape", escaped.toUpperCase().replaceAll("\\U", "\\u")),
    ascii("percent", percent),
    ascii("percent", percent.toUpperCase()),
  );
  return patterns;
}

function encodeBase64(text: string): readonly Pattern[] {
  const bytes = Buffer.from(text, "utf8");
  return [0, 1, 2].flatMap((phase) => {
    const whole = bytes.subarray(phase, phase + Math.floor((bytes.length - phase) / 3) * 3);
    return [ascii("base64", whole.toString("base64")), ascii("base64", whole.toString("base64url"))];
  });
}

function codePointsOf(text: string): readonly number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

function ascii(kind: PatternKind, text: string): Pattern {
  return { kind, bytes: Buffer.from(text, "latin1") };
}
