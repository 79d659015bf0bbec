/**
 * Requests that no honest client sends, with what the server has to say to them where that is certain.
 *
 * Every one carries `CANARY` where a message, a name or a header may stand, so that an answer that repeats any of it shows.
 */
import * as fc from "fast-check";
import type { EarshotErrorCode } from "../../src/errors.js";
import type { Sending } from "./raw-client.js";

/** A word that is in no answer. */
export const CANARY = "vqzhjkwxbpfd";

/** What has to come back. Without `status` any documented answer will do, and a closed connection too. */
export interface Expected {
  readonly status?: number;
  readonly code?: EarshotErrorCode;
}

/** One connection. */
export interface FuzzCase extends Sending {
  readonly family: string;
  readonly expected: Expected;
}

type Bytes = string | Uint8Array;
const bytesOf = (...parts: readonly Bytes[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

const JSON_TYPE = "application/json";
const TOO_LARGE = "a".repeat(1_100_000);

/** A request in good form but for what is given. */
function request(line: string, headers: readonly string[], body: Bytes = ""): Buffer {
  return bytesOf(latin1([line, ...headers, "", ""].join("\r\n")), body);
}

function post(body: Bytes, type = JSON_TYPE, target = "/v1/assess"): Buffer {
  const length = `Content-Length: ${bytesOf(body).length}`;
  return request(
    `POST ${target} HTTP/1.1`,
    ["Host: localhost", "Connection: close", `Content-Type: ${type}`, length],
    body,
  );
}

function expecting(family: string, whole: Uint8Array, status?: number, code?: EarshotErrorCode): FuzzCase {
  return { family, pieces: [whole], ending: "answer", expected: { ...(status && { status }), ...(code && { code }) } };
}

const GOOD_BODIES: readonly string[] = [
  `{"text":"${CANARY}"}`,
  `{"id":"7","text":"${CANARY} \\u0041\\n","language":"en","country":"KE","age":14}`,
  ` { "unknown" : [ 1 , { "deep" : null } ] , "text" : "${CANARY}" } `,
];
const GOOD = post(GOOD_BODIES[0]);
const CHUNKED_HEAD = [
  "Host: localhost",
  "Connection: close",
  `Content-Type: ${JSON_TYPE}`,
  "Transfer-Encoding: chunked",
];
const CHUNKED = request(
  "POST /v1/assess HTTP/1.1",
  CHUNKED_HEAD,
  `8\r\n{"text":\r\ne\r\n"${CANARY}"\r\n1\r\n}\r\n0\r\n\r\n`,
);

const cuts = (whole: Uint8Array): number[] => Array.from({ length: whole.length - 1 }, (_, index) => index + 1);

/** Bodies cut at every place (the request itself is whole), and whole requests cut at every place. */
export const EVERY_CUT: readonly FuzzCase[] = [
  ...GOOD_BODIES.flatMap((body) => {
    // What is cut off behind the last bracket is white space only.
    const end = Buffer.from(body.trimEnd());
    return cuts(end).map((cut) => expecting("body cut", post(end.subarray(0, cut)), 400, "LINE_NOT_JSON"));
  }),
  ...[GOOD, CHUNKED].flatMap((whole) =>
    cuts(whole).flatMap((cut): FuzzCase[] =>
      (["end", "destroy"] as const).map((ending) => ({
        family: "request cut",
        pieces: [whole.subarray(0, cut)],
        ending,
        expected: {},
      })),
    ),
  ),
];

const tokens = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
const junk = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));

const requestLine = tokens(
  `GET /${CANARY}`,
  `get /v1/assess HTTP/1.1`,
  `BREW /v1/assess HTTP/1.1`,
  `${CANARY} / HTTP/1.1`,
  "GET / HTTP/2.0",
  "GET / HTTP/1.2",
  "GET / HTTP/0.9",
  "GET / HTTP/1",
  "GET / http/1.1",
  "GET  / HTTP/1.1",
  "GET / HTTP/1.1 ",
  " GET / HTTP/1.1",
  "GET",
  "GET /",
  `GET /\u0000${CANARY} HTTP/1.1`,
  `GET /\u007f${CANARY} HTTP/1.1`,
  `GET /\t${CANARY} HTTP/1.1`,
  `GET ${CANARY} HTTP/1.1`,
  `\u0016\u0003\u0001\u0002\u0000\u0001${CANARY}`,
  "PRI * HTTP/2.0",
  `POST http://${CANARY}:99999/ HTTP/1.1`,
).map((line) => expecting("request line", request(line, ["Host: localhost", "Connection: close"])));

