import type { TriagePoolOptions } from "../pool/pool-types.js";
import { createTriagePool } from "../pool.js";
import { createServer, type ServerOptions } from "./create-server.js";
import type { ListenAddress } from "./listen.js";

/** How `serve` is set up: the pool, the server, and where it listens. */
export interface ServeOptions
  extends Omit<TriagePoolOptions, "now" | "maximumWaiting">,
    Omit<ServerOptions, "triage" | "directory"> {
  readonly address: ListenAddress;
  /** Whether other machines may reach the address, for which there must be a token. */
  readonly allowRemote?: boolean;
}

/** A service that takes messages. */
export interface RunningService {
  /** As people write it. */
  readonly address: string;
  /** Answers what is there, within so many milliseconds, and ends server and workers. */
  close(timeoutMs?: number): Promise<void>;
}

/**
 * Starts workers and a server in front of them, and resolves when messages are taken.
 *
 * @throws EarshotError as `createTriagePool`, `createServer` and `EarshotServer.listen`
 */
export async function serve(options: ServeOptions): Promise<RunningService> {
  const { address: where, allowRemote, token, stateKey, maximumWaiting, chatwootSecret, ...scoring } = options;
  const pool = createTriagePool({ ...scoring, ...(maximumWaiting !== undefined && { maximumWaiting }) });
  pool.catch(() => {});
  try {
    const server = await createServer({
      triage: pool,
      ...(scoring.directory && { directory: scoring.directory }),
      ...(token !== undefined && { token }),
      ...(stateKey && { stateKey }),
      ...(maximumWaiting !== undefined && { maximumWaiting }),
      ...(chatwootSecret !== undefined && { chatwootSecret }),
    });
    try {
      const address = await server.listen(where, allowRemote);
      await server.ready();
      return {
        address,
        async close(timeoutMs) {
          await server.close(timeoutMs);
          await (await pool).close();
        },
      };
    } catch (error) {
      await server.close(0);
      throw error;
    }
  } catch (error) {
    await pool.then((started) => started.close()).catch(() => {});
    throw error;
  }
}
