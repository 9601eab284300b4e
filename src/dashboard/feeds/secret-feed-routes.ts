import { Router, type ErrorRequestHandler, type Request, type Response } from 'express';
import type { FeedAddressDocument } from '../../database/collections/feed-address.ts';
import type { Database } from '../../database/database.ts';
import { JobError } from '../../domain/job-errors.ts';
import { hashOfAddress } from '../../operations/feed-addresses.ts';
import type { Logger } from '../../runtime/logger.ts';
import { clientAddress } from '../login/client-address.ts';
import { LoginDelays } from '../login/login-delays.ts';
import type { FeedContent, FeedRequest } from './feed-content.ts';
import { feedLinks, publicBase } from './feed-links.ts';

/** Below this path everything needs the secret in the address, and nothing else. */
export const SECRET_FEEDS_PATH = '/f';

interface SecretFeedDependencies {
  readonly feedAddresses: Database['feedAddresses'];
  readonly content: FeedContent;
  readonly publicUrl: string | undefined;
  readonly logger: Logger;
}

/** A use is written down once in this time. */
const NOTE_USE_MS = 10 * 60_000;
const MAX_NOTED = 10_000;
/** Under this name the delays count all wrong addresses of a network. */
const ANY_ADDRESS = 'the address of a feed';

/**
 * Feeds at secret addresses, for players that know no login: `/f/<secret>/…`. Whatever is asked for here is answered here, also
 * what fails, so that nothing else sees such an address: neither the access log nor the log of errors.
 */
export function createSecretFeedRoutes({
  feedAddresses,
  content,
  publicUrl,
  logger,
}: SecretFeedDependencies): Router {
  const delays = new LoginDelays();
  const noted = new Map<string, number>();
  const router = Router({ caseSensitive: true });

  /** Never rejects, and nobody waits for it. */
  function noteUse(id: string, now: Date): void {
    if (now.getTime() - (noted.get(id) ?? 0) < NOTE_USE_MS) return;
    if (noted.size >= MAX_NOTED) noted.clear();
    noted.set(id, now.getTime());
    feedAddresses.noteUse(id, now).catch((error: unknown) => {
      logger.warn({ err: error }, 'The use of the address of a feed was not recorded');
    });
  }

  /**
   * The address that a secret belongs to; else the answer is sent. A right one is never held up by wrong ones of its network:
   * nobody finds one by trying, so the delay only spares the database.
   */
  async function open(request: Request, response: Response): Promise<FeedAddressDocument | undefined> {
    const hash = hashOfAddress(String(request.params['secret']));
    const found = hash === undefined ? undefined : await feedAddresses.findById(hash);
    if (found !== undefined) {
      noteUse(found._id, new Date());
      return found;
    }
    const { network } = clientAddress(request);
    const outcome = await delays.attempt(ANY_ADDRESS, network, () => Promise.resolve(false));
    if (outcome.kind === 'too_early') {
      response.set('retry-after', String(Math.ceil(outcome.waitMs / 1_000)));
      answer(response, 429, 'Too many wrong addresses. Try again later.');
    } else notFound(response);
    return undefined;
  }

  const serve =
    (send: (file: string, feedRequest: FeedRequest) => Promise<boolean>) =>
    async (request: Request, response: Response): Promise<void> => {
      const address = await open(request, response);
      if (address === undefined) return;
      const base = `${publicBase(request, publicUrl)}${SECRET_FEEDS_PATH}/${String(request.params['secret'])}`;
      const onlyPlaylist = address.playlist_id ?? undefined;
      const links = feedLinks(base);
      const file = String(request.params['file']);
      const isSent = await send(file, { request, response, links, onlyPlaylist, isPrivate: true });
      if (!isSent) notFound(response);
    };

  router.use((request, response, next) => {
    // The address must not reach the sites that an episode links to, nor search engines.
    response.set({ 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex, nofollow' });
    if (request.method === 'GET' || request.method === 'HEAD') next();
    else answer(response.set('allow', 'GET, HEAD'), 405, 'Feeds can only be read.');
  });
  router.get(
    '/:secret/feeds.opml',
    serve((_file, feedRequest) => content.opml(feedRequest)),
  );
  router.get('/:secret/audio/:file', serve(content.audio));
  router.get('/:secret/cover/:file', serve(content.cover));
  router.get('/:secret/:file', serve(content.feed));
  router.use((_request, response) => {
    notFound(response);
  });
  router.use(reportFailure(logger));
  return router;
}

/** Nothing of the request is logged: its address is a secret. */
function reportFailure(logger: Logger): ErrorRequestHandler {
  // Express recognises an error handler by its four parameters.
  return (thrown: unknown, _request, response, _next) => {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // Express's own errors about a request, such as a path that cannot be decoded, are Errors with a status below 500.
    const isBadRequest =
      thrown instanceof Error &&
      'status' in thrown &&
      typeof thrown.status === 'number' &&
      thrown.status < 500;
    if (isBadRequest) {
      notFound(response);
      return;
    }
    if (thrown instanceof JobError) {
      logger.warn({ class: thrown.errorClass }, 'A feed could not be served');
      answer(response.set('retry-after', '60'), 503, 'This cannot be read now. Try again later.');
      return;
    }
    logger.error({ err: thrown }, 'A feed could not be served');
    answer(response, 500, 'An unexpected error occurred.');
  };
}

function notFound(response: Response): void {
  answer(response, 404, 'There is nothing at this address.');
}

function answer(response: Response, status: number, text: string): void {
  response.status(status).set('cache-control', 'no-store').type('text/plain').send(`${text}\n`);
}