const target = fc
  .tuple(
    tokens("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"),
    fc.oneof(
      tokens(
        "*",
        "//",
        "/..",
        "/v1/assess/",
        "/V1/ASSESS",
        `/${CANARY}`,
        "/v1/directory?",
        "/healthz?x",
        "/metrics/..",
      ),
      tokens("%zz", "%00", "%2e%2e", "%ff", "%f0%9f", ";", "\\", "'", "[]", "a=%", "?", "&", "#").map(
        (part) => `/v1/${part}`,
      ),
      tokens(
        "country=%zz",
        `country=${CANARY}`,
        "age=1e999",
        "limit=-1",
        "country=KE&country=US",
        `${CANARY}=1`,
        "=",
        "&&",
      ).map((query) => `/v1/directory?${query}`),
      fc.integer({ min: 1, max: 40_000 }).map((length) => `/${CANARY}${"a".repeat(length)}`),
    ),
  )
  .map(([method, path]) => ({
    ...expecting(
      "target",
      request(`${method} ${path} HTTP/1.1`, ["Host: localhost", "Connection: close", "Content-Length: 0"]),
    ),
    isHead: method === "HEAD",
  }));

/** Headers after which the request must be refused, with the status. */
const REFUSED_HEADERS: ReadonlyArray<readonly [string, number, EarshotErrorCode]> = [
  [`Host: ${CANARY}.example`, 403, "REQUEST_FORBIDDEN"],
  ["Host: localhost.example", 403, "REQUEST_FORBIDDEN"],
  ["Host: 127.0.0.1.example:80", 403, "REQUEST_FORBIDDEN"],
  [`Host: localhost\r\nOrigin: https://${CANARY}.example`, 403, "REQUEST_FORBIDDEN"],
  ["Host: localhost\r\nOrigin: null", 403, "REQUEST_FORBIDDEN"],
  ["X: y", 400, "REQUEST_INVALID"],
  [`Host: localhost\r\n${CANARY}`, 400, "REQUEST_INVALID"],
  [`Host: localhost\r\n: ${CANARY}`, 400, "REQUEST_INVALID"],
  [`Host: localhost\r\nX : ${CANARY}`, 400, "REQUEST_INVALID"],
  [`Host: localhost\r\nX: ${CANARY}\u0000`, 400, "REQUEST_INVALID"],
  [`Host: localhost\r\nX\u0000: ${CANARY}`, 400, "REQUEST_INVALID"],
  [`Host: localhost\r\n\u00e9${CANARY}: 1`, 400, "REQUEST_INVALID"],
  [`Host: localhost\r\nX: ${CANARY}\rY: 1`, 400, "REQUEST_INVALID"],
];
const refusedHeader = fc
  .constantFrom(...REFUSED_HEADERS)
  .map(([headers, status, code]) =>
    expecting(
      "refused header",
      request("POST /v1/assess HTTP/1.1", [
        headers,
        "Connection: close",
        `Content-Type: ${JSON_TYPE}`,
        "Content-Length: 0",
      ]),
      status,
      code,
    ),
  );

const REFUSED_LENGTHS: readonly string[] = [
  "Content-Length: -1",
  "Content-Length: +5",
  "Content-Length: 0x5",
  "Content-Length: 5, 6",
  "Content-Length: 5\r\nContent-Length: 6",
  "Content-Length: 1e3",
  "Content-Length: 99999999999999999999999",
  "Content-Length: ",
  `Content-Length: ${CANARY}`,
  "Content-Length: 5\r\nTransfer-Encoding: chunked",
  "Transfer-Encoding: chunked\r\nContent-Length: 5",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: chunked\u000b",
];
const refusedLength = tokens(...REFUSED_LENGTHS).map((length) =>
  expecting(
    "refused length",
    request("POST /v1/assess HTTP/1.1", ["Host: localhost", `Content-Type: ${JSON_TYPE}`, length], GOOD_BODIES[0]),
    400,
    "REQUEST_INVALID",
  ),
);

