import { Agent, Pool } from 'undici';
import { lookupPublic } from './private-addresses.ts';

const MAX_HEADERS_BYTES = 32 * 1024;

/**
 * The connections of a client. A file of its own, since a worker that downloads from YouTube alone never sends a request: these are
 * some hundred modules.
 * @param stallMs the longest time without data from a server
 * @param mayBePrivate whether an origin may have an address of a private network
 */
export function createAgent(stallMs: number, mayBePrivate: (origin: string) => boolean): Agent {
  return new Agent({
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    maxHeaderSize: MAX_HEADERS_BYTES,
    factory: (origin, poolOptions: Pool.Options) => {
      const guard = mayBePrivate(String(origin)) ? {} : { lookup: lookupPublic };
      return new Pool(origin, { ...poolOptions, connect: { timeout: stallMs, ...guard } });
    },
  });
}
