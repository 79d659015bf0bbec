import { describe, expect, it } from "vitest";
import { CATEGORIES, URGENCIES } from "../../src/labels.js";
import { CATEGORY_STANDARDS, LEVEL_STANDARDS, standardCodes } from "../../src/policy/standards.js";

// Sands, Elsom, Colgate: UK Mental Health Triage Scale Guidelines, 2015, from A (emergency) to G (advice only).
const UK_MENTAL_HEALTH_TRIAGE_SCALE = [..."ABCDEFG"];
// Columbia-Suicide Severity Rating Scale, screener: six questions, rising from a wish to be dead to behaviour.
const COLUMBIA_QUESTIONS = [..."123456"];
// Milne, Pink, Hachey, Calvo: CLPsych 2016 Shared Task: "one of four severity labels", gravest first.
const REACH_OUT = ["crisis", "red", "amber", "green"];
// NHS Data Dictionary, CLINICAL RESPONSE PRIORITY TYPE: emergency, very urgent, urgent/serious, routine: gravest first.
const NHS_CLINICAL_RESPONSE_PRIORITY = ["1", "4", "2", "3"];
// github.com/techmatters/flex-plugins, hrm-form-definitions/aseloForms.ts: the form that follows Child Helpline International.
const CHILD_HELPLINE_INTERNATIONAL: Record<string, readonly string[]> = {
  "Missing children": [
    "Child abduction",
    "Lost, unaccounted for or otherwise missing child",
    "Runaway",
    "Unspecified/Other",
  ],
  Violence: [
    "Bullying",
    "Child/Early/Forced marriage",
    "Child labour",
    "Commercial sexual exploitation (offline)",
    "Female Genital Mutilation (FGM)",
    "Gender-based harmful traditional practices (other than FGM)",
    "Harmful traditional practices other than child marriage and FGM",
    "Mental/Emotional violence",
    "Neglect (or negligent treatment)",
    "Online sexual abuse",
    "Online sexual exploitation",
    "Physical violence",
    "Sexual violence",
    "Unspecified/Other",
  ],
  "Mental Health": [
    "Addictive behaviours and substance use",
    "Behavioural problems",
    "Concerns about the self",
    "Emotional distress – anger problems",
    "Emotional distress – fear and anxiety problems",
    "Emotional distress – mood problems",
    "Neurodevelopmental concerns",
    "Problems with eating behaviour",
    "Self-harming behaviour",
    "Suicidal thoughts and suicide attempts",
    "Traumatic distress",
    "Unspecified/Other",
  ],
  "Physical Health": [
    "COVID-19",
    "General medical or lifestyle concerns",
    "Medical or lifestyle information about HIV/AIDS",
    "Male circumcision",
    "Pregnancy and maternal care",
    "Sexual and reproductive health",
    "Nutrition",
    "Unspecified/Other",
  ],
  Accessibility: [
    "Education",
    "Essential needs",
    "General healthcare services",
    "Legal services and advice",
    "Mental health services",
    "Sexual health services",
    "Socio-economical services",
    "Unspecified/Other",
  ],
  "Discrimination and Exclusion": [
    "Ethnicity/nationality",
    "Financial situation",
    "Gender",
    "Gender identity or expression and sexual orientation",
    "Health",
    "Philosophical or religious beliefs",
    "Unspecified/Other",
  ],
  "Family Relationships": [
    "Adoption, fostering, and extended family placement",
    "Relationship to caregiver",
    "Family health and wellbeing",
    "Relationship with sibling(s)",
    "Unspecified/Other",
  ],
  "Peer Relationships": [
    "Friends and friendships",
    "Partner relationships",
    "Classmates/colleagues relationships",
    "Unspecified/Other",
  ],
  "Education and Occupation": [
    "Academic issues",
    "Teacher and school problems",
    "Problems at work",
    "Unspecified/Other",
  ],
  Sexuality: ["Sexual orientation and gender identity", "Sexual behaviours", "Unspecified/Other"],
};
// Livingstone and Stoilova, The 4Cs, 2021, with their cross-cutting risks as the fifth.
const FIVE_CS = ["content", "contact", "conduct", "contract", "cross-cutting"];
// github.com/meta-llama/PurpleLlama, Llama-Guard3/8B/MODEL_CARD.md: S1 Violent Crimes to S14 Code Interpreter Abuse.
const ML_COMMONS_HAZARDS = Array.from({ length: 14 }, (_, index) => `S${index + 1}`);

describe("levels", () => {
  it("has an entry for every level and no other", () => {
    expect(Object.keys(LEVEL_STANDARDS)).toEqual([...URGENCIES]);
  });

  it.each(URGENCIES)("%s: every code is from the published lists", (level) => {
    const { ukMentalHealthTriageScale, columbiaScreener, reachOut, nhsPriority } = LEVEL_STANDARDS[level];
    for (const code of ukMentalHealthTriageScale.split("-")) expect(UK_MENTAL_HEALTH_TRIAGE_SCALE).toContain(code);
    if (columbiaScreener !== "") {
      for (const code of columbiaScreener.split("-")) expect(COLUMBIA_QUESTIONS).toContain(code);
    }
    expect(REACH_OUT).toContain(reachOut);
    expect(NHS_CLINICAL_RESPONSE_PRIORITY).toContain(nhsPriority);
  });

  it("keeps the order of every scale, and leaves no gap in the triage scale", () => {
    const levels = URGENCIES.map((level) => LEVEL_STANDARDS[level]);
    expect(levels.map(({ reachOut }) => reachOut)).toEqual(REACH_OUT);
    expect(levels.map(({ ukMentalHealthTriageScale }) => ukMentalHealthTriageScale)).toEqual(["A-B", "C", "D", "E-G"]);
    const places = levels.map(({ nhsPriority }) => NHS_CLINICAL_RESPONSE_PRIORITY.indexOf(nhsPriority));
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    const gravest = levels.map(({ columbiaScreener }) => Number(columbiaScreener.slice(-1)));
    expect(gravest).toEqual([6, 4, 2, 0]);
  });
});

describe("categories", () => {
  it("has an entry for every category and no other", () => {
    expect(Object.keys(CATEGORY_STANDARDS)).toEqual([...CATEGORIES]);
  });

  it.each(CATEGORIES)("%s: every code is from the published lists", (category) => {
    const { childHelplineInternational, fiveCs, mlCommonsHazard } = CATEGORY_STANDARDS[category];
    expect(CHILD_HELPLINE_INTERNATIONAL[childHelplineInternational.category]).toContain(
      childHelplineInternational.subcategory,
    );
    expect(FIVE_CS).toContain(fiveCs);
    expect([...ML_COMMONS_HAZARDS, null]).toContain(mlCommonsHazard);
  });
});

describe("standardCodes", () => {
  it("joins the level with the categories in the order given", () => {
    expect(standardCodes("urgent", ["self_harm", "bullying"])).toEqual({
      ...LEVEL_STANDARDS.urgent,
      categories: [
        { category: "self_harm", ...CATEGORY_STANDARDS.self_harm },
        { category: "bullying", ...CATEGORY_STANDARDS.bullying },
      ],
    });
  });

  it("has no categories for a message without any", () => {
    expect(standardCodes("routine", []).categories).toEqual([]);
  });
});
