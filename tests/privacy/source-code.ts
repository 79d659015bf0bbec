import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

const SOURCE: string = resolve(import.meta.dirname, "../../src");

/** Ways to make a string of bytes, or to keep one. */
const CALLS: ReadonlySet<string> = new Set(
  "toString toLocaleString split match matchAll replace replaceAll normalize localeCompare join fromCharCode fromCodePoint toUpperCase toLowerCase decode test exec".split(
    " ",
  ),
);
const NAMES: ReadonlySet<string> = new Set(["RegExp", "TextDecoder", "console", "Intl", "String", "Buffer"]);

/** A module and what it uses. */
export interface SourceModule {
  /** From `src`, as in `text/lines.ts`. */
  readonly file: string;
  /** Packages and modules of Node.js that it imports at run time, with the imported names of the latter. */
  readonly imports: readonly string[];
  /** What could turn bytes into strings: `regexp`, `template`, a call as in `.split`, a name as in `Buffer`. */
  readonly constructs: readonly string[];
}

/** The modules that are loaded when `entries` are, also on demand; without those below a folder of `except`. */
export function readModules(entries: readonly string[], except: readonly string[] = []): readonly SourceModule[] {
  const modules = new Map<string, SourceModule>();
  const visit = (path: string): void => {
    const file = relative(SOURCE, path).replaceAll("\\", "/");
    if (modules.has(file) || file.endsWith(".json") || except.some((prefix) => file.startsWith(prefix))) return;
    const { specifiers, ...found } = readModule(readFileSync(path, "utf8"));
    modules.set(file, { file, ...found });
    for (const specifier of specifiers) visit(resolve(dirname(path), specifier.replace(/\.js$/, ".ts")));
  };
  for (const entry of entries) visit(join(SOURCE, entry));
  return [...modules.values()];
}

/** Reads one module. Exported so that a test can show what would be found. */
export function readModule(text: string): Omit<SourceModule, "file"> & { readonly specifiers: readonly string[] } {
  const specifiers: string[] = [];
  const imports = new Set<string>();
  const constructs = new Set<string>();
  const follow = (specifier: ts.Node | undefined, names: readonly string[]): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) imports.add("(computed)");
    else if (specifier.text.startsWith(".")) specifiers.push(specifier.text);
    else if (specifier.text.startsWith("node:")) for (const name of names) imports.add(`${specifier.text} ${name}`);
    else imports.add(specifier.text);
  };
  const walk = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const names = runtimeNames(node.importClause);
      if (names.length > 0) follow(node.moduleSpecifier, names);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && !node.isTypeOnly) {
      follow(node.moduleSpecifier, ["*"]);
    } else if (ts.isCallExpression(node)) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) follow(node.arguments[0], ["*"]);
      const called = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : "";
      if (CALLS.has(called)) constructs.add(`.${called}`);
    } else if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) constructs.add("regexp");
    else if (ts.isTemplateExpression(node)) constructs.add("template");
    else if (ts.isIdentifier(node) && NAMES.has(node.text) && !ts.isTypeReferenceNode(node.parent)) {
      constructs.add(node.text);
    }
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile("module.ts", text, ts.ScriptTarget.Latest, true));
  return { specifiers, imports: [...imports].sort(), constructs: [...constructs].sort() };
}

/** The names that an import brings in at run time; `*` for all of them. */
function runtimeNames(clause: ts.ImportClause | undefined): readonly string[] {
  if (clause === undefined) return ["*"];
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
  const bindings = clause.namedBindings;
  if (bindings === undefined || ts.isNamespaceImport(bindings)) return ["*"];
  const named = bindings.elements
    .filter(({ isTypeOnly }) => !isTypeOnly)
    .map(({ name, propertyName }) => (propertyName ?? name).text);
  return clause.name === undefined ? named : [...named, "default"];
}
