import { describe, expect, it } from "vitest";
import { EarshotError } from "../../src/errors.js";
import { createAccounts, createAdmission } from "../../src/server/admission.js";
import type { Assessment } from "../../src/types.js";
import { heldScorer, IMMEDIATE, ROUTINE, startTestServer, triage, until } from "./support.js";

const routine = await triage.assess(ROUTINE);
const skipped: Assessment = { ...routine, review: ["SECOND_LOOK_SKIPPED"] };
const never = (): Promise<Assessment> => new Promise(() => {});

describe("createAdmission", () => {
  it.each<[string, Assessment, string | undefined]>([
    ["what is settled is answered", routine, undefined],
    ["what is not settled is refused", skipped, "OVERLOADED"],
    ["what is immediate is answered, settled or not", { ...skipped, urgency: "immediate" }, undefined],
    ["urgent is not immediate", { ...skipped, urgency: "urgent" }, "OVERLOADED"],
    ["rules count, whatever the model could do", { ...skipped, review: ["MODEL_UNAVAILABLE"] }, undefined],
  ])("when full, %s", async (_, result, code) => {
    const { admit } = createAdmission(1);
    void admit(never);
    const looks: object[] = [];
    const answer = admit(async (look) => {
      looks.push(look);
      return result;
    });
    if (code === undefined) expect(await answer).toBe(result);
    else await expect(answer).rejects.toMatchObject({ code, details: { waiting: 1 } });
    expect(looks).toEqual([{ secondLook: false }]);
  });

  it("counts a turn of a conversation that is immediate", async () => {
    const { admit } = createAdmission(1);
    void admit(never);
    const trend = { level: "immediate" } as NonNullable<Assessment["trend"]>;
    expect(await admit(async () => ({ ...skipped, trend }))).toMatchObject({ trend });
  });

  it("takes as many as may wait, and the next when one is done, whatever came of it", async () => {
    const { admit } = createAdmission(2);
    const ends: ((error: Error) => void)[] = [];
    const waiting = [1, 2].map(() => admit(() => new Promise<Assessment>((_, reject) => ends.push(reject))));
    await expect(admit(async () => skipped)).rejects.toMatchObject({ code: "OVERLOADED" });
    ends[0](new Error("x"));
    await expect(waiting[0]).rejects.toThrow("x");
    expect(await admit(async () => skipped)).toBe(skipped);
  });

  it("reads by itself what a pool with a limit of its own does not take", async () => {
    const { admit } = createAdmission(9);
    const score = async (look: { secondLook?: false }): Promise<Assessment> => {
      if (look.secondLook !== false) throw new EarshotError("POOL_FULL");
      return { ...skipped, urgency: "immediate" };
    };
    expect(await admit(score)).toMatchObject({ urgency: "immediate" });
  });

  it("lets streams wait for half of the room, each for its turn", async () => {
    const { admit, admitInStream } = createAdmission(4);
    const ends: (() => void)[] = [];
    const held = (): Promise<Assessment> => new Promise((resolve) => ends.push(() => resolve(routine)));
    const lines = Array.from({ length: 5 }, () => admitInStream(held));
    expect(ends.length).toBe(2);
    void admit(held);
    void admit(held);
    expect(ends.length).toBe(4);
    for (let done = 0; done < 7; done += 1) {
      ends[done]();
      await new Promise(setImmediate);
      // As long as there are lines that wait, streams take no more than what leaves two places.
      expect(ends.length - done - 1).toBeLessThanOrEqual(Math.max(2, 4 - done - 1));
    }
    expect(await Promise.all(lines)).toEqual(lines.map(() => routine));
  });
});

describe("createAccounts", () => {
  it("holds up to the limit, in all accounts together", () => {
    const open = createAccounts(100);
    const [one, other] = [open(), open()];
    one.hold(60);
    expect(() => other.hold(41)).toThrow(expect.objectContaining({ code: "SERVER_FULL" }));
    other.hold(40);
    one.hold(10);
    other.hold(90);
    one.close();
    one.close();
    // A request that has ended holds nothing, whatever it says.
    one.hold(10);
    other.hold(100);
    other.close();
    open().hold(100);
  });
});

describe("overload of a server", () => {
  it("answers immediate at once and refuses the rest, to be asked again", async () => {
    const scorer = heldScorer();
    const { post, ask } = await startTestServer({ triage: scorer, maximumWaiting: 2 });
    const held = [post("/v1/assess", { text: ROUTINE }), post("/v1/assess", { text: ROUTINE })];
    await until(() => scorer.held === 2);
    const refused = await post("/v1/assess", { text: ROUTINE });
    expect(refused).toMatchObject({ status: 429, json: { error: "OVERLOADED", details: { waiting: 2 } } });
    expect(refused.headers["retry-after"]).toBe("1");
    for (let count = 0; count < 20; count += 1)
      expect(await post("/v1/assess", { text: IMMEDIATE })).toMatchObject({
        status: 200,
        json: { urgency: "immediate" },
      });
    expect(await ask("GET", "/healthz")).toMatchObject({ status: 200 });
    scorer.release();
    for (const answer of await Promise.all(held)) expect(answer.status).toBe(200);
    const after = post("/v1/assess", { text: ROUTINE });
    await until(() => scorer.held === 1);
    scorer.release();
    expect(await after).toMatchObject({ status: 200 });
  });

  it("refuses unread what does not fit into memory, and frees what was held", async () => {
    const scorer = heldScorer();
    const { post } = await startTestServer({ triage: scorer }, { heldBytes: 3_500 });
    const long = { text: ROUTINE.repeat(40) };
    const held = post("/v1/assess", long);
    await until(() => scorer.held === 1);
    expect(await post("/v1/assess", long)).toMatchObject({ status: 503, json: { error: "SERVER_FULL" } });
    scorer.release();
    expect(await held).toMatchObject({ status: 200 });
    const next = post("/v1/assess", long);
    await until(() => scorer.held === 1);
    scorer.release();
    expect(await next).toMatchObject({ status: 200 });
  });
});
