import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { RequestHandler } from 'express';
import { QUEUE_NAMES, type QueueName } from '../queues/catalogue.ts';
import type { JobQueues } from '../queues/job-queues.ts';

const DESCRIPTIONS: Readonly<Record<QueueName, string>> = {
  playlist: 'Lists a playlist and adds its new videos',
  download: 'Fetches the audio of a video and converts it',
  upload: 'Puts the audio into the bucket',
  sync: 'Copies the object to Azure',
  retry: 'Videos and collections that wait for their next round',
  collect: 'Collects the documents of a source',
  maintenance: 'Regular tasks of the whole fleet',
};

/** Bull Board over all queues, to be mounted at `path` behind the login. */
export function createBoard(queues: JobQueues, path: string): RequestHandler {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(path);
  createBullBoard({
    queues: QUEUE_NAMES.map(
      (name) => new BullMQAdapter(queues.queue(name), { description: DESCRIPTIONS[name] }),
    ),
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
  if (!isRequestHandler(router)) throw new Error('Bull Board gave something that Express cannot use.');
  return router;
}

function isRequestHandler(value: unknown): value is RequestHandler {
  return typeof value === 'function';
}
