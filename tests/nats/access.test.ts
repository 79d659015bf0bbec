import { existsSync, readFileSync } from "node:fs";
import {
  type Authenticator,
  connect,
  credsAuthenticator,
  nkeyAuthenticator,
  usernamePasswordAuthenticator,
} from "nats";
import { describe, expect, it } from "vitest";
import { createAsker } from "../../src/nats/asker.js";
import { BASE_PACK, type Finished, MAIN, parseFailure, run } from "../cli/command.js";
import { hasBroker, hasOpenssl, makeCertificate, startBroker, startWork } from "./broker.js";
import { makeCreds, makeNkey, makePassword, write } from "./credentials.js";

const canRun = hasBroker && existsSync(BASE_PACK) && existsSync(MAIN);
const needs = canRun ? "" : " (needs nats-server, the built command and the pack)";
const canEncrypt = canRun && hasOpenssl;
const needsOpenssl = canEncrypt ? "" : " (needs openssl)";
const TEXT = "I am going to do it tonight, I have everything here";

/** Runs a worker that is to end by itself. */
const runWork = (url: string, ...options: readonly string[]): Promise<Finished> =>
  run(["work", "--server", url, "--workers", "1", ...options]);

function expectFailure(finished: Finished, error: string): void {
  expect(parseFailure(finished)).toMatchObject({ error });
  expect(finished.exitCode).toBe(1);
}

describe(`who may take part${needs}`, () => {
  it.runIf(canRun).each([
    {
      kind: "a password",
      make: makePassword,
      optionsOf: (file: string) => ["--user", "worker", "--password-file", file],
      authenticatorOf: (secret: Buffer): Authenticator =>
        usernamePasswordAuthenticator("worker", secret.toString().trim()),
    },
    {
      kind: "a key",
      make: makeNkey,
      optionsOf: (file: string) => ["--nkey", file],
      authenticatorOf: (secret: Buffer): Authenticator => nkeyAuthenticator(secret),
    },
    {
      kind: "credentials",
      make: makeCreds,
      optionsOf: (file: string) => ["--creds", file],
      authenticatorOf: (secret: Buffer): Authenticator => credsAuthenticator(secret),
    },
  ])("$kind: taken, and no worker without", async ({ make, optionsOf, authenticatorOf }) => {
    const { configuration, file } = make();
    const broker = await startBroker(["-c", configuration]);
    const worker = await startWork(broker, ...optionsOf(file));
    const asking = await connect({ servers: broker.url, authenticator: authenticatorOf(readFileSync(file)) });
    expect((await createAsker(asking).assess(TEXT)).urgency).toBe("immediate");
    await asking.close();
    await worker.end("SIGTERM");
    expectFailure(await runWork(broker.url), "BROKER_UNREACHABLE");
    await broker.stop();
  });

  it.runIf(canEncrypt)(`TLS by a certificate that is known, and by no other${needsOpenssl}`, async () => {
    const { certificate, key } = makeCertificate();
    const broker = await startBroker(["--tls", "--tlscert", certificate, "--tlskey", key]);
    const worker = await startWork(broker, "--tls-ca", certificate);
    const asking = await connect({ servers: broker.url, tls: { caFile: certificate } });
    expect((await createAsker(asking).assess(TEXT)).urgency).toBe("immediate");
    await asking.close();
    await worker.end("SIGTERM");
    const strangers = [runWork(broker.url), runWork(broker.url, "--tls-ca", makeCertificate().certificate)];
    for (const stranger of await Promise.all(strangers)) expectFailure(stranger, "BROKER_UNREACHABLE");
    await broker.stop();
  });

  it.runIf(canEncrypt)(`a worker that cannot wipe what TLS keeps does not start${needsOpenssl}`, async () => {
    const { certificate, key } = makeCertificate();
    const { configuration, file } = write(
      'authorization { users = [ { user: w, password: p, permissions: { publish: { deny: "_INBOX.>" } } } ] }',
      "p",
    );
    const broker = await startBroker(["-c", configuration, "--tls", "--tlscert", certificate, "--tlskey", key]);
    const options = ["--tls-ca", certificate, "--user", "w", "--password-file", file];
    expectFailure(await runWork(broker.url, ...options), "BROKER_REFUSED");
    await broker.stop();
  });

  it.runIf(canRun)("to another machine it takes TLS, unless told otherwise", async () => {
    const broker = await startBroker();
    // Reaches this machine, but by an address that is not known to.
    const url = broker.url.replace("127.0.0.1", "0.0.0.0");
    expectFailure(await runWork(url), "BROKER_UNREACHABLE");
    const worker = await startWork({ ...broker, url }, "--allow-plaintext");
    expect(await worker.end("SIGTERM")).toBe(0);
    await broker.stop();
    // Nobody to connect to is a failure, not a wait.
    expectFailure(await runWork(broker.url), "BROKER_UNREACHABLE");
  });

  it.runIf(canRun)("what cannot be is wrong use", async () => {
    const finished = await Promise.all([
      run(["work"]),
      runWork("http://127.0.0.1"),
      runWork("nats://user:password@127.0.0.1"),
      runWork("nats://127.0.0.1", "--max-in-flight", "0"),
      runWork("nats://127.0.0.1", "--creds", "a", "--nkey", "b"),
      runWork("nats://127.0.0.1", "--state-key-file", "/nowhere"),
    ]);
    expect(finished.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2, 2, 2]);
  });
});
