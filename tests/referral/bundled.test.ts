import { describe, expect, it } from "vitest";
import { BUNDLED_DIRECTORY } from "../../src/referral/bundled.js";
import { WORLD } from "../../src/referral/schema.js";
import { validateDirectory } from "../../src/referral/validate.js";

const { entries } = BUNDLED_DIRECTORY;

describe("the bundled directory", () => {
  it("has the form of a directory", () => {
    expect(validateDirectory(BUNDLED_DIRECTORY)).toEqual(BUNDLED_DIRECTORY);
    expect(`${BUNDLED_DIRECTORY.name}@${BUNDLED_DIRECTORY.version}`).toBe("earshot-directory@2026.11.21");
  });

  it("says of every entry where it comes from and that nobody dialled it", () => {
    for (const { source, verifiedBy } of entries) {
      // A page, a file of a repository, or the lists that agree.
      expect(source).toMatch(/https?:\/\/|github\.com|agreement of: .+; |\w+\/\w+\.(md|js|json)\b/);
      expect(verifiedBy).toBe("source transcription; not dialled");
    }
  });

  it("claims no date that had not come when the facts were collected", () => {
    const dates = entries.map(({ verifiedOn }) => verifiedOn).filter((date) => date !== null);
    expect(dates.length).toBeGreaterThan(200);
    expect(dates.filter((date) => date > BUNDLED_DIRECTORY.generated)).toEqual([]);
  });

  it("has emergency numbers for all countries but the one whose number a single list gives", () => {
    const countries = new Set(entries.map(({ country }) => country));
    const covered = new Set(entries.filter(({ kinds }) => kinds.includes("emergency")).map(({ country }) => country));
    expect(countries.size).toBe(108);
    expect([...countries].filter((country) => !covered.has(country))).toEqual([WORLD, "CD"]);
  });

  it("gives no helpline the number of an emergency service", () => {
    const emergency = new Set(addressesOf((kinds) => kinds.includes("emergency")));
    expect(addressesOf((kinds) => !kinds.includes("emergency")).filter((address) => emergency.has(address))).toEqual(
      [],
    );
  });

  it("has no number for the whole world", () => {
    const channels = entries.filter(({ country }) => country === WORLD).flatMap((entry) => entry.channels);
    expect(channels.map(({ kind }) => kind)).toEqual(["web", "web"]);
  });

  it("is sorted by country, then id", () => {
    const keys = entries.map(({ country, id }) => `${country} ${id}`);
    expect(keys).toEqual([...keys].sort());
  });
});

function addressesOf(accepts: (kinds: readonly string[]) => boolean): string[] {
  return entries
    .filter(({ kinds }) => accepts(kinds))
    .flatMap(({ country, channels }) => channels.map(({ address }) => `${country} ${address}`));
}
