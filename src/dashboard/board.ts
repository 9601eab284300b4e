import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { RequestHandler } from 'express';
import { QUEUE_NAMES, QUEUE_SUMMARIES } from '../domain/queues.ts';
import type { JobQueues } from '../queues/job-queues.ts';

/** Bull Board for all queues, to be mounted at `path` behind the login. */
export function createBoard(queues: JobQueues, path: string): RequestHandler {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(path);
  createBullBoard({
    queues: QUEUE_NAMES.map((name) => {
      const { description } = QUEUE_SUMMARIES[name];
      return new BullMQAdapter(queues.queue(name), { description });
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
  const router: unknown = serverAdapter.getRouter();
  if (!isRequestHandler(router)) throw new Error('Bull Board returned no Express router.');
  return router;
}

function isRequestHandler(value: unknown): value is RequestHandler {
  return typeof value === 'function';
}
