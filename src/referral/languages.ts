/** Tags that stand for the same spoken language where the directory names the wider one (ISO 639-3 macrolanguages, CLDR). */
const WIDER: Readonly<Record<string, string>> = {
  nb: "no",
  nn: "no",
  tl: "fil",
  ckb: "ku",
  kmr: "ku",
  cmn: "zh",
  arb: "ar",
  swh: "sw",
  ekk: "et",
  lvs: "lv",
  zsm: "ms",
  iw: "he",
  in: "id",
};

/** Whether a person who understands `wanted` can be spoken with in one of `offered`; both are BCP 47 tags. */
export function sharesLanguage(wanted: readonly string[], offered: readonly string[]): boolean {
  const spoken = new Set(offered.map(primary));
  return wanted.some((tag) => spoken.has(primary(tag)));
}

function primary(tag: string): string {
  const language = tag.toLowerCase().split(/[-_]/, 1)[0];
  return Object.hasOwn(WIDER, language) ? WIDER[language] : language;
}
