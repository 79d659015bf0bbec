import { AUDIT_LIMITS, type AuditLine, type AuditReport, type AuditStatus, describeSubject } from "./report.js";

const SIGNS: Readonly<Record<AuditStatus, string>> = { PASS: "✓", FAIL: "✗", NOT_VERIFIED: "?" };
const WORDS: Readonly<Record<AuditStatus, string>> = {
  PASS: "Kept",
  FAIL: "Broken",
  NOT_VERIFIED: "Not verified",
};
const VERDICTS: Readonly<Record<AuditStatus, string>> = {
  PASS: "Every promise was kept, and every control was noticed: a program that breaks the promise on purpose.",
  FAIL: "At least one promise was broken. Do not use this installation for real messages before it is put right.",
  NOT_VERIFIED: "No promise was seen to be broken, but at least one could not be checked on this machine.",
};

const STYLE = `
:root { color-scheme: light dark; --line: #8888; --pass: #0a6b3d; --fail: #b3261e; --open: #7a5200; }
@media (prefers-color-scheme: dark) { :root { --pass: #6fd8a3; --fail: #ff8a80; --open: #ffcf70; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.verdict { border-left: .4rem solid; padding: .6rem 1rem; margin: 1.5rem 0; }
.verdict strong { font-size: 1.2rem; }
.PASS { color: var(--pass); } .FAIL { color: var(--fail); } .NOT_VERIFIED { color: var(--open); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .6rem .8rem .6rem 0; border-bottom: 1px solid var(--line); }
td.status { white-space: nowrap; font-weight: 600; }
code { font: .82em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; } dd { margin: 0; overflow-wrap: anywhere; }
.small { font-size: .88em; margin: .3rem 0 0; }
@media print {
  :root { color-scheme: light; --pass: #0a6b3d; --fail: #b3261e; --open: #7a5200; }
  body { font-size: 10pt; margin: 0; max-width: none; } tr, .verdict { break-inside: avoid; } thead { display: table-header-group; }
  @page { margin: 18mm 16mm; }
}`;

/** The report as one page that needs nothing else: no script, no font, no image, and no address to load from. */
export function renderAuditHtml(report: AuditReport): string {
  const { surroundings, subject } = report;
  const facts: readonly (readonly [string, string])[] = [
    ["Made on", report.startedAt],
    ["Took", `${Math.round(report.seconds)} seconds`],
    ["Program", surroundings.command.join(" ")],
    ...(subject === undefined ? [] : [["Subject", describeSubject(subject)] as const]),
    ["Node.js", surroundings.node],
    ["Machine", `${surroundings.platform} ${surroundings.architecture}, kernel ${surroundings.kernel}`],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Earshot audit: ${escapeHtml(WORDS[report.status])}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Earshot audit</h1>
<p>What becomes of the messages that people write? This page shows what was measured on the machine that reads them.</p>
<div class="verdict ${report.status}"><strong>${SIGNS[report.status]} ${WORDS[report.status]}</strong><br>${VERDICTS[report.status]}</div>
<h2>Promises</h2>
<table>
<thead><tr><th scope="col">Result</th><th scope="col">Promise and measurement</th></tr></thead>
<tbody>
${report.lines.map(renderRow).join("\n")}
</tbody>
</table>
<h2>How it was measured</h2>
<p>The program was started as it is used every day. It was sent random words that no person wrote, in several scripts and sizes.
After its answers, and again after further messages, all of its memory was read and searched for these words in every form in which
computers usually keep text. In a second run everything that it asked of the operating system was observed.
A <em>control</em> is a program that breaks the promise on purpose. A check counts only if it notices its control.</p>
<h2>What this does not cover</h2>
<ul>
${AUDIT_LIMITS.map((limit) => `<li>${escapeHtml(limit)}</li>`).join("\n")}
</ul>
<h2>Circumstances</h2>
<dl>
${facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join("\n")}
</dl>
</body>
</html>
`;
}

function renderRow(line: AuditLine): string {
  const control =
    line.control === undefined
      ? ""
      : `<p class="small">Control ${line.control.caught ? "noticed" : "<strong>not noticed</strong>"}: <code>${escapeHtml(line.control.figure)}</code></p>`;
  const comparison =
    line.comparison === undefined
      ? ""
      : `<p class="small">For comparison, the same library given strings instead of bytes: <code>${escapeHtml(line.comparison)}</code></p>`;
  const evidence = (line.evidence ?? []).map((item) => `<li><code>${escapeHtml(item)}</code></li>`).join("");
  return `<tr><td class="status ${line.status}">${SIGNS[line.status]} ${WORDS[line.status]}</td>
<td>${escapeHtml(line.promise)}
<p class="small"><code>${escapeHtml(`${line.id}: ${line.figure}`)}</code></p>${control}${comparison}${evidence === "" ? "" : `<ul class="small">${evidence}</ul>`}</td></tr>`;
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  // A file name may hold characters that have no place in a page.
  return text.replace(/\p{C}/gu, "?").replace(/[&<>"']/g, (character) => entities[character]);
}
