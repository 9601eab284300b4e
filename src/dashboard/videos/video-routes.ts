import { Router, urlencoded, type Request, type Response } from 'express';
import type { Database } from '../../database/database.ts';
import { isArchived } from '../../database/video-search.ts';
import { parseVideoDocumentId, type VideoKey } from '../../domain/video-key.ts';
import { DEFAULT_NAMES, exportName } from '../../operations/export-names.ts';
import { showVideo } from '../../operations/find-videos.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Html } from '../../text/html.ts';
import { actorOf, mayChange } from '../actor.ts';
import { sendObject } from './send-audio.ts';
import {
  actionSchema,
  countOutcomes,
  describeOutcomes,
  outcomesSchema,
  VIDEO_ACTIONS,
} from './video-actions.ts';
import { COUNTED_VIDEOS, renderVideoList } from './video-list-page.ts';
import { renderVideo } from './video-page.ts';
import { cursorSchema, filterOf, queryStringOf, videoQuerySchema } from './video-query.ts';

export interface VideoRoutesDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly store: ObjectStore;
  readonly hasMirror: boolean;
  /** Sends a page within its frame. */
  readonly sendPage: (request: Request, response: Response, title: string, body: Html) => void;
}

const PAGE_SIZE = 100;
const STAT_DEADLINE_MS = 30_000;
/** 200 ids of episodes. */
const MAX_FORM_BYTES = 64 * 1024;

/** The pages of videos: the list with its filters, one video, its audio, and what can be done. */
export function createVideoRoutes(dependencies: VideoRoutesDependencies): Router {
  const { database, queues, store, hasMirror, sendPage } = dependencies;
  const router = Router();
  const form = urlencoded({ extended: false, limit: MAX_FORM_BYTES });

  router.get('/', async (request, response) => {
    const query = videoQuerySchema.parse(request.query);
    const { after } = cursorSchema.parse(request.query);
    const filter = filterOf(query);
    const [page, count, playlists] = await Promise.all([
      database.search.page(filter, PAGE_SIZE, after),
      database.search.countUpTo(filter, COUNTED_VIDEOS + 1),
      database.playlists.all(),
    ]);
    const list = {
      ...{ query, page, count, hasMirror, canChange: mayChange(request), notice: noticeOf(request) },
      playlists: playlists.map(({ _id: id, title }) => ({ id, title: title ?? id })),
    };
    sendPage(request, response, 'Videos', renderVideoList(list));
  });

  router.post('/', form, async (request, response) => {
    const query = videoQuerySchema.parse(request.query);
    response.redirect(303, withOutcomes(`/videos${queryStringOf(query)}`, await act(request)));
  });

  router.get('/:id', async (request, response, next) => {
    const key = keyOf(request);
    const details = key && (await showVideo(key, database));
    if (details === undefined) {
      next();
      return;
    }
    const options = { hasMirror, canChange: mayChange(request), notice: noticeOf(request) };
    const title = details.video.title ?? details.video._id;
    sendPage(request, response, title, renderVideo(details, options));
  });

  router.post('/:id', form, async (request, response) => {
    const path = `/videos/${encodeURIComponent(request.params.id)}`;
    response.redirect(303, withOutcomes(path, await act(request)));
  });

  router.get('/:id/audio', async (request, response, next) => {
    const key = keyOf(request);
    const video = key && (await database.videos.find(key));
    const isStored = video !== undefined && isArchived(video);
    const object = isStored
      ? await store.stat(video.audio.key, AbortSignal.timeout(STAT_DEADLINE_MS))
      : undefined;
    if (!isStored || object === undefined) {
      next();
      return;
    }
    if (request.query['download'] !== undefined) {
      response.attachment(`${exportName(video, DEFAULT_NAMES)}.${video.audio.format}`);
    }
    await sendObject(object, store, request, response);
  });

  /** Does what a form asks for. @returns the outcomes; undefined when no video was selected. */
  async function act(request: Request): Promise<string | undefined> {
    const parsed = actionSchema.safeParse(request.body);
    if (!parsed.success) return undefined;
    const { action, id: keys } = parsed.data;
    return countOutcomes(await VIDEO_ACTIONS[action].run(keys, actorOf(request), { database, queues }));
  }

  return router;
}

/** The address of the page that is shown after an action; it says what came of it. */
function withOutcomes(address: string, outcomes: string | undefined): string {
  return `${address}${address.includes('?') ? '&' : '?'}done=${outcomes ?? 'nothing'}`;
}

function noticeOf(request: Request): string | undefined {
  const { done } = request.query;
  if (done === 'nothing') return 'Nothing was done: select videos first.';
  const { data } = outcomesSchema.safeParse(done);
  return data && describeOutcomes(data);
}

function keyOf(request: Request): VideoKey | undefined {
  return parseVideoDocumentId(String(request.params['id']));
}
