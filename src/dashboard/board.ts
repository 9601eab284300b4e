import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Router, type Express, type RequestHandler } from 'express';
import { QUEUE_NAMES, QUEUE_SUMMARIES, type QueueName } from '../domain/queues.ts';
import { parseVideoDocumentId } from '../domain/video-key.ts';
import { itemOf, parsePayload } from '../queues/catalogue.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { isSafe, visitorOf } from './access.ts';

/** Bull Board's page links to another site for its font. Without it the fonts of the system are used. */
const LINK = /<link\b[^<>]*>/g;
const READ_ONLY =
  'Bull Board is read-only here: jobs alone do not decide what happens to a video. Use `npm run retry` and `npm run videos`, or BULL_BOARD_WRITABLE=true.';

/**
 * Bull Board for all queues, to be mounted at `path` behind the login.
 * @param isWritable operators may change jobs and queues with it; otherwise nobody may
 */
export function createBoard(queues: JobQueues, path: string, isWritable: boolean): RequestHandler {
  const readOnly = boardApp(queues, path, true);
  const writable = isWritable ? boardApp(queues, path, false) : undefined;
  const router = Router();
  router.use((request, response, next) => {
    // Pages and data are of the moment and only for those who may see them; files have names that change with them.
    const isFile = request.path.startsWith('/static/');
    response.set('cache-control', isFile ? 'private, no-cache' : 'no-store');
    withoutOutsideLinks(response);
    next();
  });
  router.use((request, response, next) => {
    const board = visitorOf(request).role === 'operator' ? writable : undefined;
    if (board !== undefined) board(request, response, next);
    else if (isSafe(request)) readOnly(request, response, next);
    else response.status(405).set('allow', 'GET, HEAD').json({ error: READ_ONLY });
  });
  return router;
}

function boardApp(queues: JobQueues, path: string, readOnlyMode: boolean): RequestHandler {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(path);
  createBullBoard({
    queues: QUEUE_NAMES.map((name) => {
      const { description } = QUEUE_SUMMARIES[name];
      return new BullMQAdapter(queues.queue(name), {
        ...{ description, readOnlyMode },
        externalJobUrl: ({ data }) => pageOf(name, data),
      });
    }),
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'Sonothèque',
        boardLogo: { path: '/icon.svg', width: 28, height: 28 },
        favIcon: { default: '/icon.svg', alternative: '/icon.svg' },
        miscLinks: [{ text: 'Overview', url: '/' }],
      },
    },
  });
  const app: unknown = serverAdapter.getRouter();
  if (!isApp(app)) throw new Error('Bull Board returned no Express app.');
  app.disable('x-powered-by');
  return app;
}

/** The page of what a job works on. Bull Board takes an address in any case; without one it is that of the overview. */
function pageOf(name: QueueName, data: unknown): { displayText: string; href: string } {
  const item = itemOfPayload(name, data);
  if (item === undefined) return { displayText: 'Overview', href: '/' };
  if (parseVideoDocumentId(item) !== undefined) {
    return { displayText: 'Video', href: `/videos/${encodeURIComponent(item)}` };
  }
  return name === 'playlist'
    ? { displayText: 'Playlist', href: `/playlists/${encodeURIComponent(item)}` }
    : { displayText: 'Collection', href: '/health' };
}

/** @returns undefined for a payload that cannot be read, and for maintenance. */
function itemOfPayload(name: QueueName, data: unknown): string | undefined {
  if (name === 'maintenance') return undefined;
  try {
    return itemOf(name, parsePayload(name, data));
  } catch {
    return undefined;
  }
}

/** Takes links to other sites out of the page that Bull Board renders. */
function withoutOutsideLinks(response: Parameters<RequestHandler>[1]): void {
  const render = response.render.bind(response);
  response.render = (view: string, locals: unknown) => {
    render(view, locals as object, (error: Error | null, markup: string) => {
      if (error !== null) response.req.next?.(error);
      else response.send(markup.replaceAll(LINK, (tag) => (tag.includes('href="http') ? '' : tag)));
    });
  };
}

function isApp(value: unknown): value is Express {
  return typeof value === 'function' && 'disable' in value;
}
