import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEarshotError } from "../../src/errors.js";
import { readMessageQuery, readReferralQuery } from "../../src/server/query.js";

function failure(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return isEarshotError(error) ? error.code : "another";
  }
}

describe("readMessageQuery", () => {
  it.each<[string, object]>([
    ["/v1/assess", {}],
    ["/v1/assess?", {}],
    ["/v1/assess?spans=true", { spans: true }],
    ["/v1/assess?spans=false", {}],
    ["/v1/assess?country=ke&language=sw-KE&age=14.5", { country: "KE", language: "sw-KE", age: 14.5 }],
    ["/v1/assess?age=0", { age: 0 }],
  ])("%s", (target, expected) => {
    expect(readMessageQuery(target)).toEqual(expected);
  });

  it.each([
    "text=hello",
    "Country=KE",
    "country=KEN",
    "country=",
    "country=KE&country=KE",
    "language=e",
    "language=en_US",
    `language=${"a-".repeat(20)}a`,
    "age=-1",
    "age=121",
    "age=1e1",
    "age=",
    "age=0x10",
    "spans=1",
    "spans",
    "__proto__=1",
    "constructor=1",
    "=",
    "a",
  ])("?%s is refused", (query) => {
    expect(failure(() => readMessageQuery(`/v1/assess?${query}`))).toBe("REQUEST_INVALID");
  });
});

describe("readReferralQuery", () => {
  it.each<[string, object]>([
    ["", { urgency: "urgent", categories: [], signals: [] }],
    [
      "urgency=soon&category=suicide&category=bullying&signal=young&channel=chat&language=en&language=sw",
      {
        urgency: "soon",
        categories: ["suicide", "bullying"],
        signals: ["young"],
        channels: ["chat"],
        languages: ["en", "sw"],
      },
    ],
    [
      "region=S%C3%A3o+Paulo&free=true&anonymous=false&limit=0&staleAfterDays=30",
      {
        urgency: "urgent",
        categories: [],
        signals: [],
        region: "São Paulo",
        free: true,
        anonymous: false,
        limit: 0,
        staleAfterDays: 30,
      },
    ],
  ])("?%s", (query, expected) => {
    expect(readReferralQuery(`/v1/directory?${query}`)).toEqual(expected);
  });

  it.each([
    "urgency=now",
    "category=Suicide",
    "category=",
    "signal=x",
    "channel=pigeon",
    "limit=101",
    "limit=1.5",
    "limit=1&limit=2",
    "staleAfterDays=36501",
    "free=yes",
    "capacity=x",
    "q=hello",
    `region=${"a".repeat(101)}`,
  ])("?%s is refused", (query) => {
    expect(failure(() => readReferralQuery(`/v1/directory?${query}`))).toBe("REQUEST_INVALID");
  });
});

it("gives a request or REQUEST_INVALID for any query", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webQueryParameters()), (query) => {
      for (const read of [readMessageQuery, readReferralQuery])
        expect([undefined, "REQUEST_INVALID"]).toContain(failure(() => read(`/v1/x?${query}`)));
    }),
  );
});
