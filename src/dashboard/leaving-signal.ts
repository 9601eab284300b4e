import type { Response } from 'express';

/** Aborted when the client leaves, or has its answer. */
export function leavingSignal(response: Response): AbortSignal {
  const left = new AbortController();
  response.on('close', () => {
    left.abort();
  });
  return left.signal;
}
