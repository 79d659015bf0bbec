/**
 * Writes `src/text/fold-table.json`, the folding of every code point, from the Unicode data of the running Node.
 * The result is committed: the scoring path reads the same table whatever Unicode version a later Node brings.
 *
 *     npx tsx src/text/source/build-fold-table.ts
 */
import { writeFileSync } from "node:fs";

const LAST = 0x1fbff;

/** Letters that keep their mark, because without it they are other letters. */
const KEPT = new Set([..."йїў"].map((letter) => letter.codePointAt(0) as number));

/** What decomposition does not give: letters that people type with a plain one, and sentence ends of other scripts. */
const EXTRA: ReadonlyArray<readonly [characters: string, replacement: string]> = [
  ["ıİ", "i"],
  ["łŁ", "l"],
  ["đĐðÐ", "d"],
  ["øØ", "o"],
  ["ħĦ", "h"],
  ["ŧŦ", "t"],
  ["ß", "ss"],
  ["æÆ", "ae"],
  ["œŒ", "oe"],
  ["þÞ", "th"],
  ["ɓƁ", "b"],
  ["ɗƊ", "d"],
  ["ƙƘ", "k"],
  ["ƴƳ", "y"],
  ["ς", "σ"],
  ["أإآٱ", "ا"],
  ["ىیئ", "ي"],
  ["ؤ", "و"],
  ["ة", "ه"],
  ["ک", "ك"],
  ["’‘ʼʹ´`＇‛′", "'"],
  ["。．…।॥۔։።", "."],
  ["！", "!"],
  ["？؟\u037e", "?"],
  ["＠", "@"],
  ["＄", "$"],
];

/** Accents, vowel points and joiners as ranges, first and last; to these come all format characters (Cf). */
const REMOVED_RANGES = [
  [0x300, 0x36f],
  [0x483, 0x489],
  [0x591, 0x5bd],
  [0x5bf, 0x5bf],
  [0x5c1, 0x5c2],
  [0x610, 0x61a],
  [0x640, 0x640],
  [0x64b, 0x65f],
  [0x670, 0x670],
  [0x6d6, 0x6dc],
  [0x6df, 0x6e8],
  [0x6ea, 0x6ed],
  [0x93c, 0x93c],
  [0x9bc, 0x9bc],
  [0xa3c, 0xa3c],
  [0xabc, 0xabc],
  [0xb3c, 0xb3c],
  [0xcbc, 0xcbc],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
  [0x1f3fb, 0x1f3ff],
];
const IDEOGRAPH = /[\p{Unified_Ideograph}\p{Script=Han}]/u;
const EMOJI = /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u;
const NOT_A_WORD = /[\p{P}\p{S}\p{Z}\p{Cc}\p{Cs}]/u;
/** Scripts that decompose into a letter and accents; in all others one code point becomes one or stays. */
const DECOMPOSED =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Common}]/u;
/** Scripts whose decomposition would take away more than an accent. */
const NOT_DECOMPOSED = /[\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Tibetan}]/u;

type Fold = { kind: "removed" | "space" | "emoji" | "ideograph" } | { kind: "replaced"; to: number[] };

function fold(codePoint: number): Fold | undefined {
  const character = String.fromCodePoint(codePoint);
  const extra = EXTRA.find(([characters]) => characters.includes(character));
  if (extra) return { kind: "replaced", to: codePoints(extra[1]) };
  if (isRemoved(codePoint)) return { kind: "removed" };
  if (codePoint < 0x80) {
    if (/[A-Z]/.test(character)) return { kind: "replaced", to: [codePoint + 32] };
    return /[a-z0-9.!?'@$]/.test(character) ? undefined : { kind: "space" };
  }
  if (EMOJI.test(character) && codePoint > 0x2000) return { kind: "emoji" };
  if (/\p{Nd}/u.test(character)) return { kind: "replaced", to: [0x30 + digitValue(codePoint)] };
  if (KEPT.has(codePoint)) return undefined;
  const lower = character.toLowerCase();
  if (lower !== character && KEPT.has(lower.codePointAt(0) as number))
    return { kind: "replaced", to: codePoints(lower) };
  const compatible = NOT_DECOMPOSED.test(character) ? lower : lower.normalize("NFKD").toLowerCase();
  const to = codePoints(compatible).filter((part) => !isRemoved(part));
  if (IDEOGRAPH.test(character) && to.length === 1 && to[0] === codePoint) return { kind: "ideograph" };
  // One refold, so that a full-width capital or an Arabic presentation form ends where its plain letter ends.
  const folded = to.flatMap((part) => {
    const next = part === codePoint ? undefined : fold(part);
    return next === undefined || next.kind === "ideograph" ? [part] : next.kind === "replaced" ? next.to : [];
  });
  if (NOT_A_WORD.test(character) || folded.length === 0) {
    return folded.length === 1 && /[\p{L}\p{N}]/u.test(String.fromCodePoint(folded[0])) && folded[0] !== codePoint
      ? { kind: "replaced", to: folded }
      : { kind: "space" };
  }
  if (folded.length === 1 && folded[0] === codePoint) return undefined;
  if (folded.length > 1 && !DECOMPOSED.test(character)) return undefined;
  if (folded[0] > 0xffff) return { kind: "ideograph" };
  // Fractions and other long compatibility forms: the first part is enough, and the output stays within its bound.
  return { kind: "replaced", to: folded.length > 2 ? folded.slice(0, 1) : folded };
}

function isRemoved(codePoint: number): boolean {
  if (/\p{Cf}/u.test(String.fromCodePoint(codePoint))) return true;
  return REMOVED_RANGES.some(([first, last]) => codePoint >= first && codePoint <= last);
}

function codePoints(text: string): number[] {
  return [...text].map((character) => character.codePointAt(0) as number);
}

function digitValue(codePoint: number): number {
  let zero = codePoint;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (codePoint - zero) % 10;
}

const ranges = { removed: [] as number[], space: [] as number[], emoji: [] as number[], ideograph: [] as number[] };
/** Runs of four numbers: first code point, count, first replacement (it counts up along), second replacement or 0. */
const replaced: number[] = [];

function add(list: number[], codePoint: number): void {
  if (list.length > 0 && list[list.length - 2] + list[list.length - 1] === codePoint) list[list.length - 1] += 1;
  else list.push(codePoint, 1);
}

for (let codePoint = 0; codePoint <= LAST; codePoint += 1) {
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
  const result = fold(codePoint);
  if (result === undefined) continue;
  if (result.kind !== "replaced") {
    add(ranges[result.kind], codePoint);
    continue;
  }
  const [first, second = 0] = result.to;
  const run = replaced.length - 4;
  const continues =
    run >= 0 &&
    replaced[run] + replaced[run + 1] === codePoint &&
    replaced[run + 2] + replaced[run + 1] === first &&
    replaced[run + 3] === 0 &&
    second === 0;
  if (continues) replaced[run + 1] += 1;
  else replaced.push(codePoint, 1, first, second);
}
add(ranges.ideograph, 0x20000);
ranges.ideograph[ranges.ideograph.length - 1] = 0x323af - 0x20000 + 1;

writeFileSync(new URL("../fold-table.json", import.meta.url), `${JSON.stringify({ ...ranges, replaced })}\n`);
