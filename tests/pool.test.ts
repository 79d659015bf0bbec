import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const LIBRARY = pathToFileURL(join(import.meta.dirname, "../dist/index.js")).href;

describe("createTriagePool of the built package", () => {
  it.each([
    ["a module", ["--input-type=module", "--eval"]],
    ["a script", ["--input-type=commonjs", "--eval"]],
  ])(
    "finds the program of its workers from %s with flags that no thread may have, and lets the process end",
    (_, flags) => {
      const program = `(async () => {
      const { writeSync } = await import("node:fs");
      const { createTriagePool } = await import(${JSON.stringify(LIBRARY)});
      const pool = await createTriagePool({ workers: 1 });
      const { urgency } = await pool.assess("what time do you open");
      await pool.close();
      writeSync(1, urgency);
    })();`;
      expect(execFileSync(process.execPath, [...flags, program], { encoding: "utf8" })).toBe("routine");
    },
  );
});
