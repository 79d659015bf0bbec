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

// Of services, whose languages do not change; a set of tags costs more than all comparisons with it.
const primaryTags = new WeakMap<readonly string[], ReadonlySet<string>>();

/**
 * Whether a person who understands `wanted` can be spoken with in one of `offered`; both are BCP 47 tags. `offered` must
 * not be changed later.
 */
export function sharesLanguage(wanted: readonly string[], offered: readonly string[]): boolean {
  let spoken = primaryTags.get(offered);
  if (spoken === undefined) {
    spoken = new Set(offered.map(primaryLanguage));
    primaryTags.set(offered, spoken);
  }
  for (const tag of wanted) if (spoken.has(primaryLanguage(tag))) return true;
  return false;
}

/** The language of a BCP 47 tag, under the wider name that the directory uses where there is one. */
export function primaryLanguage(tag: string): string {
  const language = tag.toLowerCase().split(/[-_]/, 1)[0];
  return Object.hasOwn(WIDER, language) ? WIDER[language] : language;
}
