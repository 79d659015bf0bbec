import type { Category } from "../../labels.js";
import type { AgeRange, Cost, ReferralKind } from "../schema.js";

/** What the kinds of the collected facts mean here. */
export const KINDS: Readonly<Record<string, ReferralKind>> = {
  emergency: "emergency",
  child_helpline: "child_helpline",
  suicide_crisis: "suicide_crisis",
  domestic_violence: "domestic_violence",
  csam_reporting_hotline: "csam_report_hotline",
  international_finder: "international_finder",
};

/** What a service of a kind helps with; the kinds that are not listed turn nothing away. */
export const TOPICS: Readonly<Partial<Record<ReferralKind, readonly Category[]>>> = {
  suicide_crisis: ["suicide", "self_harm", "mental_health"],
  domestic_violence: ["family_violence", "sexual_violence", "harmful_practices"],
  csam_report_hotline: ["online_sexual_exploitation"],
};

/** Languages as the sources name them, to BCP 47. Tonga is the Zambian one, Ndebele the Zimbabwean one. */
export const LANGUAGES: Readonly<Record<string, string>> = {
  Albanian: "sq",
  Arabic: "ar",
  Armenian: "hy",
  Azerbaijani: "az",
  Bangla: "bn",
  Bemba: "bem",
  Bislama: "bi",
  Bosnian: "bs",
  Bulgarian: "bg",
  Chinese: "zh",
  Croatian: "hr",
  Czech: "cs",
  Danish: "da",
  Dutch: "nl",
  English: "en",
  Estonian: "et",
  Filipino: "fil",
  Finnish: "fi",
  French: "fr",
  German: "de",
  Greek: "el",
  "Haitian Creole": "ht",
  Hungarian: "hu",
  Indonesian: "id",
  Italian: "it",
  Japanese: "ja",
  Kazakh: "kk",
  Khmer: "km",
  Kirundi: "rn",
  Kurdish: "ku",
  Kyrgyz: "ky",
  Lithuanian: "lt",
  Malay: "ms",
  Māori: "mi",
  Ndebele: "nd",
  Norwegian: "no",
  Nyanja: "ny",
  Papiamento: "pap",
  Polish: "pl",
  Portuguese: "pt",
  Russian: "ru",
  Shona: "sn",
  Slovene: "sl",
  Spanish: "es",
  Swedish: "sv",
  Tonga: "toi",
  Ukrainian: "uk",
  Urdu: "ur",
  Vietnamese: "vi",
};

/** Tags that the facts already give as BCP 47. */
export const LANGUAGE_TAGS: ReadonlySet<string> = new Set(
  ["ar", "da", "de", "el", "en", "es", "fa", "fr", "he", "hi", "hu", "id", "is", "it", "ja", "ko"].concat([
    "lt",
    "lv",
    "nl",
    "no",
    "pt",
    "ro",
    "uk",
    "zh",
  ]),
);

/**
 * Time zones of countries that have one civil time, as far as their services publish weekly hours. Brazil, Chile and New
 * Zealand publish some too, but have several: which one the source means is a guess.
 */
export const TIME_ZONES: Readonly<Record<string, string>> = {
  AW: "America/Aruba",
  BA: "Europe/Sarajevo",
  BE: "Europe/Brussels",
  BF: "Africa/Ouagadougou",
  BI: "Africa/Bujumbura",
  CM: "Africa/Douala",
  CR: "America/Costa_Rica",
  CW: "America/Curacao",
  CY: "Asia/Nicosia",
  DE: "Europe/Berlin",
  DK: "Europe/Copenhagen",
  DZ: "Africa/Algiers",
  FI: "Europe/Helsinki",
  FR: "Europe/Paris",
  HR: "Europe/Zagreb",
  IQ: "Asia/Baghdad",
  JO: "Asia/Amman",
  JP: "Asia/Tokyo",
  PH: "Asia/Manila",
  SZ: "Africa/Mbabane",
  UY: "America/Montevideo",
};

