/** How a page of ours looks, on a screen and on paper. Plots keep a white ground, so that dark mode does not hide them. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8888; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); }
.wide { font-size: .75em; }
.scroll { overflow-x: auto; }
figure { background: #fff; margin: .5rem 0; padding: .5rem; width: fit-content; max-width: 100%; box-sizing: border-box; }
figure svg { max-width: 100%; height: auto; display: block; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; } dd { margin: 0; overflow-wrap: anywhere; }
.small { font-size: .88em; }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10pt; margin: 0; max-width: none; } tr, figure { break-inside: avoid; } h2, h3 { break-after: avoid; }
  thead { display: table-header-group; } .scroll { overflow-x: visible; } .wide { font-size: 7pt; }
  @page { margin: 18mm 16mm; }
}`;

/** One page that needs nothing else: no script, no font, and no address to load from. */
export function renderPage(title: string, body: string, style: string = STYLE): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** A drawing with what it shows in words, for those who cannot see it. */
export function renderFigure(alternative: string, svg: string): string {
  const label = escapeHtml(alternative);
  return `<figure role="img" aria-label="${label}">${svg.replace("<svg ", '<svg aria-hidden="true" ')}</figure>`;
}

/** A table whose first column names the rows. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[], className = ""): string {
  const body = rows.map(
    ([name, ...cells]) =>
      `<tr><th scope="row">${escapeHtml(name)}</th>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join("")}</tr>`,
  );
  return `<div class="scroll"><table${className === "" ? "" : ` class="${className}"`}>
<thead><tr>${head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("")}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table></div>`;
}

/** Makes a text safe to stand in a page or in an attribute. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}
