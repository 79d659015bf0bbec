import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { type EarshotErrorCode, ERROR_MESSAGES } from "../../src/errors.js";
import { routesOf, type Services } from "../../src/server/app.js";
import { openApiDocument } from "../../src/server/openapi.js";
import { SERVICE_CODES } from "../../src/server/schema.js";
import { makeExamples } from "../../src/server/source/make-examples.js";
import { statusOf } from "../../src/server/status.js";
import { readModule } from "../privacy/source-code.js";
import { answerFaults, schemaFaults } from "./document-check.js";

type Json = Record<string, unknown>;
const document = openApiDocument() as Json & {
  paths: Record<string, Record<string, Json>>;
  components: Record<string, Json>;
};
const SOURCE = resolve(import.meta.dirname, "../../src");

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
);

describe("the document", () => {
  it("is OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    expect(validator.version).toBe("3.1");
  });

  it("has every route of the service and no other", () => {
    const routes = routesOf({} as Services).map(({ method, path }) => `${method} ${path}`);
    expect(operations.map(([name]) => name).sort()).toEqual(routes.sort());
  });

  it("names every code with its sentence at its status", () => {
    const statused = (Object.keys(ERROR_MESSAGES) as EarshotErrorCode[]).filter((code) => statusOf(code) !== 500);
    expect([...SERVICE_CODES].sort()).toEqual([...statused, "INTERNAL"].sort());
    const responses = document.components.responses as Record<string, { description: string }>;
    for (const code of SERVICE_CODES)
      expect(responses[`Error${statusOf(code)}`].description).toContain(`\`${code}\`: ${ERROR_MESSAGES[code]}`);
  });

  it.each(operations)(
    "says of %s what it is for and what it may answer",
    (_name, { summary, description, responses }) => {
      expect(`${summary}`.length).toBeGreaterThan(10);
      expect(`${description}`).toMatch(/\.$/);
      expect(Object.keys(responses as Json)).toEqual(expect.arrayContaining(["200", "400", "403", "500", "503"]));
    },
  );

  it("says of every schema what it is, and refers to schemas that are there only", () => {
    const schemas = document.components.schemas as Record<string, { description?: string }>;
    for (const [id, { description }] of Object.entries(schemas)) expect(description, id).toMatch(/[.:]/);
    const used = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, id]) => id);
    expect([...new Set(used)].sort()).toEqual(Object.keys(schemas).sort());
  });

  it("is made once, so that asking for it again costs nothing", () => {
    expect(openApiDocument()).toBe(document);
  });
});

describe("examples", () => {
  const examples = JSON.parse(readFileSync(join(SOURCE, "server/examples.json"), "utf8")) as Json;

  it.each(
    operations.flatMap(([name, { requestBody }]) =>
      Object.entries((requestBody as { content: Record<string, Json> } | undefined)?.content ?? {}).map(
        ([type, { schema, example }]) => [name, type, schema as Json, example] as const,
      ),
    ),
  )("of requests are as the document says: %s %s", (_name, _type, schema, example) => {
    const { $ref } = (schema["x-lines"] ?? schema) as { $ref?: string };
    const values = schema["x-lines"]
      ? `${example}`
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line))
      : [example];
    if ($ref === undefined) expect(typeof example).toBe("string");
    else for (const value of values) expect(schemaFaults($ref.split("/").at(-1) ?? "", value)).toEqual([]);
  });

  it.each(
    operations.flatMap(([name, { responses }]) => {
      const { content } = (responses as Record<string, { content: Record<string, Json> }>)["200"];
      return Object.entries(content).flatMap(([type, { example }]) =>
        example === undefined ? [] : [[name, type, example] as const],
      );
    }),
  )("of answers are as the document says: %s %s", (name, contentType, example) => {
    const [method, path] = name.split(" ");
    const text = typeof example === "string" ? example : JSON.stringify(example);
    expect(answerFaults(method, path, { status: 200, contentType, text })).toEqual([]);
  });

  it("are what the shipped pack answers; otherwise run src/server/source/build-examples.ts", async () => {
    // Processors add up in other orders, which shows in the last digits.
    const rounded = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), (_key, part) => (typeof part === "number" ? Number(part.toFixed(2)) : part));
    expect(rounded(examples)).toEqual(rounded(await makeExamples()));
  });
});

describe("start-up", () => {
  /** What is loaded with a module at once, and not on demand. */
  function loadedWith(entry: string): { files: Set<string>; packages: Set<string> } {
    const files = new Set<string>();
    const packages = new Set<string>();
    const visit = (path: string): void => {
      if (files.has(path) || path.endsWith(".json")) return;
      files.add(path);
      // Without `import(…)`, which `readModule` follows too.
      const text = readFileSync(path, "utf8").replaceAll(/\bimport\(/g, "onDemand(");
      const { specifiers, imports } = readModule(text);
      for (const name of imports) packages.add(name);
      for (const specifier of specifiers) visit(resolve(path, "..", specifier.replace(/\.js$/, ".ts")));
    };
    visit(join(SOURCE, entry));
    return { files, packages };
  }

  it.each(["index.ts", "cli/main.ts", "cli/score.ts", "server/index.ts", "client/index.ts"])(
    "of %s is without zod",
    (entry) => {
      const { files, packages } = loadedWith(entry);
      expect(files.size).toBeGreaterThan(5);
      expect([...packages].filter((name) => name === "zod")).toEqual([]);
      expect(files).not.toContain(join(SOURCE, "server/schema.ts"));
    },
  );

  it("finds zod where it is", () => {
    expect(loadedWith("server/openapi.ts").packages).toContain("zod");
  });
});
