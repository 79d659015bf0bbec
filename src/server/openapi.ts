import * as z from "zod";
import { ERROR_MESSAGES } from "../errors.js";
import { COMPONENTS } from "./component.js";
import { DOCUMENTED_ROUTES, type DocumentedBody, type DocumentedRoute } from "./openapi-routes.js";
import { ERROR_ANSWER, SERVICE_CODES } from "./schema.js";
import { statusOf } from "./status.js";

/** JSON that is made of objects. */
type Json = Readonly<Record<string, unknown>>;

/** Statuses of errors that a request to any route can meet. */
const COMMON_ERRORS = [400, 401, 403, 408, 500, 503];

const DESCRIPTION = `Reads messages to a helpline on the helpline's own machine and says how urgent each one is, what harm it
speaks of and who can help. A person always decides: the service orders and suggests, it never answers or reports.

What is sent is scored in memory and overwritten; it is not stored, logged or sent on. Answers hold numbers, codes and the
directory's entries, and no word of a message. Every error has the same form, whatever the path: a code that does not change,
its fixed sentence, and numbers. Every answer has \`Cache-Control: no-store\`. Later versions of /v1 may add fields, codes and
reasons, and take none away.

A request with an \`Origin\` header, which comes from a web page, is refused; so is one over loopback whose \`Host\` is not local.
When too many messages wait, those that may wait are refused with 429 and \`Retry-After\`; what is immediate by its words and
rules is still answered.`;

const RETRY_AFTER = {
  "Retry-After": { description: "Seconds after which to ask again.", schema: { type: "integer" } },
};
const HEADERS: Readonly<Record<number, Json>> = {
  401: { "WWW-Authenticate": { description: "`Bearer`", schema: { type: "string" } } },
  405: { Allow: { description: "The methods that the path takes.", schema: { type: "string" } } },
  429: RETRY_AFTER,
  503: RETRY_AFTER,
};

let made: Json | undefined;

/**
 * The OpenAPI 3.1 document of the service, made at the first call. It takes zod, which costs more than the start of the
 * service: import this module only when somebody asks for the document.
 */
export function openApiDocument(): Json {
  made ??= makeDocument();
  return made;
}

function makeDocument(): Json {
  const schemas = componentSchemas();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of DOCUMENTED_ROUTES) {
    paths[route.path] ??= {};
    paths[route.path][route.method] = operation(route, schemas);
  }
  // What became parameters is no schema of a body.
  const queries = DOCUMENTED_ROUTES.flatMap(({ query }) => (query === undefined ? [] : [idOf(query)]));
  return {
    openapi: "3.1.0",
    info: {
      title: "Earshot",
      version: "1.0.0",
      summary: "Orders waiting messages by danger.",
      description: DESCRIPTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "Where this document was read." }],
    // Either of the two: only a service that was given a token asks for it.
    security: [{ bearer: [] }, {}],
    tags: [
      { name: "Messages", description: "Score messages and conversations." },
      { name: "Directory", description: "Who can help." },
      { name: "Plugs", description: "The same in the form of other systems." },
      { name: "Service", description: "For those who run it." },
    ],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).filter(([id]) => !queries.includes(id))),
      responses: Object.fromEntries(
        [...new Set(SERVICE_CODES.map(statusOf))].sort().map((status) => [responseId(status), errorResponse(status)]),
      ),
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description:
            "The content of the file that `earshot serve --token-file` was given; without one no token is needed.",
        },
      },
    },
  };
}

/** The named schemas. References stay inside the document, so that they need no names of their own in the world. */
function componentSchemas(): Readonly<Record<string, Json>> {
  const { schemas } = z.toJSONSchema(COMPONENTS, {
    io: "input",
    uri: (id) => `#/components/schemas/${id}`,
    // zod states for every whole number that a double can hold it, which tells nobody anything.
    override: ({ jsonSchema }) => {
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $id: _id, $schema: _dialect, ...schema }]) => [id, schema as Json]),
  );
}

function operation(route: DocumentedRoute, schemas: Readonly<Record<string, Json>>): Json {
  const { operationId, tag, summary, description, query, queryExample = {} } = route;
  const { bodies, answers, otherAnswers = {}, errors, open } = route;
  const statuses = [...COMMON_ERRORS, ...errors].filter((status) => !(open && status === 401));
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    ...(open && { security: [] }),
    ...(query && { parameters: parameters(schemas[idOf(query)], queryExample) }),
    ...(bodies && { requestBody: { required: true, content: content(bodies) } }),
    responses: {
      200: { description: "The answer.", content: content(answers) },
      ...Object.fromEntries(
        statuses.map((status) => [
          status,
          otherAnswers[status] === undefined
            ? { $ref: `#/components/responses/${responseId(status)}` }
            : errorResponse(status, otherAnswers[status]),
        ]),
      ),
    },
  };
}

/** The properties of a schema as parameters of a query; a list is a parameter that is repeated. */
function parameters(
  { properties = {} }: { readonly properties?: Readonly<Record<string, Json>> },
  example: Json,
): Json[] {
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    ...(description !== undefined && { description }),
    schema,
    ...(example[name] !== undefined && { example: example[name] }),
  }));
}

function content(bodies: Readonly<Record<string, DocumentedBody>>): Json {
  return Object.fromEntries(Object.entries(bodies).map(([type, body]) => [type, mediaType(type, body)]));
}

function mediaType(type: string, { schema, lines, example }: DocumentedBody): Json {
  if (lines !== undefined) {
    // OpenAPI 3.1 has no word for a stream of JSON: `x-lines` has the schema of one line.
    const text = { type: "string", description: "One JSON object a line.", "x-lines": reference(lines) };
    return { schema: text, example: (example as unknown[]).map((line) => `${JSON.stringify(line)}\n`).join("") };
  }
  return {
    schema: schema === undefined ? { type: type === "application/json" ? "object" : "string" } : reference(schema),
    ...(example !== undefined && { example }),
  };
}

/** An answer that is an error, or another one that this route alone gives with the same status. */
function errorResponse(status: number, other?: { readonly description: string; readonly schema: z.ZodType }): Json {
  const codes = SERVICE_CODES.filter((code) => statusOf(code) === status);
  const error = { allOf: [reference(ERROR_ANSWER), { properties: { error: { enum: codes } } }] };
  const sentences = codes.map((code) => `- \`${code}\`: ${ERROR_MESSAGES[code]}`).join("\n");
  const headers = HEADERS[status];
  return {
    description: other === undefined ? sentences : `${other.description} Or:\n${sentences}`,
    ...(headers !== undefined && { headers }),
    content: {
      "application/json": { schema: other === undefined ? error : { anyOf: [reference(other.schema), error] } },
    },
  };
}

function responseId(status: number): string {
  return `Error${status}`;
}

function reference(schema: z.ZodType): Json {
  return { $ref: `#/components/schemas/${idOf(schema)}` };
}

function idOf(schema: z.ZodType): string {
  return COMPONENTS.get(schema)?.id ?? "";
}
