import { EarshotError, type EarshotErrorCode } from "../errors.js";
import { isEqual, metadataString } from "./json-line.js";
import { expectEnd, peekKind, readArray, readObject, skipNumber, skipValue } from "./json-scanner.js";
import { type ByteSink, clearSink, createSink, current, type JsonScanner, readString } from "./json-string.js";

const LONGEST_STRING_BYTES = 256;
const LONGEST_NUMBER_BYTES = 64;
const MOST_STRINGS = 256;

const FIRST_BYTES = { strings: 0x5b, object: 0x7b } as const;
const LETTER_T = 0x74;
const LETTER_F = 0x66;

/**
 * What may stand at a path: `text` is the message, for one path at most, and is written to a buffer; everything else is
 * small metadata. A `string` has at most 256 bytes, and an array of `strings` at most 256 of them.
 */
export type FieldKind = "text" | "string" | "strings" | "number" | "boolean" | "object";

/**
 * What was found: metadata as it is, null for null, for the text the number of its bytes, and for an object the number
 * of its members that no path names.
 */
export type FieldValue = string | number | boolean | null | readonly string[];

interface PathNode {
  readonly path: string;
  readonly name: Uint8Array;
  kind: FieldKind;
  readonly children: PathNode[];
}

/** Paths made ready by `jsonPaths`. */
export type JsonPaths = PathNode;

/** What was found in one JSON text. */
export interface JsonFields {
  /** By path; a field that is absent has no entry. */
  readonly values: ReadonlyMap<string, FieldValue>;
  /** The message as UTF-8, empty where there is none. Whoever reads fields wipes it. */
  readonly text: Uint8Array;
}

const encoder = new TextEncoder();
// Only names and metadata come here, never the text; it is wiped after each of them.
const short = createSink(new Uint8Array(LONGEST_STRING_BYTES));
const ignored = createSink(new Uint8Array(0));

/** Makes paths such as `comment.text` ready for reading; what leads to a path is an object. */
export function jsonPaths(kinds: Readonly<Record<string, FieldKind>>): JsonPaths {
  const root: PathNode = { path: "", name: new Uint8Array(0), kind: "object", children: [] };
  for (const [path, kind] of Object.entries(kinds)) {
    let node = root;
    for (const name of path.split(".")) {
      const childPath = node === root ? name : `${node.path}.${name}`;
      let child = node.children.find((known) => known.path === childPath);
      if (child === undefined) {
        child = { path: childPath, name: encoder.encode(name), kind: "object", children: [] };
        node.children.push(child);
      }
      node = child;
    }
    node.kind = kind;
  }
  return root;
}

/**
 * Reads fields at fixed paths of one JSON object (RFC 8259) in `bytes[start..end)` and passes over all others. No string
 * is made of the text or of what is passed over.
 *
 * Throws LINE_NOT_JSON, LINE_NOT_UTF8 (in metadata), TEXT_NOT_STRING, FIELD_INVALID (another type or too long) and
 * FIELD_DUPLICATE; what was read of the text is then wiped. LINE_NOT_JSON outweighs the others, among which the first counts.
 */
export function readJsonFields(bytes: Uint8Array, start: number, end: number, paths: JsonPaths): JsonFields {
  const scanner: JsonScanner = { bytes, position: start, end, cut: false };
  const text = createSink(new Uint8Array(end - start));
  const values = new Map<string, FieldValue>();
  let fault: EarshotErrorCode | undefined;

  function readMembers(node: PathNode, depth: number): number {
    let others = 0;
    readObject(scanner, depth, short, () => {
      const child = node.children.find(({ name }) => isEqual(name, short));
      clearSink(short);
      if (child === undefined) {
        others++;
        skipValue(scanner, depth, ignored);
      } else if (values.has(child.path)) wrong("FIELD_DUPLICATE", depth);
      else values.set(child.path, readField(child, depth));
    });
    return others;
  }

  function readField(node: PathNode, depth: number): FieldValue {
    const found = peekKind(scanner);
    if (found === "null") {
      skipValue(scanner, depth, ignored);
      return null;
    }
    if (node.kind === "text") {
      if (found !== "string") return wrong("TEXT_NOT_STRING", depth);
      readString(scanner, text);
      return text.length;
    }
    if (node.kind === "number") return readNumber(found, depth);
    if (node.kind === "string") return readShort(found, depth);
    const first = current(scanner);
    if (node.kind === "boolean") {
      if (first !== LETTER_T && first !== LETTER_F) return wrong("FIELD_INVALID", depth);
      skipValue(scanner, depth, ignored);
      return first === LETTER_T;
    }
    if (first !== FIRST_BYTES[node.kind]) return wrong("FIELD_INVALID", depth);
    return node.kind === "object" ? readMembers(node, depth + 1) : readStrings(depth + 1);
  }

  function readNumber(found: string, depth: number): FieldValue {
    if (found !== "number") return wrong("FIELD_INVALID", depth);
    const from = scanner.position;
    skipNumber(scanner);
    const value =
      scanner.position - from > LONGEST_NUMBER_BYTES
        ? Number.NaN
        : Number(metadataString(bytes, from, scanner.position));
    if (!Number.isFinite(value)) fault ??= "FIELD_INVALID";
    return value;
  }

  function readShort(found: string, depth: number): string | null {
    if (found !== "string") return wrong("FIELD_INVALID", depth);
    readString(scanner, short);
    const value = stringOf(short);
    clearSink(short);
    return value;
  }

  function stringOf({ bytes: held, length, illFormed, overflowed }: ByteSink): string | null {
    if (illFormed) fault ??= "LINE_NOT_UTF8";
    else if (overflowed) fault ??= "FIELD_INVALID";
    else return metadataString(held, 0, length);
    return null;
  }

  function readStrings(depth: number): readonly string[] {
    const strings: string[] = [];
    readArray(scanner, depth, () => {
      const value = readShort(peekKind(scanner), depth);
      if (strings.length === MOST_STRINGS) fault ??= "FIELD_INVALID";
      else if (value !== null) strings.push(value);
    });
    return strings;
  }

  function wrong(code: EarshotErrorCode, depth: number): null {
    fault ??= code;
    skipValue(scanner, depth, ignored);
    return null;
  }

  try {
    readMembers(paths, 1);
    expectEnd(scanner);
  } catch {
    fault = "LINE_NOT_JSON";
  } finally {
    clearSink(short);
    clearSink(ignored);
  }
  if (fault !== undefined) {
    clearSink(text);
    throw new EarshotError(fault);
  }
  return { values, text: text.bytes.subarray(0, text.length) };
}
