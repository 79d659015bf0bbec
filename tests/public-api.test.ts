import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as earshot from "../src/index.js";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

describe("the package", () => {
  it("exports these values and no others", () => {
    expect(Object.keys(earshot).sort()).toEqual(
      [
        "CATEGORIES",
        "DEFAULT_POLICY",
        "ERROR_MESSAGES",
        "EarshotError",
        "MAXIMUM_TEXT_BYTES",
        "REVIEW_CODES",
        "SIGNALS",
        "URGENCIES",
        "createQueue",
        "createTriage",
        "createTriagePool",
        "explainReferrals",
        "harden",
        "isEarshotError",
        "loadDirectory",
        "loadPack",
        "referralMessage",
        "resolveReferrals",
        "waitingBound",
      ].sort(),
    );
  });

  it("has a file behind every entry of its exports", () => {
    const { exports, bin } = JSON.parse(read("package.json"));
    const files = Object.values(exports as Record<string, string | Record<string, string>>).flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry),
    );
    for (const file of [...files, ...Object.values(bin as Record<string, string>)])
      expect(() => read(file)).not.toThrow();
  });

  it("names every package whose code it carries in LICENSE-THIRD-PARTY, with its version", () => {
    const maps = readdirSync(join(ROOT, "dist"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".js.map"),
    );
    const folders = maps.flatMap((name) =>
      (JSON.parse(read(join("dist", name))).sources as string[]).flatMap(
        (source) => /node_modules\/(?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(source)?.[0] ?? [],
      ),
    );
    const carried = [...new Set(folders)].map((folder) => JSON.parse(read(join(folder, "package.json"))));
    expect(carried.length).toBeGreaterThan(2);
    const notices = read("LICENSE-THIRD-PARTY");
    for (const { name, version } of carried) expect(notices).toMatch(new RegExp(`^ +${name} +${version} `, "m"));
  });

  it("uses every error code that its table names, and each has one whole sentence", () => {
    const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && name !== "errors.ts")
      .map((name) => read(join("src", name)))
      .join("\n");
    for (const [code, sentence] of Object.entries(earshot.ERROR_MESSAGES)) {
      expect(sources, code).toContain(`"${code}"`);
      expect(sentence).toMatch(/^[A-Z][^%{}]+\.$/);
    }
  });
});

describe("README", () => {
  it.each([
    "score",
    "evaluate",
    "calibrate",
    "directory",
    "simulate",
    "bench",
    "audit",
    "serve",
    "work",
    "statistics",
    "evidence",
  ])("shows what `%s --help` prints", (command) => {
    const help = execFileSync(process.execPath, [join(ROOT, "dist/cli/main.js"), command, "--help"], {
      encoding: "utf8",
      env: { ...process.env, COLUMNS: "100" },
    });
    expect(read("README.md")).toContain(help.trim());
  });
});