const oddHeader = fc
  .tuple(
    tokens(
      "Expect: 100-continue",
      `Expect: ${CANARY}`,
      "Connection: upgrade\r\nUpgrade: websocket",
      "Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA",
      `Connection: ${CANARY}`,
      "Transfer-Encoding: gzip, chunked",
      "Transfer-Encoding: identity",
      "Content-Encoding: gzip",
      "Content-Length: 5\r\nContent-Length: 5",
      `Cookie: ${CANARY}`,
      `Authorization: Bearer ${CANARY}`,
      `Content-Type: text/plain\r\nContent-Type: ${JSON_TYPE}`,
      `Content-Type: ${JSON_TYPE}; charset=utf-16`,
      `Content-Type: ${CANARY}`,
      `X: ${CANARY}\r\n folded`,
      "Host: localhost",
      "Range: bytes=0-",
    ),
    tokens("/v1/assess", "/v1/conversations/assess", "/v1/directory", "/healthz"),
    tokens("GET", "POST"),
  )
  .map(([header, path, method]) =>
    expecting(
      "odd header",
      request(`${method} ${path} HTTP/1.1`, ["Host: localhost", "Connection: close", header], "12345"),
    ),
  );

const manyHeaders = fc
  .tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 0, max: 200 }))
  .map(([count, length]) =>
    expecting(
      "many headers",
      request("GET /healthz HTTP/1.1", [
        "Host: localhost",
        "Connection: close",
        ...Array.from({ length: count }, (_, index) => `X${index}: ${CANARY}${"a".repeat(length)}`),
      ]),
    ),
  );

const chunk = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: tokens(`${CANARY.length.toString(16)}\r\n${CANARY}\r\n`, '8\r\n{"text":\r\n', "1\r\n}\r\n"),
      },
      tokens(
        "-1\r\n",
        "g\r\n",
        "\r\n",
        "5\r\nab\r\n",
        "ffffffffffffffffff\r\n",
        `5;${CANARY}=1\r\nabcde\r\n`,
        "05\r\nabcde\r\n",
      ),
      tokens(
        "0\r\n",
        "0\r\n\r\n",
        `0\r\nX: ${CANARY}\r\n\r\n`,
        " 5\r\nabcde\r\n",
        "5\nabcde\n",
        `5;${"a".repeat(20_000)}\r\nabcde\r\n`,
      ),
    ),
    { maxLength: 8 },
  )
  .map(
    (chunks): FuzzCase => ({
      ...expecting("chunks", request("POST /v1/assess HTTP/1.1", CHUNKED_HEAD, chunks.join(""))),
      ending: "end",
    }),
  );

