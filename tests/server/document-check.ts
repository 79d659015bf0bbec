import { createRequire } from "node:module";
import { openApiDocument } from "../../src/server/openapi.js";

interface Checker {
  (value: unknown): boolean;
  readonly errors?:
    | readonly { readonly instancePath: string; readonly message?: string; readonly params: object }[]
    | null;
}
interface Ajv {
  addSchema(schema: object, id: string): void;
  compile(schema: object): Checker;
}
type Json = Record<string, unknown>;

// Ajv comes with the validator of the document, so that both are of one version.
const fromValidator = createRequire(createRequire(import.meta.url).resolve("@seriousme/openapi-schema-validator"));
const { default: Ajv2020 } = fromValidator("ajv/dist/2020.js") as { default: new (options: object) => Ajv };

/** The document with every object closed: a field that it does not describe is an error here. */
function closed(document: Json): Json {
  const copy = structuredClone(document);
  const close = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const schema = value as Json;
    if (schema.type === "object" && schema.properties !== undefined) schema.additionalProperties ??= false;
    for (const part of Object.values(schema)) close(part);
  };
  close((copy.components as Json).schemas);
  return copy;
}

const ID = "https://example.org/openapi.json";
// `verbose` would quote the values.
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
const document = closed(openApiDocument() as Json);
ajv.addSchema(document, ID);
const checkers = new Map<string, Checker>();

function at(...path: readonly string[]): { readonly pointer: string; readonly value: Json } | undefined {
  let value: unknown = document;
  for (const name of path) value = (value as Json | undefined)?.[name];
  if (value === undefined) return undefined;
  const { $ref } = value as { $ref?: string };
  if ($ref !== undefined && path.length > 1) return at(...$ref.slice(2).split("/"));
  return {
    pointer: path.map((name) => name.replaceAll("~", "~0").replaceAll("/", "~1")).join("/"),
    value: value as Json,
  };
}

function faultsBy(pointer: string, value: unknown): string[] {
  let checker = checkers.get(pointer);
  if (checker === undefined) {
    checker = ajv.compile({ $ref: `${ID}#/${encodeURI(pointer)}` });
    checkers.set(pointer, checker);
  }
  if (checker(value)) return [];
  return (checker.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** What of a value is not as a named schema says; empty when all is. */
export function schemaFaults(id: string, value: unknown): readonly string[] {
  return faultsBy(`components/schemas/${id}`, value);
}

/** An answer as it came. */
export interface SeenAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** What of an answer is not as the document says of this route; empty when all is. */
export function answerFaults(
  method: string,
  path: string,
  { status, contentType, text }: SeenAnswer,
): readonly string[] {
  const response =
    at("paths", path, method.toLowerCase(), "responses", `${status}`) ??
    at("components", "responses", `Error${status}`);
  if (response === undefined) return [`no status ${status}`];
  const [type] = contentType.split(";");
  const content = (response.value.content as Json | undefined)?.[type] as { schema: Json } | undefined;
  if (content === undefined) return [`no media type ${type}`];
  const pointer = `${response.pointer}/content/${type.replace("/", "~1")}/schema`;
  const line = content.schema["x-lines"] as { $ref: string } | undefined;
  if (line !== undefined) {
    const rows = text.split("\n").filter((row) => row !== "");
    return rows.flatMap((row) => faultsBy(line.$ref.slice(2), JSON.parse(row)));
  }
  return faultsBy(pointer, type === "application/json" ? JSON.parse(text) : text);
}
