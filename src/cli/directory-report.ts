import Table from "cli-table3";
import type { DirectoryCheck } from "../referral/check.js";
import type { ReferralExplanation } from "../referral/explain.js";
import type { ReferralText } from "../referral/messages.js";
import type { DirectoryEntry } from "../referral/schema.js";

/** An entry with the mark that `list` shows. */
export interface ListedEntry extends DirectoryEntry {
  readonly stale: boolean;
}

/** What a check found, line by line, and what the file would change. */
export function renderCheck(check: DirectoryCheck): string {
  const { problems, warnings } = check;
  if (problems.length > 0) {
    const lines = problems.map(
      ({ line, field, problem }) => `line ${line}: ${field === "" ? "" : `${field}: `}${problem}`,
    );
    return [...lines, `To put right before the file can be used: ${problems.length}.`].join("\n");
  }
  return [
    ...warnings.map(({ line, code, id }) => `line ${line}: ${code} ${id}`),
    `The file can be used. Entries added: ${check.added}, replaced: ${check.replaced}, left out: ${check.leftOut}.`,
    `Bundled entries that stay: ${check.bundled}, of these stale: ${check.bundledStale} (list --stale).`,
    ...(warnings.length > 0 ? [`To look at: ${warnings.length}.`] : []),
  ].join("\n");
}

/** Entries as a table; a number that wants checking has a mark beside its date. */
export function renderList(entries: readonly ListedEntry[]): string {
  const table = newTable(["id", "service", "kinds", "reached at", "languages", "verified"], [34, 28, 20, 30, 12, 14]);
  for (const entry of entries) {
    const { id, region, service, kinds, languages, verifiedOn, stale } = entry;
    table.push([
      id,
      region === undefined ? service : `${service} (${region})`,
      kinds.join("\n"),
      addresses(entry),
      languages.join(" "),
      `${verifiedOn ?? "unknown"}${stale ? "\n! stale" : ""}`,
    ]);
  }
  const stale = entries.filter((entry) => entry.stale).length;
  return `${table.toString()}\n${entries.length} entries, ${stale} stale. Numbers were not dialled unless an entry says so.`;
}

/** A choice: what is offered in its order, what is not, and why. */
export function renderExplanation(explanation: ReferralExplanation, message: ReferralText): string {
  const { referrals, leftOut, notice, otherCountries } = explanation;
  const table = newTable(["place", "id", "reached at", "why"], [7, 40, 32, 44]);
  for (const [index, { id, channels, stale, why }] of referrals.entries())
    table.push([String(index + 1), id, addresses({ channels }), [...why, ...(stale ? ["STALE"] : [])].join("\n")]);
  for (const { entry, reason } of leftOut) table.push(["-", entry.id, addresses(entry), reason]);
  return [
    table.toString(),
    `${referrals.length} offered, ${leftOut.length} not; ${otherCountries} entries of other countries.`,
    ...(notice === undefined ? [] : [`Notice: ${notice}`]),
    ...(referrals.length === 0 ? [] : [`Words shown with it (${message.language}): ${message.text}`]),
  ].join("\n");
}

function newTable(head: string[], colWidths: number[]): Table.Table {
  return new Table({
    head,
    colWidths,
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
}

function addresses({ channels }: Pick<DirectoryEntry, "channels">): string {
  return channels.map(({ kind, address }) => `${kind} ${address}`).join("\n");
}
