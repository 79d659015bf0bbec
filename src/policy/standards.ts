import type { Category, Urgency } from "../labels.js";
import type { CategoryCodes, StandardCodes } from "../types.js";

/**
 * Each urgency level in the scales that services already use, as the label guide anchors it.
 *
 * - UK Mental Health Triage Scale (Sands, Elsom and Colgate, Guidelines, 2015; ukmentalhealthtriagescale.org).
 * - Columbia-Suicide Severity Rating Scale, screener: numbers of the gravest question answered with yes (1 wish to be
 *   dead, 2 thoughts, 3 method, 4 intent, 5 plan and intent, 6 behaviour; cssrs.columbia.edu). Bands overlap at 4,
 *   because intent is `immediate` with a time and `urgent` without one. It says nothing about dangers other than suicide.
 * - ReachOut: Milne, Pink, Hachey and Calvo, CLPsych 2016 Shared Task, aclanthology.org/W16-0312.
 * - NHS Data Dictionary, CLINICAL RESPONSE PRIORITY TYPE: 1 emergency, 4 very urgent, 2 urgent/serious, 3 routine. 4 is
 *   not used: it stands for a response within hours, which `immediate` already holds.
 */
export const LEVEL_STANDARDS: Readonly<Record<Urgency, Omit<StandardCodes, "categories">>> = Object.freeze({
  immediate: { ukMentalHealthTriageScale: "A-B", columbiaScreener: "4-6", reachOut: "crisis", nhsPriority: "1" },
  urgent: { ukMentalHealthTriageScale: "C", columbiaScreener: "3-4", reachOut: "red", nhsPriority: "2" },
  soon: { ukMentalHealthTriageScale: "D", columbiaScreener: "1-2", reachOut: "amber", nhsPriority: "3" },
  routine: { ukMentalHealthTriageScale: "E-G", columbiaScreener: "", reachOut: "green", nhsPriority: "3" },
});

const OTHER = "Unspecified/Other";

/**
 * Each category in other taxonomies. A category that spans several subcategories of one is mapped to its
 * "Unspecified/Other": a counsellor can make it more exact, but need never correct it.
 *
 * - Child Helpline International: main categories and subcategories as in the default form that Tech Matters' Aselo
 *   gives to its member helplines (github.com/techmatters/flex-plugins, hrm-form-definitions/aseloForms.ts). It has no
 *   place for scams and hacked accounts; `online_safety` stands under Violence, as harm done by others.
 *   `relationships` also holds quarrels in the family, but stands with peers.
 * - 5Cs: content, contact, conduct and contract (Livingstone and Stoilova, The 4Cs, 2021, doi:10.21241/ssoar.71817) and
 *   their cross-cutting risks to privacy, health and fair treatment. Harm offline stands where the same harm online would.
 * - MLCommons hazards as numbered by Llama Guard 3 (github.com/meta-llama/PurpleLlama, Llama-Guard3/8B/MODEL_CARD.md),
 *   null where none is about the same harm.
 */
export const CATEGORY_STANDARDS: Readonly<Record<Category, Omit<CategoryCodes, "category">>> = Object.freeze({
  suicide: codes("Mental Health", "Suicidal thoughts and suicide attempts", "cross-cutting", "S11"),
  self_harm: codes("Mental Health", "Self-harming behaviour", "cross-cutting", "S11"),
  mental_health: codes("Mental Health", OTHER, "cross-cutting", null),
  substance_use: codes("Mental Health", "Addictive behaviours and substance use", "cross-cutting", "S2"),
  family_violence: codes("Violence", OTHER, "contact", "S1"),
  neglect: codes("Violence", "Neglect (or negligent treatment)", "cross-cutting", null),
  sexual_violence: codes("Violence", "Sexual violence", "contact", "S3"),
  online_sexual_exploitation: codes("Violence", "Online sexual exploitation", "contact", "S4"),
  bullying: codes("Violence", "Bullying", "conduct", null),
  community_violence: codes("Violence", OTHER, "conduct", "S1"),
  harmful_practices: codes("Violence", OTHER, "contact", "S1"),
  exploitation: codes("Violence", "Child labour", "contract", "S2"),
  armed_conflict: codes("Violence", OTHER, "cross-cutting", "S1"),
  discrimination: codes("Discrimination and Exclusion", OTHER, "cross-cutting", "S10"),
  physical_health: codes("Physical Health", OTHER, "cross-cutting", null),
  online_safety: codes("Violence", OTHER, "contract", "S2"),
  relationships: codes("Peer Relationships", OTHER, "conduct", null),
  education: codes("Education and Occupation", OTHER, "cross-cutting", null),
});

/** Translates a level and the categories over their thresholds, in the order given. */
export function standardCodes(urgency: Urgency, categories: readonly Category[]): StandardCodes {
  return {
    ...LEVEL_STANDARDS[urgency],
    categories: categories.map((category) => ({ category, ...CATEGORY_STANDARDS[category] })),
  };
}

function codes(
  category: string,
  subcategory: string,
  fiveCs: CategoryCodes["fiveCs"],
  mlCommonsHazard: string | null,
): Omit<CategoryCodes, "category"> {
  return { childHelplineInternational: { category, subcategory }, fiveCs, mlCommonsHazard };
}
