import { EarshotError } from "../errors.js";

/** A file of JSON nests no deeper than this. */
const MAXIMUM_DEPTH = 32;

/** A value of JSON that knows where its parts stand. */
export interface LocatedJson {
  readonly value: unknown;
  /** Lines, counted from 1, of fields that their object has already. */
  readonly repeated: readonly number[];
  /** The line, counted from 1, on which a part begins; for a part that is missing, the line of what it is missing from. */
  lineOf(path: readonly PropertyKey[]): number;
}

/**
 * Reads JSON as `JSON.parse` does and keeps the lines, which that does not tell: a person who edits a file has to find the
 * mistake.
 *
 * @throws EarshotError `DIRECTORY_INVALID` with the `line` that is not JSON
 */
export function readLocatedJson(text: string): LocatedJson {
  const lines = new Map<string, number>();
  const repeated: number[] = [];
  let at = 0;
  let line = 1;

  const fail = (): never => {
    throw new EarshotError("DIRECTORY_INVALID", { problems: 1, line });
  };
  const skipBlank = (): void => {
    for (; " \n\r\t".includes(text[at] ?? "."); at += 1) if (text[at] === "\n") line += 1;
  };
  const take = (mark: string): boolean => {
    skipBlank();
    if (text[at] !== mark) return false;
    at += 1;
    return true;
  };
  /** A string, number, true, false or null: what none of these is, JSON.parse refuses. */
  const readToken = (): unknown => {
    skipBlank();
    const end = text[at] === '"' ? endOfString(text, at) : endOfWord(text, at);
    try {
      const token = JSON.parse(text.slice(at, end)) as unknown;
      at = end;
      return token;
    } catch {
      return fail();
    }
  };
  const readObject = (path: string, depth: number): unknown => {
    const fields = new Map<string, unknown>();
    if (take("}")) return {};
    do {
      const key = readToken();
      if (typeof key !== "string") return fail();
      if (fields.has(key)) repeated.push(line);
      if (!take(":")) return fail();
      fields.set(key, readValue(`${path}/${key}`, depth + 1));
    } while (take(","));
    // Object.fromEntries makes a field of its own even of "__proto__", as JSON.parse does.
    return take("}") ? Object.fromEntries(fields) : fail();
  };
  const readArray = (path: string, depth: number): unknown => {
    const items: unknown[] = [];
    if (take("]")) return items;
    do items.push(readValue(`${path}/${items.length}`, depth + 1));
    while (take(","));
    return take("]") ? items : fail();
  };
  const readValue = (path: string, depth: number): unknown => {
    if (depth > MAXIMUM_DEPTH) return fail();
    skipBlank();
    lines.set(path, line);
    if (take("{")) return readObject(path, depth);
    return take("[") ? readArray(path, depth) : readToken();
  };

  const value = readValue("", 0);
  skipBlank();
  if (at < text.length) fail();
  return {
    value,
    repeated,
    lineOf(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const known = lines.get(`/${path.slice(0, length).map(String).join("/")}`);
        if (known !== undefined) return known;
      }
      return lines.get("") ?? 1;
    },
  };
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function endOfWord(text: string, start: number): number {
  let end = start;
  while (end < text.length && !' \n\r\t,:[]{}"'.includes(text[end])) end += 1;
  return end;
}
