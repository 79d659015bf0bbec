import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CanaryScript } from "../audit/canary.js";
import { renderAuditJson } from "../audit/report.js";
import { renderAuditHtml } from "../audit/report-html.js";
import { renderAuditText } from "../audit/report-text.js";
import { type AuditOptions, runAudit } from "../audit/run-audit.js";
import { bundledFolder, loadPack } from "../model/pack.js";
import { derivedForms } from "./audit-forms.js";
import { writeResult } from "./output-file.js";
import { programVersion } from "./program-version.js";
import { createProgress } from "./progress.js";
import { EXIT } from "./score.js";

/** Options of `earshot audit`, as the command line gives them. */
export interface AuditCommandOptions {
  readonly format: "text" | "json" | "html";
  readonly output?: string;
  readonly lines?: boolean;
  /** Audit `earshot serve`. */
  readonly serve?: boolean;
  readonly pack?: string;
  /** How long the system calls are observed. */
  readonly seconds: number;
  readonly quick?: boolean;
}

const RENDERERS = { text: renderAuditText, json: renderAuditJson, html: renderAuditHtml } as const;
const QUICK: { readonly scripts: readonly CanaryScript[]; readonly sizes: readonly number[] } = {
  scripts: ["latin", "cyrillic"],
  sizes: [3, 16, 311],
};
const CORE_DUMP_FILTER = "/proc/self/coredump_filter";
/** What the kernel starts with: core(5). */
const DEFAULT_CORE_DUMP_FILTER = "0x33";

/**
 * Audits `earshot score` or `earshot serve` on this machine and writes the report; returns the exit code.
 *
 * @throws EarshotError as `loadPack` does, and `OUTPUT_FAILED` or `OUTPUT_CLOSED` when the report cannot be written
 */
export async function audit(options: AuditCommandOptions): Promise<number> {
  const main = realpathSync(process.argv[1]);
  const folder = options.pack ?? bundledFolder();
  const pack = loadPack(folder);
  letChildrenDumpCore();
  const { onProgress, finish } = await createProgress();
  const ownFolder = mkdtempSync(join(tmpdir(), "earshot-socket-"));
  try {
    const report = await runAudit({
      ...(options.serve ? serveSubject(main, folder, join(ownFolder, "socket")) : scoreSubject(main, folder, options)),
      ...derivedForms(pack),
      subject: {
        program: options.serve ? "earshot serve" : "earshot score",
        version: programVersion(),
        pack: `${pack.manifest.name}@${pack.manifest.version}`,
        quick: options.quick ?? false,
      },
      packFolders: [folder],
      runtimeFolder: dirname(main),
      egressSeconds: options.seconds,
      onProgress,
      ...(options.quick && QUICK),
    });
    finish();
    writeResult(RENDERERS[options.format](report), options.output);
    return report.status === "FAIL" ? EXIT.failed : EXIT.done;
  } finally {
    rmSync(ownFolder, { recursive: true });
  }
}

type Subject = Pick<AuditOptions, "command" | "comparison" | "format" | "socketPath">;

function scoreSubject(main: string, pack: string, { lines = false }: AuditCommandOptions): Subject {
  const mode = lines ? ["--lines"] : [];
  return {
    command: [process.execPath, main, "score", "-", "--format", "jsonl", "--pack", pack, ...mode],
    comparison: stringProgram(main, pack, lines ? "line" : "JSON.parse(line).text"),
    format: lines ? "lines" : "json-lines",
  };
}

function serveSubject(main: string, pack: string, socketPath: string): Subject {
  const command = [process.execPath, main, "serve", "--socket", socketPath, "--pack", pack];
  return { command, socketPath, format: "json-lines" };
}

/** Children inherit the filter: the audited program has to close its core dumps by itself. This one holds no message. */
function letChildrenDumpCore(): void {
  if (existsSync(CORE_DUMP_FILTER)) writeFileSync(CORE_DUMP_FILTER, DEFAULT_CORE_DUMP_FILTER);
}

/** A program that gives the library strings instead of bytes, to show what that costs. */
function stringProgram(main: string, pack: string, text: string): readonly string[] {
  const source = `
    import { createTriage } from ${JSON.stringify(new URL("../index.js", pathToFileURL(main)).href)};
    const triage = await createTriage({ pack: ${JSON.stringify(pack)} });
    let rest = "";
    for await (const chunk of process.stdin.setEncoding("utf8")) {
      const lines = (rest + chunk).split("\\n");
      rest = lines.pop();
      for (const line of lines) process.stdout.write(JSON.stringify(await triage.assess(${text})) + "\\n");
    }`;
  return [process.execPath, "--input-type=module", "--eval", source];
}
