import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  createRejection,
  type LabelledLine,
  type LabelledOptions,
  scoreLabelledFiles,
} from "../../src/cli/labelled-lines.js";
import { createTriage, type Triage } from "../../src/triage.js";
import { tinyPack } from "../support/tiny-pack.js";

const folder = mkdtempSync(join(tmpdir(), "earshot-labelled-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const triage = await createTriage({ pack: tinyPack([]) });
type Call = Parameters<Triage["assessBytes"]>;

/** A triage that shows what it was called with. */
function watched(watch: (...call: Call) => void): Triage {
  return {
    ...triage,
    assessBytes: (...call) => {
      watch(...call);
      return triage.assessBytes(...call);
    },
  };
}

function fileOf(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

async function collect(paths: readonly string[], by: Triage = triage, identifyLanguage = false) {
  const rejected: Parameters<LabelledOptions["onRejected"]>[] = [];
  const options = { identifyLanguage, onRejected: (...call: (typeof rejected)[number]) => rejected.push(call) };
  const lines: LabelledLine[] = [];
  for await (const line of scoreLabelledFiles(paths, by, options)) lines.push(line);
  return { lines, rejected };
}

describe("scoreLabelledFiles", () => {
  it("gives labels and assessments with their places, and codes of the rest", async () => {
    const one = fileOf("one.jsonl", '{"text":"a","urgency":"soon","slice":"s"}\nnone\n');
    const two = fileOf(
      "two.jsonl",
      '{"text":"","urgency":"soon"}\n{"text":"b","categories":["suicide"],"language":"en"}',
    );
    const { lines, rejected } = await collect([one, two]);
    expect(lines).toMatchObject([
      { file: 1, line: 1, labelled: { urgency: "soon", slice: "s", assessment: { schemaVersion: 1 } } },
      { file: 2, line: 2, labelled: { categories: ["suicide"], language: "en", assessment: { schemaVersion: 1 } } },
    ]);
    expect(rejected).toEqual([
      [1, 2, "LINE_NOT_JSON"],
      [2, 1, "TEXT_EMPTY"],
    ]);
  });

  it("hands on what a line says of its message, the language only when it is to be used", async () => {
    const path = fileOf(
      "context.jsonl",
      '{"text":"a","urgency":"soon","language":"sw","country":"ke","age":9,"id":7}\n',
    );
    const contexts: unknown[] = [];
    const by = watched((_source, _start, _end, context) => contexts.push(context));
    await collect([path], by);
    await collect([path], by, true);
    expect(contexts).toEqual([
      { id: "7", language: "sw", country: "KE", age: 9 },
      { id: "7", country: "KE", age: 9 },
    ]);
  });

  it("has wiped the text when a result is handed out, also of a line that is rejected", async () => {
    const path = fileOf("wipe.jsonl", '{"text":"secret words","urgency":"soon"}\n{"text":"more words"}\n');
    const calls: Call[] = [];
    const { rejected } = await collect(
      [path],
      watched((...call) => {
        expect(call[0].subarray(call[1], call[2]).every((byte) => byte !== 0)).toBe(true);
        calls.push(call);
      }),
    );
    expect(rejected).toEqual([[1, 2, "LABELS_MISSING"]]);
    expect(calls.map(([, start, end]) => end - start)).toEqual(["secret words".length, "more words".length]);
    for (const [source] of calls) expect(source.every((byte) => byte === 0)).toBe(true);
  });

  it("hides what failed behind a code", async () => {
    const path = fileOf("fail.jsonl", '{"text":"a","urgency":"soon"}\n');
    const by = watched(() => {
      throw new Error("with words of the message");
    });
    expect(await collect([path], by)).toEqual({ lines: [], rejected: [[1, 1, "INTERNAL"]] });
  });

  it("takes no line whose labels may have been cut off", async () => {
    const long = "x".repeat(8 * 1024 * 1024);
    const path = fileOf("long.jsonl", `{"text":"a","urgency":"soon","x":"${long}"}\n{"text":"a","urgency":"soon"}\n`);
    const { lines, rejected } = await collect([path]);
    expect(rejected).toEqual([[1, 1, "LINE_TOO_LONG"]]);
    expect(lines).toMatchObject([{ line: 2 }]);
  });
});

describe("createRejection", () => {
  it("writes one object a line and counts", () => {
    const written: string[] = [];
    const rejection = createRejection({ writeLine: (line) => written.push(line), flush: () => written.push("flush") });
    rejection.onRejected(2, 7, "TEXT_EMPTY");
    expect(written).toEqual(['{"file":2,"line":7,"error":"TEXT_EMPTY"}', "flush"]);
    expect(rejection.count()).toBe(1);
  });
});
