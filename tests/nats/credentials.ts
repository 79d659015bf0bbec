import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { nkeys } from "nats";
import { temporaryFolder } from "./broker.js";

type KeyPair = ReturnType<typeof nkeys.createUser>;

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A claim as the server reads it: https://docs.nats.io/running-a-nats-service/nats_admin/security/jwt. */
function makeToken(type: "operator" | "account" | "user", subject: KeyPair, issuer: KeyPair): string {
  const claims = {
    jti: randomBytes(16).toString("hex"),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: type,
    nats: {
      type,
      version: 2,
      ...(type === "user" && { subs: -1, data: -1, payload: -1 }),
      ...(type === "account" && {
        limits: { subs: -1, conn: -1, leaf: -1, imports: -1, exports: -1, data: -1, payload: -1 },
      }),
    },
  };
  const text = `${encoded({ typ: "JWT", alg: "ed25519-nkey" })}.${encoded(claims)}`;
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString("base64url")}`;
}

/** A server's configuration, and the files by which `earshot work` and the test itself are known to it. */
export interface Credentials {
  readonly configuration: string;
  readonly file: string;
}

/** For `--creds`: an operator, an account and a user, each vouched for by the one before. */
export function makeCreds(): Credentials {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const token = makeToken("user", user, account);
  const seed = Buffer.from(user.getSeed()).toString();
  return write(
    `operator: ${makeToken("operator", operator, operator)}
resolver: MEMORY
resolver_preload: { ${account.getPublicKey()}: ${makeToken("account", account, operator)} }`,
    `-----BEGIN NATS USER JWT-----\n${token}\n------END NATS USER JWT------\n
-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
  );
}

/** For `--nkey`: one user, known by a public key. */
export function makeNkey(): Credentials {
  const user = nkeys.createUser();
  return write(
    `authorization { users = [ { nkey: ${user.getPublicKey()} } ] }`,
    Buffer.from(user.getSeed()).toString(),
  );
}

/** For `--user` and `--password-file`: the user `worker`. */
export function makePassword(): Credentials {
  const password = randomBytes(12).toString("hex");
  return write(`authorization { user: worker, password: "${password}" }`, `${password}\n`);
}

/** Writes a configuration and the secret that goes with it. */
export function write(configuration: string, secret: string): Credentials {
  const folder = temporaryFolder();
  const files = { configuration: join(folder, "server.conf"), file: join(folder, "secret") };
  writeFileSync(files.configuration, configuration);
  writeFileSync(files.file, secret);
  return files;
}