const REFUSED_BODIES: ReadonlyArray<readonly [Bytes, EarshotErrorCode]> = [
  ["", "LINE_NOT_JSON"],
  ["null", "LINE_NOT_JSON"],
  ["[]", "LINE_NOT_JSON"],
  [`"${CANARY}"`, "LINE_NOT_JSON"],
  [`[{"text":"${CANARY}"}]`, "LINE_NOT_JSON"],
  [`{"text":"${CANARY}"} x`, "LINE_NOT_JSON"],
  [`{"text":"${CANARY}"}{"text":"${CANARY}"}`, "LINE_NOT_JSON"],
  [`{'text':'${CANARY}'}`, "LINE_NOT_JSON"],
  [`{"text":"${CANARY}",}`, "LINE_NOT_JSON"],
  [`{"text":"${CANARY}\u0000"}`, "LINE_NOT_JSON"],
  [`{"text":"${CANARY}\n"}`, "LINE_NOT_JSON"],
  [`{"text":"${CANARY}\\x"}`, "LINE_NOT_JSON"],
  [`{"text":"${CANARY}\\u12"}`, "LINE_NOT_JSON"],
  [`{"text":"${CANARY}","age":01}`, "LINE_NOT_JSON"],
  [`{"text":"${CANARY}","age":.5}`, "LINE_NOT_JSON"],
  [`{"text":"${CANARY}","age":NaN}`, "LINE_NOT_JSON"],
  [`{"text":"${CANARY}","x":tru}`, "LINE_NOT_JSON"],
  ["{}", "TEXT_MISSING"],
  [`{"${CANARY}":1}`, "TEXT_MISSING"],
  ['{"text":""}', "TEXT_EMPTY"],
  ['{"text":" \\n\\t"}', "TEXT_EMPTY"],
  ['{"text":null}', "TEXT_NOT_STRING"],
  [`{"text":["${CANARY}"]}`, "TEXT_NOT_STRING"],
  ['{"text":1e999999}', "TEXT_NOT_STRING"],
  [`{"text":"${CANARY}","text":"${CANARY}"}`, "FIELD_DUPLICATE"],
  [`{"text":"${CANARY}","age":1e999}`, "FIELD_INVALID"],
  [`{"text":"${CANARY}","age":-1}`, "FIELD_INVALID"],
  [`{"text":"${CANARY}","age":${"9".repeat(60)}}`, "FIELD_INVALID"],
  [`{"text":"${CANARY}","age":"${CANARY}"}`, "FIELD_INVALID"],
  [`{"text":"${CANARY}","country":"${CANARY}"}`, "FIELD_INVALID"],
  [`{"text":"${CANARY}","language":"${CANARY} "}`, "FIELD_INVALID"],
  [`{"text":"${CANARY}","id":"${CANARY.repeat(30)}"}`, "FIELD_INVALID"],
  [`{"text":"${CANARY}","id":{"${CANARY}":1}}`, "FIELD_INVALID"],
  [bytesOf('{"', Buffer.of(0xff, 0xfe), `":1,"text":"${CANARY}"}`), "LINE_NOT_UTF8"],
  [bytesOf('{"x":"', Buffer.of(0xc0, 0x80), `","text":"${CANARY}"}`), "LINE_NOT_UTF8"],
];
const refusedBody = fc
  .constantFrom(...REFUSED_BODIES)
  .map(([body, code]) => expecting("refused body", post(body), 400, code));

const deepBody = fc
  .tuple(fc.integer({ min: 1, max: 20_000 }), tokens('{"a":', "["), fc.boolean())
  .map(([depth, open, isClosed]) => {
    const close = isClosed ? (open === "[" ? "]" : "}").repeat(depth) : "";
    const body = `{"text":"${CANARY}","x":${open.repeat(depth)}${isClosed ? "1" : ""}${close}}`;
    // The object itself is the first level.
    const isTooDeep = !isClosed || depth > 63;
    return isTooDeep
      ? expecting("deep body", post(body), 400, "LINE_NOT_JSON")
      : expecting("deep body", post(body), 200);
  });

const mutatedBody = fc
  .tuple(fc.constantFrom(...GOOD_BODIES), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
  .map(([body, changes]) => {
    const bytes = Buffer.from(body);
    for (const [place, value] of changes) bytes[place % bytes.length] = value;
    return expecting("changed body", post(bytes));
  });

const oddText = fc
  .tuple(junk(64), tokens(JSON_TYPE, "text/plain; charset=utf-8", "text/plain"))
  .map(([bytes, type]) => {
    // Bytes that would end the string or are no text at all are left to the other families.
    const inside = bytes.map((byte) => (byte < 0x20 || byte === 0x22 || byte === 0x5c ? 0x2e : byte));
    const body = type === JSON_TYPE ? bytesOf(`{"text":"${CANARY}`, inside, '"}') : bytesOf(CANARY, inside);
    return expecting("odd text", post(body, type), 200);
  });

const mediaType = tokens(
  "text/html",
  "application/xml",
  "multipart/form-data; boundary=x",
  "application/x-www-form-urlencoded",
  `${CANARY}/x`,
  "text/plain; charset=utf-16",
).map((type) => expecting("media type", post(GOOD_BODIES[0], type), 415, "MEDIA_TYPE_UNSUPPORTED"));

const tooLarge = tokens("/v1/assess", "/v1/conversations/assess").map((path) =>
  expecting("too large", post(`{"text":"${CANARY}${TOO_LARGE}"}`, JSON_TYPE, path), 413, "BODY_TOO_LARGE"),
);

const manyLines = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom(...GOOD_BODIES, ...REFUSED_BODIES.map(([body]) => body)), junk(40)), {
      maxLength: 20,
    }),
    tokens("\n", "\r\n"),
    fc.boolean(),
  )
  .map(([lines, end, isOpen]) => {
    const body = bytesOf(
      ...lines.flatMap((line, index) => (isOpen && index === lines.length - 1 ? [line] : [line, end])),
    );
    return expecting("many lines", post(body, "application/x-ndjson"), 200);
  });

