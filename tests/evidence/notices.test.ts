import { describe, expect, it } from "vitest";
import { createEvidence } from "../../src/evidence/evidence.js";
import { NOTICE_AGES, type NoticeAge } from "../../src/evidence/notices.js";
import { readabilityOf, syllablesOf } from "./readability.js";
import { bareInputs, fullInputs } from "./support.js";

/** What children see, without the blanks. */
function childPart(age: NoticeAge, inputs = fullInputs()): string {
  const notice = createEvidence(inputs).find(({ id }) => id === `notice-age-${age}`);
  return (notice?.markdown ?? "").split("## For the adults")[0].replace(/\[FILL IN [^\]]*\]/g, "");
}

describe("readability", () => {
  it.each([
    ["computer", 3],
    ["people", 2],
    ["message", 2],
    ["made", 1],
    ["wiped", 1],
    ["waited", 2],
    ["emergency", 4],
    ["the", 1],
    ["does", 1],
    ["suggestion", 3],
  ])("counts the syllables of %s", (word, count) => expect(syllablesOf(word)).toBe(count));

  it("tells an easy text from a hard one", () => {
    expect(readabilityOf("The cat sat on the mat. It was warm.").grade).toBeLessThan(1);
    const law =
      "The controller shall implement appropriate technical and organisational measures for ensuring compliance.";
    expect(readabilityOf(law)).toMatchObject({ longest: 12 });
    expect(readabilityOf(law).grade).toBeGreaterThan(14);
  });
});

describe("a notice for children", () => {
  it.each([
    [9, 2, 14],
    [13, 5, 22],
    [16, 7, 28],
  ] as const)("of %i reads like a text of school year %i or lower", (age, grade, longest) => {
    for (const inputs of [fullInputs(), bareInputs()]) {
      const readability = readabilityOf(childPart(age, inputs));
      expect(readability.grade).toBeLessThan(grade);
      expect(readability.longest).toBeLessThanOrEqual(longest);
    }
  });

  it.each(NOTICE_AGES)("of %i says who decides, that it can be wrong, and whom to ask", (age) => {
    const text = childPart(age);
    expect(text).toMatch(/People d(o|ecide)/);
    expect(text).toMatch(/wrong|mistakes/);
    expect(text).toMatch(/[Aa]sk/);
    expect(text).toMatch(/does not (talk to|write to|answer) you/);
  });

  it.each(NOTICE_AGES)("of %i leaves to the helpline what only it knows", (age) => {
    const notice = createEvidence(fullInputs()).find(({ id }) => id === `notice-age-${age}`)?.markdown;
    for (const name of ["chatKeptForChildren", "safeguarding", "askWhom", "emergencyNumber", "peopleRead"])
      expect(notice).toContain(`[FILL IN ${name}:`);
    expect(notice).toContain("A translation must be made by people");
  });

  it.each(NOTICE_AGES)("of %i frightens nobody and holds no number", (age) => {
    expect(childPart(age)).not.toMatch(/\b(die|dead|death|kill|police|punish|spy|watch(es|ing)? you|must)\b|\d/i);
  });
});
