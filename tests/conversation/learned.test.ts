import { describe, expect, it } from "vitest";
import { alertOf, countAlerts, floorOf, readConversations, roleOf } from "../../models/training/conversations.js";
import { FEATURES } from "../../src/conversation/features.js";
import { CONVERSATION_MODEL } from "../../src/conversation/learned.js";

const heldOut = await readConversations("held out");

describe("what was learned", () => {
  it("has a weight for each feature", () => {
    const { immediate, urgent, soon, threatens } = CONVERSATION_MODEL;
    for (const { weights, threshold } of [immediate, urgent, soon, threatens]) {
      expect(weights).toHaveLength(FEATURES.length);
      expect(threshold > 0 && threshold < 1).toBe(true);
    }
  });

  it("was learned on the scores of the bundled pack", () => {
    expect(CONVERSATION_MODEL.learnedOn).toBe(heldOut[0].turns[0].assessment.pack);
  });

  it("overlooks no more conversations than the gravest turn and gives no more false alerts, on those held out", () => {
    const labelled = heldOut.map(({ firstAlert }) => firstAlert);
    const floor = countAlerts(labelled, heldOut.map(floorOf));
    const own = countAlerts(
      labelled,
      heldOut.map((conversation) => alertOf(conversation, roleOf)),
    );
    expect(own.alerted).toBeGreaterThanOrEqual(floor.alerted);
    expect(own.falseAlerts).toBeLessThanOrEqual(floor.falseAlerts);
  });
});
