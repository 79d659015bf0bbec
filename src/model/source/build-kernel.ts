/**
 * Compiles `kernel.as` to WebAssembly and writes `src/model/kernel.json`, the module in base64:
 *
 *     npx tsx src/model/source/build-kernel.ts
 *
 * The result is committed, so that building the library needs no compiler for it; a test compiles it again and compares.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const SOURCE = new URL("kernel.as", import.meta.url);
const MODULE = "kernel.wasm";
const OPTIONS = ["--optimizeLevel", "3", "--runtime", "stub", "--enable", "simd,bulk-memory"];

/** Compiles the kernel; the same source gives the same bytes. */
export async function compileKernel(): Promise<Uint8Array> {
  let module: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["kernel.ts", "--outFile", MODULE, ...OPTIONS, "--noAssert", "--importMemory", "--noExportMemory"],
    {
      // The compiler knows its files by the ending .ts, which would pass for TypeScript here.
      readFile: (name) => (name === "kernel.ts" ? readFileSync(SOURCE, "utf8") : null),
      writeFile: (name, contents) => {
        if (name === MODULE && contents instanceof Uint8Array) module = contents;
      },
      listFiles: () => [],
    },
  );
  if (module === undefined) throw new Error(`${error?.message ?? "nothing was written"}\n${stderr.toString()}`);
  return module;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const base64 = Buffer.from(await compileKernel()).toString("base64");
  writeFileSync(new URL("../kernel.json", import.meta.url), `${JSON.stringify({ module: base64 }, null, 2)}\n`);
}