/** What a service's name says besides its name. */
export interface NameFacts {
  readonly service?: string;
  readonly region?: string;
  readonly operator?: string;
  readonly ages?: AgeRange;
  readonly cost?: Cost;
  readonly kinds?: readonly ReferralKind[];
  readonly topics?: readonly Category[];
}

const ONLINE: readonly Category[] = ["online_sexual_exploitation", "online_safety", "bullying"];

/** Names that carry a place, an operator, an age or a limit, by country and published name. */
export const NAMES: Readonly<Record<string, NameFacts>> = {
  "001|Child Helpline International": { kinds: ["international_finder", "child_helpline"] },
  "AE|DFWAC Helpline (Dubai)": { service: "DFWAC Helpline", region: "Dubai" },
  "AE|Dubai Foundation for Women and Children": { region: "Dubai" },
  "AR|Línea 102 (Provincia de Buenos Aires)": { service: "Línea 102", region: "Provincia de Buenos Aires" },
  "BD|13219 (Cyber Teens Foundation, youth-run)": { service: "13219", operator: "Cyber Teens Foundation" },
  "BE|1712 (Flemish violence line)": { service: "1712", region: "Flanders" },
  "BR|SaferNet Brasil Helpline (chat/e-mail only)": { service: "SaferNet Brasil Helpline", topics: ONLINE },
  "BT|Woman and Child Helpline": { kinds: ["child_helpline", "domestic_violence"] },
  "CL|Violencia familiar (Carabineros)": { service: "Violencia familiar", operator: "Carabineros" },
  "CO|Línea 106 (Bogotá)": { service: "Línea 106", region: "Bogotá" },
  "CY|Call 116111 Cyprus (Hope For Children)": { service: "Call 116111 Cyprus", operator: "Hope For Children" },
  "DE|Kinder- und Jugendtelefon (Nummer gegen Kummer)": {
    service: "Kinder- und Jugendtelefon",
    operator: "Nummer gegen Kummer",
  },
  "DZ|Je t'écoute 3033 (NADA)": { service: "Je t'écoute 3033", operator: "NADA" },
  "EG|Child Helpline Egypt 16000 (NCCM)": { service: "Child Helpline Egypt 16000", operator: "NCCM" },
  "ET|ECFA / Adama Child Helpline (Oromia)": { service: "ECFA / Adama Child Helpline", region: "Oromia" },
  "FI|Lasten ja nuorten puhelin (MLL)": { service: "Lasten ja nuorten puhelin", operator: "MLL" },
  "FR|3018 e-Enfance (online harms to minors)": { service: "3018", operator: "e-Enfance", topics: ONLINE },
  "GB|Hopeline247 (Papyrus, under 35)": { service: "Hopeline247", operator: "Papyrus", ages: { from: 0, to: 34 } },
  "ID|SAPA 129 (women and child victims of violence)": {
    service: "SAPA 129",
    kinds: ["child_helpline", "domestic_violence"],
    topics: ["family_violence", "sexual_violence", "online_sexual_exploitation", "harmful_practices", "exploitation"],
  },
  "IQ|116 Child Helpline (Kurdistan Region)": { service: "116 Child Helpline", region: "Kurdistan Region" },
  "KG|Helpline for Children (Child Rights Defenders League)": {
    service: "Helpline for Children",
    operator: "Child Rights Defenders League",
  },
  "NZ|0800 What's Up (Barnardos)": { service: "0800 What's Up", operator: "Barnardos" },
  "PL|Telefon Zaufania 116 111 (FDDS)": { service: "Telefon Zaufania 116 111", operator: "FDDS" },
  "TZ|Tanzania National Child Helpline (C-Sema)": { service: "Tanzania National Child Helpline", operator: "C-Sema" },
  "UY|Línea Azul (INAU)": { service: "Línea Azul", operator: "INAU" },
  "VU|Vanuatu Youth Toll-Free Helpline": { cost: "free" },
};
