import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { HEADS } from "../../src/model/manifest.js";
import { LABEL_COLUMNS } from "../../src/model/pack.js";
import { DEFAULT_POLICY, type Policy } from "../../src/policy/schema.js";
import { createPool } from "../../src/pool/create-pool.js";
import { createTriage } from "../../src/triage.js";
import { BASE_PACK } from "../cli/command.js";
import { encodeEncoderModel } from "../support/onnx-model.js";
import { ORDERS, obedientWorker, WORKER } from "./worker-programs.js";

const SPECIAL_PIECES = 4;
const PIECES = SPECIAL_PIECES + 256;
const TEXTS = ["zzzz", "is anyone there", "zq zq zq", "qqqq", "I am not safe at home"];
const folder = mkdtempSync(join(tmpdir(), "earshot-pool-"));
const policy: Policy = { ...DEFAULT_POLICY, secondLook: { riskFrom: 0, immediateUpTo: 1 } };
const settings = { pack: folder, policy, now: (): Date => new Date("2026-01-05T12:00:00Z") };

/** The bundled pack with a second stage that knows two letters. */
function writePack(): void {
  cpSync(BASE_PACK, folder, { recursive: true });
  const embedding = new Float32Array(PIECES * LABEL_COLUMNS);
  for (const [column, letter] of ["z", "", "", "q"].entries())
    if (letter !== "") embedding[(SPECIAL_PIECES + letter.charCodeAt(0)) * LABEL_COLUMNS + column] = 20;
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const slopes = { whole: 1, window: 0, encoder: 1, encoderWindow: 0, offset: 0 };
  const files = {
    "test.onnx": encodeEncoderModel(embedding, LABEL_COLUMNS),
    "test.vocabulary": Uint8Array.from([0, 0, 0, 0, ...Array.from({ length: 256 }, (_, byte) => [1, byte]).flat()]),
  };
  for (const [path, content] of Object.entries(files)) {
    writeFileSync(join(folder, path), content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    manifest.files.push({ path, bytes: content.length, sha256 });
  }
  manifest.encoder = {
    file: "test.onnx",
    vocabulary: "test.vocabulary",
    pieces: PIECES,
    windowPieces: 16,
    stridePieces: 8,
    maximumWindows: 4,
    calibration: new Array(HEADS).fill({ short: slopes, long: slopes }),
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
}

writePack();
afterAll(() => rmSync(folder, { recursive: true }));

describe("a pool with a second stage", () => {
  it("gives what a triage gives, and switches telemetry off before its workers load the runtime", async () => {
    delete process.env.ORT_DISABLE_TELEMETRY;
    const pool = await createPool({ ...settings, workers: 2 }, WORKER);
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe("1");
    const triage = await createTriage(settings);
    const firstOnly = await createTriage({ ...settings, policy: { ...policy, secondLook: null } });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => pool.assess(TEXTS[index % TEXTS.length])),
    );
    for (const [index, answer] of answers.entries())
      expect(answer).toEqual(await triage.assess(TEXTS[index % TEXTS.length]));
    expect(answers[0].scores).not.toEqual((await firstOnly.assess(TEXTS[0])).scores);
    for (const opened of [pool, triage, firstOnly]) await opened.close();
  });

  it.each([ORDERS.exit, ORDERS.throw, ORDERS.hang])(
    "answers by the first look, marked, when a worker with a model loaded ends: %s",
    async (id) => {
      const pool = await createPool({ ...settings, workers: 1, workerTimeoutMs: 2000 }, obedientWorker);
      const triage = await createTriage(settings);
      for (const text of [TEXTS[3], TEXTS[3].repeat(1000)]) {
        const before = await pool.assess(text);
        expect(before.review).not.toContain("MODEL_UNAVAILABLE");
        const { scores } = await triage.assess(text, { secondLook: false });
        const failed = await pool.assess(text, { id });
        expect(failed).toMatchObject({ id, scores });
        expect(failed.review).toContain("MODEL_UNAVAILABLE");
        expect(failed.review).not.toContain("SECOND_LOOK_SKIPPED");
        expect(failed.urgency).toBe(policy.reviewLevels.MODEL_UNAVAILABLE);
        expect(await pool.assess(text)).toEqual(before);
      }
      await triage.close();
      await pool.close();
    },
  );

  it("does without it on request, as a triage does", async () => {
    const pool = await createPool({ ...settings, workers: 1, maximumWaiting: 0 }, obedientWorker);
    const triage = await createTriage(settings);
    const busy = pool.assess(TEXTS[0], { id: ORDERS.sleep });
    for (const text of TEXTS) {
      const answer = await pool.assess(text, { secondLook: false });
      expect(answer.review).toContain("SECOND_LOOK_SKIPPED");
      expect(answer).toEqual(await triage.assess(text, { secondLook: false }));
      await expect(pool.assess(text)).rejects.toMatchObject({ code: "POOL_FULL" });
    }
    await busy;
    await triage.close();
    await pool.close();
  });
});
