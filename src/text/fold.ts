import table from "./fold-table.json" with { type: "json" };

/** What becomes of a code point. Values from 32 on are a replacement: first code point, and a second one shifted by 16. */
export const KEEP = 0;
/** The code point vanishes: joiners, bidirectional marks, accents, vowel points, skin tones. */
export const REMOVE = 1;
/** The code point parts words. */
export const SPACE = 2;
/** A pictograph: a word of its own. */
export const EMOJI = 3;
/** A Chinese character: a word of its own, written without spaces around it. */
export const IDEOGRAPH = 4;

const PAGE_BITS = 7;
const PAGE_MASK = (1 << PAGE_BITS) - 1;
const CODE_POINTS = 0x110000;

// Two levels, because a flat table of all code points would take 4 MB of a small machine's memory.
const pageOf = new Uint16Array(CODE_POINTS >> PAGE_BITS);
const pages: Uint32Array[] = [new Uint32Array(1 << PAGE_BITS)];

function set(codePoint: number, value: number): void {
  const page = codePoint >> PAGE_BITS;
  if (pageOf[page] === 0) {
    pageOf[page] = pages.length;
    pages.push(new Uint32Array(1 << PAGE_BITS));
  }
  pages[pageOf[page]][codePoint & PAGE_MASK] = value;
}

function fill(ranges: readonly number[], value: number): void {
  for (let i = 0; i < ranges.length; i += 2) {
    const [first, count] = [ranges[i], ranges[i + 1]];
    const firstPage = (first + PAGE_MASK) >> PAGE_BITS;
    const lastPage = (first + count) >> PAGE_BITS;
    const whole = count > 1024 ? pages.push(new Uint32Array(1 << PAGE_BITS).fill(value)) - 1 : 0;
    for (let codePoint = first; codePoint < first + count; codePoint += 1) {
      const page = codePoint >> PAGE_BITS;
      if (whole > 0 && page >= firstPage && page < lastPage) {
        pageOf[page] = whole;
        codePoint = ((page + 1) << PAGE_BITS) - 1;
      } else set(codePoint, value);
    }
  }
}

fill(table.removed, REMOVE);
fill(table.space, SPACE);
fill(table.emoji, EMOJI);
fill(table.ideograph, IDEOGRAPH);
for (let i = 0; i < table.replaced.length; i += 4) {
  const [first, count, to, second] = table.replaced.slice(i, i + 4);
  for (let k = 0; k < count; k += 1) set(first + k, ((second << 16) | (to + k)) >>> 0);
}

const ascii = pages[pageOf[0]];

/** How a code point is folded: one of the constants of this file, or a replacement. */
export function foldOf(codePoint: number): number {
  if (codePoint <= PAGE_MASK) return ascii[codePoint];
  return pages[pageOf[codePoint >> PAGE_BITS]][codePoint & PAGE_MASK];
}

/** Cyrillic and Greek letters that pass for Latin ones, and back. Pairs of code points, from Unicode's confusables list. */
const CYRILLIC = "аaеeоoрpсcуyхxіiѕsјjкkмmтtнhвbԁdԛqԝwһh";
const GREEK = "οoαaεeιiκkνvρpτtυuχx";

const toLatinTable = new Uint16Array(0x600);
const toCyrillicTable = new Uint16Array(0x80);
for (const pairs of [CYRILLIC, GREEK]) {
  for (let i = 0; i < pairs.length; i += 2) {
    const [foreign, latin] = [pairs.charCodeAt(i), pairs.charCodeAt(i + 1)];
    toLatinTable[foreign] = latin;
    if (foreign >= 0x400 && toCyrillicTable[latin] === 0) toCyrillicTable[latin] = foreign;
  }
}

/** The Latin letter that a Cyrillic or Greek one passes for, or the letter itself. */
export function toLatin(codePoint: number): number {
  return (codePoint < 0x600 ? toLatinTable[codePoint] : 0) || codePoint;
}

/** The Cyrillic letter that a Latin one passes for, or the letter itself. */
export function toCyrillic(codePoint: number): number {
  return (codePoint < 0x80 ? toCyrillicTable[codePoint] : 0) || codePoint;
}

/** Letters that digits and signs stand for inside words, by ASCII code: `k1ll`, `p@in`. */
export const LETTER_OF_SIGN: Uint8Array = new Uint8Array(0x80);
const SIGNS = "0o1i2z3e4a5s6g7t8b9g@a$s";
for (let i = 0; i < SIGNS.length; i += 2) LETTER_OF_SIGN[SIGNS.charCodeAt(i)] = SIGNS.charCodeAt(i + 1);
