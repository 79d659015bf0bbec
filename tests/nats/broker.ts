import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { endAll, hasBroker } from "../support/nats-processes.js";

export { type Broker, hasBroker, startBroker, startWork, type WorkProcess } from "../support/nats-processes.js";

/** What stands behind the names of tests that are skipped without a server. */
export const ifBroker: string = hasBroker ? "" : " (needs nats-server)";
/** Whether certificates can be made. */
export const hasOpenssl: boolean = spawnSync("openssl", ["version"]).status === 0;

const folders: string[] = [];

afterAll(() => {
  endAll();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed when the tests of this file are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "earshot-nats-"));
  folders.push(folder);
  return folder;
}

/** Makes a certificate for this machine that vouches for itself; returns the files of certificate and key. */
export function makeCertificate(): { readonly certificate: string; readonly key: string } {
  const folder = temporaryFolder();
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  const options =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1";
  execFileSync("openssl", [...options.split(" "), "-keyout", key, "-out", certificate], { stdio: "ignore" });
  return { certificate, key };
}
