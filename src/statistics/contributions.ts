import { createHmac, randomBytes } from "node:crypto";
import { EarshotError } from "../errors.js";

const KEY_BYTES = 32;
const NUMBER = Uint8Array.of(0);
const BYTES = Uint8Array.of(1);

/** Who a record is about: an id of the person, or else of the conversation. Equal keys are the same person. */
export type PersonKey = number | Uint8Array;

/** Lets each person contribute to a release only so often. */
export interface ContributionBound {
  /**
   * Whether one more record of this person may count.
   *
   * @throws EarshotError `FIELD_INVALID` unless the key is a whole number or has at least one byte
   */
  admit(person: PersonKey): boolean;
  /** Forgets everybody, and the key with which they could be recognised. */
  reset(): void;
}

/**
 * Counts the first `limit` records of each person, in the order given. To choose among all of them at random would be
 * fairer to later ones, but would take keeping who said what until the release; so only a number is kept for each keyed
 * hash. Which records count never depends on other people, as the guarantee needs.
 *
 * The key is random and lives as long as the hashes. It keeps ids out of memory, but whoever reads all memory of the
 * process meanwhile has the key as well and can try ids out.
 */
export function createContributionBound(limit: number): ContributionBound {
  const key = randomBytes(KEY_BYTES);
  const counted = new Map<string, number>();
  return {
    admit(person) {
      const hash = createHmac("sha256", key);
      if (typeof person === "number") {
        if (!Number.isSafeInteger(person)) throw new EarshotError("FIELD_INVALID");
        hash.update(NUMBER).update(BigInt64Array.of(BigInt(person)));
      } else {
        if (!(person instanceof Uint8Array) || person.length === 0) throw new EarshotError("FIELD_INVALID");
        hash.update(BYTES).update(person);
      }
      const name = hash.digest("base64");
      const before = counted.get(name) ?? 0;
      if (before >= limit) return false;
      counted.set(name, before + 1);
      return true;
    },
    reset() {
      counted.clear();
      randomBytes(KEY_BYTES).copy(key);
    },
  };
}
