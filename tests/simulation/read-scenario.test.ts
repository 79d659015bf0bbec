import { describe, expect, it } from "vitest";
import { parseScenario } from "../../src/simulation/read-scenario.js";
import { perLevel, SCENARIOS, SMALL, scenarioText } from "./scenarios.js";

describe("parseScenario", () => {
  it.each(SCENARIOS)("reads %s, which names sources or assumptions", (name) => {
    const scenario = parseScenario(scenarioText(name));
    expect(scenario.notes.join(" ")).toContain("ssumed");
  });

  it("reads everything that a scenario may have", () => {
    const full = { ...SMALL, warmUpHours: 1, queue: { agedEvery: 2, claimMinutes: 5 } };
    expect(parseScenario(JSON.stringify(full))).toEqual(full);
  });

  it("reads one without arrivals, for a record", () => {
    const { arrivals: _, ...rest } = SMALL;
    expect(parseScenario(JSON.stringify(rest))).toEqual(rest);
  });

  it.each<[string, object]>([
    ["an unknown field", { counselors: [] }],
    ["no name", { name: "" }],
    ["nobody who works", { counsellors: [{ fromHour: 0, toHour: 24, count: 0, chatsEach: 1 }] }],
    ["an hour that is none", { counsellors: [{ fromHour: 0, toHour: 25, count: 1, chatsEach: 1 }] }],
    ["half a counsellor", { counsellors: [{ fromHour: 0, toHour: 24, count: 0.5, chatsEach: 1 }] }],
    ["23 rates", { arrivals: { ...SMALL.arrivals, perHour: new Array(23).fill(1) } }],
    ["a rate below 0", { arrivals: { ...SMALL.arrivals, perHour: new Array(24).fill(-1) } }],
    ["levels of which none occurs", { arrivals: { ...SMALL.arrivals, levels: perLevel(() => 0) } }],
    ["a level that is missing", { givenLevels: { immediate: perLevel(() => 1) } }],
    ["a level that is given nowhere", { givenLevels: { ...SMALL.givenLevels, soon: perLevel(() => 0) } }],
    ["conversations without length", { handlingMinutes: perLevel(() => ({ mean: 0, cv: 0 })) }],
    ["an unknown rule of the queue", { queue: { agedevery: 2 } }],
    ["a rule that cannot be", { queue: { agedEvery: 0 } }],
    ["a queue that refuses people", { queue: { maximumTickets: 10 } }],
  ])("refuses %s", (_, more) => {
    expect(() => parseScenario(JSON.stringify({ ...SMALL, ...more }))).toThrow(
      expect.objectContaining({ code: "SCENARIO_INVALID" }),
    );
  });

  it.each(["", "{", "null", "[]"])("refuses %j", (text) => {
    expect(() => parseScenario(text)).toThrow(expect.objectContaining({ code: "SCENARIO_INVALID" }));
  });
});
