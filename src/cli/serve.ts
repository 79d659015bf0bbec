import { writeSync } from "node:fs";
import { type ListenAddress, type ServeOptions, serve } from "../server/index.js";
import { nextSignal } from "./next-signal.js";
import { readPolicyFile } from "./policy-file.js";
import { EXIT } from "./score.js";
import { readKeyFile, readSecretFile } from "./secret-file.js";

/** Options of `earshot serve`, as the command line gives them. */
export interface ServeCommandOptions {
  readonly port: number;
  readonly host?: string;
  readonly allowRemote?: boolean;
  readonly tokenFile?: string;
  readonly socket?: string;
  readonly fd?: number;
  readonly workers?: number;
  readonly maxWaiting?: number;
  readonly pack?: string;
  readonly policy?: string;
  readonly directory?: string;
  readonly country?: string;
  readonly stateKeyFile?: string;
  readonly chatwootSecretFile?: string;
  readonly drainSeconds: number;
}

const STANDARD_ERROR = 2;
/** The first listener that systemd hands over: sd_listen_fds(3). */
const FIRST_INHERITED = 3;

/** Serves until a signal asks it to end; returns the exit code. A second signal ends it at once. */
export async function serveCommand(options: ServeCommandOptions): Promise<number> {
  const asked = nextSignal();
  const service = await serve(await readOptions(options));
  writeSync(STANDARD_ERROR, `${service.address}\n`);
  await asked;
  await service.close(options.drainSeconds * 1000);
  return EXIT.done;
}

async function readOptions(options: ServeCommandOptions): Promise<ServeOptions> {
  const { workers, maxWaiting, pack, policy, directory, country, tokenFile, stateKeyFile, chatwootSecretFile } =
    options;
  return {
    address: addressOf(options),
    ...(options.allowRemote && { allowRemote: true }),
    ...(workers !== undefined && { workers }),
    ...(maxWaiting !== undefined && { maximumWaiting: maxWaiting }),
    ...(pack !== undefined && { pack }),
    ...(policy !== undefined && { policy: readPolicyFile(policy) }),
    ...(directory !== undefined && {
      directory: (await import("./directory-file.js")).readDirectoryFile(directory),
    }),
    ...(country !== undefined && { country }),
    ...(tokenFile !== undefined && { token: readSecretFile(tokenFile) }),
    ...(stateKeyFile !== undefined && { stateKey: readKeyFile(stateKeyFile) }),
    ...(chatwootSecretFile !== undefined && { chatwootSecret: readSecretFile(chatwootSecretFile) }),
  };
}

function addressOf({ socket, fd, host, port }: ServeCommandOptions): ListenAddress {
  if (socket !== undefined) return { socketPath: socket };
  if (fd !== undefined) return { fileDescriptor: fd };
  const { LISTEN_FDS, LISTEN_PID } = process.env;
  if (LISTEN_FDS === "1" && LISTEN_PID === String(process.pid)) return { fileDescriptor: FIRST_INHERITED };
  return { port, ...(host !== undefined && { host }) };
}
