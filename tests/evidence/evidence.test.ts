import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AUDIT_PROMISES, type AuditCheck } from "../../src/audit/report.js";
import { openBlanks } from "../../src/evidence/blanks.js";
import { createEvidence } from "../../src/evidence/evidence.js";
import { parseManifest } from "../../src/model/manifest.js";
import { BASE_PACK } from "../cli/command.js";
import { auditOf, bareInputs, EVALUATION, fullInputs, reportFile, strangeNumbers } from "./support.js";

const documentOf = (id: string, inputs = fullInputs()): string =>
  createEvidence(inputs).find((document) => document.id === id)?.markdown ?? "";
const REPORTS = ["dpia", "ai-act-annex-iv", "child-rights-impact"];

describe("createEvidence", () => {
  it("writes these documents", () => {
    expect(createEvidence(fullInputs()).map(({ id }) => id)).toEqual([
      ...REPORTS,
      "notice-age-9",
      "notice-age-13",
      "notice-age-16",
    ]);
  });

  it("writes the same again", () => {
    expect(createEvidence(fullInputs())).toEqual(createEvidence(fullInputs()));
  });

  it.each(createEvidence(fullInputs()))("names pack, policy, program and day: $id", ({ markdown }) => {
    for (const name of ["pack **example@7.8.9**", "earshot-default@", "Earshot 0.1.77", "Draft of 2026-11-02"])
      expect(markdown).toContain(name);
  });

  it.runIf(existsSync(BASE_PACK))("names the version of the bundled pack", () => {
    const manifest = parseManifest(readFileSync(join(BASE_PACK, "manifest.json"), "utf8"));
    expect(documentOf("dpia", fullInputs({ manifest }))).toContain(`pack **base@${manifest.version}**`);
  });

  it("has the headings of Annex IV, 1 to 9 and 2(a) to (h)", () => {
    const record = documentOf("ai-act-annex-iv");
    expect([...record.matchAll(/^## (\d)\. /gm)].map(([, point]) => Number(point))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    const second = record.slice(record.indexOf("## 2."), record.indexOf("## 3."));
    for (const point of "abcdefgh") expect(second).toContain(`(${point})`);
    expect(record).toContain("Annex III, point 5(d)");
    expect(record).toContain("not legal advice");
  });
});

describe("figures", () => {
  it.each(createEvidence(fullInputs()))("occur in the files that were given: $id", (document) => {
    expect(strangeNumbers(document, fullInputs())).toEqual([]);
  });

  it.each(createEvidence(bareInputs()))("occur nowhere when no report was given: $id", (document) => {
    expect(strangeNumbers(document, bareInputs())).toEqual([]);
  });

  it("that come from nowhere are noticed", () => {
    expect(strangeNumbers({ markdown: "recall 0.987 (Article 9), 4711 people" }, fullInputs())).toEqual([
      "0.987",
      "4711",
    ]);
    const [dpia] = createEvidence(fullInputs());
    expect(strangeNumbers(dpia, bareInputs())).toEqual(expect.arrayContaining(["0.077", "39", "41.7"]));
  });

  it.each(REPORTS)("have interval, number of lines and source: %s", (id) => {
    expect(documentOf(id)).toContain(
      "overlooked (immediate put at soon or routine): 0.077 (0.027 to 0.203), n=39 (evaluation.json, `earshot evaluate`)",
    );
  });

  it.each(REPORTS)("have the hash of their files: %s", (id) => {
    const { evaluation, audit, manifestFile } = fullInputs();
    for (const file of [evaluation, audit, manifestFile])
      expect(documentOf(id)).toContain(
        createHash("sha256")
          .update(file?.text ?? "")
          .digest("hex"),
      );
  });

  it("name groups that are too small without figures", () => {
    expect(documentOf("dpia")).toContain("| sw | 12 | too few lines | too few lines |");
  });

  it("hold the model card word for word", () => {
    expect(documentOf("ai-act-annex-iv")).toContain("# Model card: example 7.8.9\n\nAUROC 0.9412, n=731\n");
  });
});

describe("what was not given", () => {
  it.each([
    ["dpia", "evaluate"],
    ["dpia", "audit"],
    ["dpia", "simulate"],
    ["ai-act-annex-iv", "evaluate"],
    ["ai-act-annex-iv", "audit"],
    ["child-rights-impact", "evaluate"],
    ["child-rights-impact", "audit"],
    ["child-rights-impact", "simulate"],
  ])("is shown as not measured in %s: earshot %s", (id, command) => {
    const sentence = new RegExp(`\\*\\*Not measured:\\*\\* run \`earshot ${command} `);
    expect(documentOf(id, bareInputs())).toMatch(sentence);
    expect(documentOf(id)).not.toMatch(sentence);
  });

  it("a figure that the lines did not allow is not measured", () => {
    expect(documentOf("dpia")).toContain(
      "precision of immediate: **not measured**, the labelled messages do not allow it",
    );
  });

  it("a simulation, which names no pack, is not taken for a measurement of this one", () => {
    expect(documentOf("dpia")).toContain("an assumption of the scenario, and not measured with this pack");
  });

  it("says that there is no model card", () => {
    expect(documentOf("ai-act-annex-iv", bareInputs())).toContain("has no MODEL_CARD.md");
  });

  it.each([
    ["another pack", { pack: "example@7.8.8" }, "example@7.8.8"],
    ["another policy", { policy: "own@2" }, "own@2"],
    ["no pack", { pack: undefined }, "not stated"],
  ])("does not use an evaluation of %s", (_, changes, named) => {
    const evaluation = reportFile("old.json", { ...EVALUATION, ...changes });
    for (const id of REPORTS) {
      const text = documentOf(id, fullInputs({ evaluation }));
      expect(text).toContain("Not measured for this pack and policy:");
      expect(text).toContain(named);
      expect(text).not.toContain("0.077");
    }
  });
});

describe("the audit", () => {
  it.each([
    ["another pack", { pack: "example@7.8.8" }, "example@7.8.8"],
    ["another version of the program", { version: "0.1.76" }, "0.1.76"],
    ["fewer messages", { quick: true }, "quick"],
  ])("does not count when it is of %s", (_, subject, named) => {
    const audit = reportFile("old.json", auditOf({}, subject));
    for (const id of REPORTS) {
      const text = documentOf(id, fullInputs({ audit }));
      expect(text).toContain("Not verified for this program and pack:");
      expect(text).toContain(named);
    }
    expect(documentOf("notice-age-9", fullInputs({ audit }))).toContain("[FILL IN auditedSentence:");
  });

  it("does not count when it does not say what it is of", () => {
    const audit = reportFile("old.json", { ...auditOf(), subject: undefined });
    expect(documentOf("dpia", fullInputs({ audit }))).toContain("a program that the file does not name");
  });

  it.each(REPORTS)("shows FAIL and NOT VERIFIED as such: %s", (id) => {
    const audit = reportFile("audit.json", auditOf({ files: "FAIL", swap: "NOT_VERIFIED" }));
    const text = documentOf(id, fullInputs({ audit }));
    expect(text).toContain(`| **FAIL** | ${AUDIT_PROMISES.files} |`);
    expect(text).toContain(`| **NOT VERIFIED** | ${AUDIT_PROMISES.swap} |`);
    expect(text).toContain("Overall: **FAIL**");
    expect(text).toContain(`| **PASS** | ${AUDIT_PROMISES.network} |`);
  });

  it("does not pass a check that the file leaves out, whatever its status says", () => {
    const whole = auditOf();
    const audit = reportFile("audit.json", { ...whole, lines: whole.lines.slice(1) });
    const text = documentOf("dpia", fullInputs({ audit }));
    expect(text).toContain(`| **NOT VERIFIED** | ${AUDIT_PROMISES.residue} |`);
    expect(text).toContain("Overall: **NOT VERIFIED**");
  });

  it.each(Object.keys(AUDIT_PROMISES) as AuditCheck[])(
    "lets children read that nothing is kept unless it fails: %s",
    (id) => {
      const audit = reportFile("audit.json", auditOf({ [id]: "FAIL" }));
      const claims = ["lets go of your words", "does not keep your message", "does not store your message"];
      for (const [at, age] of [9, 13, 16].entries()) {
        expect(documentOf(`notice-age-${age}`)).toContain(claims[at]);
        expect(documentOf(`notice-age-${age}`, fullInputs({ audit }))).not.toContain(claims[at]);
        expect(documentOf(`notice-age-${age}`, bareInputs())).not.toContain(claims[at]);
      }
    },
  );

  it("what was not verified of the program itself does not allow it either", () => {
    const audit = reportFile("audit.json", auditOf({ residue: "NOT_VERIFIED" }));
    expect(openBlanks(documentOf("notice-age-9", fullInputs({ audit })))).toContain("auditedSentence");
  });
});

describe("who wrote the texts", () => {
  it.each(REPORTS.slice(0, 3))("is said: %s", (id) => {
    const text = documentOf(id).replace(/\s+/g, " ");
    expect(text).toContain("3568 texts that were labelled for the model were written and labelled by a language model");
    expect(text).toContain("No counsellor has reviewed them");
  });

  it.runIf(existsSync(BASE_PACK))("is what the card of the bundled pack says", () => {
    const card = readFileSync(join(BASE_PACK, "MODEL_CARD.md"), "utf8").replace(/\s+/g, " ");
    expect(card).toContain("written and labelled for this project by a language model");
    expect(card).toContain("No counsellor has reviewed them and no real person's message is among them");
    const { trainingData } = parseManifest(readFileSync(join(BASE_PACK, "manifest.json"), "utf8"));
    expect(trainingData.map(({ name }) => name)).toContain("Earshot authored messages");
  });

  it("is not claimed of a pack of others", () => {
    const manifest = { ...fullInputs().manifest, trainingData: [{ name: "Ours", licence: "own", texts: 5 }] };
    for (const { markdown } of createEvidence(fullInputs({ manifest })))
      expect(markdown).not.toContain("language model.");
    expect(documentOf("dpia", fullInputs({ manifest })).replace(/\s+/g, " ")).toContain("is for its maker to say");
  });
});
