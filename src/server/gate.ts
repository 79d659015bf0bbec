import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { EarshotError, type EarshotErrorCode } from "../errors.js";

/** Fewest characters of a token. */
const SHORTEST_TOKEN = 32;
const TOKEN = /^[\x21-\x7e]+$/;
/** What a path and a query may hold (RFC 3986): with anything else, programs do not agree on what is meant. */
const TARGET = /^\/[\w\-.~!$&'()*+,;=:@%/?]*$/;
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
const BEARER = /^Bearer +(\S+)$/i;
/** What may be asked without a token: programs that watch the service have none, and the answer is no secret. */
const OPEN_PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/** Checks a token that an operator gave. */
export function checkToken(token: string): void {
  if (token.length < SHORTEST_TOKEN || !TOKEN.test(token)) throw new EarshotError("TOKEN_INVALID");
}

/** What stands before the routes. */
export interface Gate {
  /**
   * Says why a request is refused, or nothing.
   *
   * @param isLoopback whether it came over the loopback interface, where a web page can reach the service under any name
   */
  refuse(target: string, headers: IncomingHttpHeaders, isLoopback: boolean): EarshotErrorCode | undefined;
}

/** Makes the gate, with a token that `checkToken` has checked. */
export function createGate(token: string | undefined): Gate {
  const expected = token === undefined ? undefined : hashOf(token);

  const hasToken = ({ authorization = "" }: IncomingHttpHeaders): boolean => {
    if (expected === undefined) return true;
    // Hashes, because only what has the same length can be compared in constant time.
    return timingSafeEqual(hashOf(BEARER.exec(authorization)?.[1] ?? ""), expected);
  };

  return {
    refuse(target, headers, isLoopback) {
      if (!TARGET.test(target) || headers.host === undefined) return "REQUEST_INVALID";
      // Browsers send it with everything that a page may post, and no other program has a reason to.
      if (headers.origin !== undefined) return "REQUEST_FORBIDDEN";
      // A page of a name that was pointed at 127.0.0.1 counts as of the same origin, but must say the name.
      if (isLoopback && !LOCAL_HOST.test(headers.host)) return "REQUEST_FORBIDDEN";
      if (!hasToken(headers) && !OPEN_PATHS.has(pathOf(target))) return "TOKEN_MISSING";
      return undefined;
    },
  };
}

/** The target of a request without its query. */
export function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}

function hashOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
