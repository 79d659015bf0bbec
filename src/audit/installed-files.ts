import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve, sep } from "node:path";

/** A binary of the model runtime. */
export interface RuntimeBinary {
  /** Path inside the package. */
  readonly path: string;
  readonly sha256: string;
  /** Whether the address of the telemetry collector stands in it. */
  readonly holdsCollector: boolean;
}

/** The onnxruntime-node that a program in a given folder would load. */
export interface ModelRuntime {
  readonly version: string;
  readonly binaries: readonly RuntimeBinary[];
}

/** Whether the files of a model pack are those that its manifest lists. */
export interface PackFiles {
  readonly files: number;
  readonly matching: number;
}

const RUNTIME = "onnxruntime-node";
// Found in the official Linux and macOS binaries from 1.29 on, see docs/Privacy.md of microsoft/onnxruntime.
const COLLECTOR = Buffer.from("mobile.events.data.microsoft.com", "latin1");

/** Examines the onnxruntime-node that code in `folder` would load, for this platform. Undefined when there is none. */
export async function readModelRuntime(folder: string): Promise<ModelRuntime | undefined> {
  // The folders in which Node.js looks, searched by hand: a package may hide its manifest from `require`.
  const places = createRequire(join(resolve(folder), "index.js")).resolve.paths(RUNTIME) ?? [];
  const root = places.map((place) => join(place, RUNTIME)).find((candidate) => existsSync(candidate));
  if (root === undefined) return undefined;
  const binaries: RuntimeBinary[] = [];
  for (const path of listBinaries(root)) {
    const { sha256, holdsCollector } = await examineFile(join(root, path));
    binaries.push({ path, sha256, holdsCollector });
  }
  return { version: readVersion(root), binaries };
}

function listBinaries(root: string): readonly string[] {
  const wanted = `/${process.platform}/${process.arch}/`;
  try {
    return readdirSync(join(root, "bin"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.split(sep).join("/").includes(wanted) && /\.(node|dll|dylib|so(\.[\d.]+)?)$/.test(file))
      .map((file) => join("bin", file))
      .sort();
  } catch {
    return [];
  }
}

function readVersion(root: string): string {
  try {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: unknown };
    return typeof version === "string" && /^[\w.+-]{1,60}$/.test(version) ? version : "UNKNOWN";
  } catch {
    return "UNKNOWN";
  }
}

/**
 * Compares the files of a pack with the sizes and hashes in its `manifest.json`, at whatever depth it lists
 * `{ path, bytes, sha256 }`. Undefined when the manifest cannot be read.
 */
export async function readPackFiles(folder: string): Promise<PackFiles | undefined> {
  const listed = readManifest(folder);
  if (listed === undefined) return undefined;
  let matching = 0;
  for (const entry of listed) if (await isAsListed(folder, entry)) matching += 1;
  return { files: listed.length, matching };
}

interface ListedFile {
  readonly path: string;
  readonly bytes?: number;
  readonly sha256: string;
}

function readManifest(folder: string): readonly ListedFile[] | undefined {
  try {
    return listedFiles(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")));
  } catch {
    return undefined;
  }
}

function listedFiles(value: unknown): readonly ListedFile[] {
  if (typeof value !== "object" || value === null) return [];
  if ("path" in value && "sha256" in value && typeof value.path === "string" && typeof value.sha256 === "string") {
    const bytes = "bytes" in value && typeof value.bytes === "number" ? { bytes: value.bytes } : {};
    return [{ path: value.path, sha256: value.sha256, ...bytes }];
  }
  return Object.values(value).flatMap(listedFiles);
}

async function isAsListed(folder: string, entry: ListedFile): Promise<boolean> {
  const path = resolve(folder, entry.path);
  // A pack speaks for its own folder only.
  if (!path.startsWith(resolve(folder) + sep)) return false;
  try {
    const { sha256, bytes } = await examineFile(path);
    return sha256 === entry.sha256.toLowerCase() && bytes === (entry.bytes ?? bytes);
  } catch {
    return false;
  }
}

/** Reads a file once: its hash, its size, and whether the collector's address stands in it. */
async function examineFile(path: string): Promise<{ sha256: string; bytes: number; holdsCollector: boolean }> {
  const hash = createHash("sha256");
  let bytes = 0;
  let holdsCollector = false;
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    const joined = Buffer.concat([tail, chunk]);
    holdsCollector ||= joined.includes(COLLECTOR);
    tail = joined.subarray(Math.max(0, joined.length - COLLECTOR.length + 1));
  }
  return { sha256: hash.digest("hex"), bytes, holdsCollector };
}
