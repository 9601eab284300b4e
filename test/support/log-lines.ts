import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Logger } from '../../src/runtime/logger.ts';

/** A logger that records its lines of level `info` and above. */
export function keepLog(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  return { logger: pino({ level: 'info', base: {} }, stream), lines };
}
