import type { HttpResponse } from '../../../runtime/http-client/http-client.ts';
import { charsetOf } from '../../../runtime/http-client/response-headers.ts';
import { parsingThreads } from '../../../runtime/thread-pool.ts';
import type { PageReading, Wanted, readPage } from './read-page.ts';

const readPageInThread = parsingThreads.inThread<typeof readPage>(
  new URL('./read-page.ts', import.meta.url),
  'readPage',
);

/**
 * Receives a page and reads it in a thread with a deadline, so that no page can stop the process.
 * @throws PermanentError `too_complex`; other JobErrors when the body cannot be received
 */
export async function loadPage(
  response: HttpResponse,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<PageReading> {
  const { url, headers } = response;
  return await readPageInThread({ signal, what: `Reading ${url.href}` }, await response.bytes(), {
    url: url.href,
    charset: charsetOf(headers),
    robotsTag: headers.get('x-robots-tag') ?? '',
    tdmReservation: headers.get('tdm-reservation') ?? '',
    wanted,
  });
}