const conversation = fc
  .tuple(
    tokens('"person"', '"counsellor"', "1", "-1", "1e9", "null", `"${CANARY}"`, "{}"),
    tokens('"2026-01-01T00:00:00Z"', "0", "-1e300", `"${CANARY}"`, "[]"),
    fc.oneof(
      junk(300).map((bytes) => JSON.stringify(bytes.toString("base64"))),
      tokens('""', "null", "7", `"${CANARY}"`, '"===="', `"${"A".repeat(9000)}"`),
    ),
  )
  .map(([speaker, at, state]) =>
    expecting(
      "conversation",
      post(
        `{"text":"${CANARY}","speaker":${speaker},"at":${at},"state":${state}}`,
        JSON_TYPE,
        "/v1/conversations/assess",
      ),
    ),
  );

const plug = fc
  .tuple(
    tokens("/v1alpha1/comments:analyze", "/v1/plugs/coop", "/v1/plugs/aselo", "/v1/plugs/chatwoot"),
    fc.oneof(
      fc.constantFrom<Bytes>(...GOOD_BODIES, ...REFUSED_BODIES.map(([body]) => body)),
      tokens(
        `{"comment":{"text":"${CANARY}"}}`,
        `{"comment":{"text":"${CANARY}"},"requestedAttributes":{}}`,
        `{"comment":{"text":"${CANARY}"},"requestedAttributes":{"${CANARY}":{}}}`,
        `{"comment":{"text":"${CANARY}"},"requestedAttributes":{"TOXICITY":{"scoreThreshold":"${CANARY}"}}}`,
        `{"comment":{"text":7},"requestedAttributes":{"TOXICITY":{}}}`,
        `{"comment":"${CANARY}","requestedAttributes":["TOXICITY"]}`,
        `{"comment":{"text":"${CANARY}","type":"HTML"},"requestedAttributes":{"TOXICITY":{}},"spanAnnotations":"${CANARY}"}`,
      ),
      junk(200),
    ),
  )
  .map(([path, body]) => expecting("plug", post(body, JSON_TYPE, path)));

const pipelined = fc.constantFrom(...REFUSED_BODIES).map(([body, code]): FuzzCase => {
  const open = bytesOf(GOOD).toString().replace("Connection: close", "Connection: keep-alive");
  return { ...expecting("pipelined", bytesOf(open, post(body)), 400, code), answers: 2 };
});

const garbage = junk(400).map(
  (bytes): FuzzCase => ({ ...expecting("garbage", bytesOf(bytes, CANARY)), ending: "end" }),
);

const whole = fc.oneof(
  requestLine,
  target,
  refusedHeader,
  refusedLength,
  oddHeader,
  { weight: 1, arbitrary: manyHeaders },
  { weight: 3, arbitrary: chunk },
  { weight: 4, arbitrary: refusedBody },
  { weight: 2, arbitrary: deepBody },
  { weight: 4, arbitrary: mutatedBody },
  { weight: 2, arbitrary: oddText },
  mediaType,
  { weight: 3, arbitrary: manyLines },
  { weight: 2, arbitrary: conversation },
  { weight: 2, arbitrary: plug },
  pipelined,
  garbage,
);

/** The same in pieces that arrive one by one, or broken off somewhere. */
const inPieces = fc
  .tuple(whole, fc.array(fc.nat(), { maxLength: 4 }), fc.nat(9))
  .map(([sent, places, chance]): FuzzCase => {
    const [bytes] = sent.pieces;
    const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((one, other) => one - other);
    const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
    if (chance > 0) return { ...sent, pieces };
    return { ...sent, family: "broken off", pieces: pieces.slice(0, -1), ending: "destroy", expected: {} };
  });

/** Every cut, a few bodies over the limit, and random cases up to `count`, the same for the same seed. */
export function fuzzCases(count: number, seed: number): readonly FuzzCase[] {
  const large = fc.sample(tooLarge, { numRuns: 20, seed });
  const fixed = [...EVERY_CUT, ...large];
  return [...fixed, ...fc.sample(inPieces, { numRuns: count - fixed.length, seed })];
}
