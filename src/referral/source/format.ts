const WIDTH = 120;

/** JSON in the layout of this project's formatter: objects one field a line, arrays of plain values on one line if they fit. */
export function formatJson(value: unknown): string {
  return `${format(value, "", 0)}\n`;
}

function format(value: unknown, indent: string, used: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const flat = `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
    const isPlain = value.every((item) => typeof item !== "object" || item === null);
    // The comma that may follow counts towards the width.
    if (isPlain && used + flat.length + 1 <= WIDTH) return flat;
    return `[\n${value.map((item) => inner + format(item, inner, inner.length)).join(",\n")}\n${indent}]`;
  }
  const fields = Object.entries(value).map(([key, field]) => {
    const start = `${inner}${JSON.stringify(key)}: `;
    return start + format(field, inner, start.length);
  });
  return `{\n${fields.join(",\n")}\n${indent}}`;
}
