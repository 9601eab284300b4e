import { randomUUID } from 'node:crypto';
import { Router, urlencoded } from 'express';
import { isArchived } from '../../database/video-search.ts';
import { DEFAULT_NAMES, exportName } from '../../operations/export-names.ts';
import { VIDEO_ACTIONS } from '../../operations/video-actions.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { plainText } from '../../text/plain-text.ts';
import { actorOf, mayChange } from '../actor.ts';
import { sendPage } from '../page.ts';
import { readerOf } from '../reader.ts';
import { createDeletionRoutes } from './deletion-routes.ts';
import { loadVideo } from './load-video.ts';
import { renderNotice } from './notices.ts';
import { sendObject } from './send-audio.ts';
import { sendPeaks } from './send-peaks.ts';
import { actionSchema } from './video-actions.ts';
import { keyOf } from './video-address.ts';
import { createVideoListRoutes, type VideoListDependencies } from './video-list-routes.ts';
import { renderVideo } from './video-page.ts';

export interface VideoRoutesDependencies extends VideoListDependencies {
  readonly store: ObjectStore;
}

const STAT_DEADLINE_MS = 30_000;
const MAX_FORM_BYTES = 1_024;
const MAX_TITLE_LENGTH = 200;

/** The pages of videos: the list with its filters, one video, its audio, and what can be done. */
export function createVideoRoutes(dependencies: VideoRoutesDependencies): Router {
  const { database, queues, store, hasMirror } = dependencies;
  const router = Router();
  const form = urlencoded({ extended: false, limit: MAX_FORM_BYTES });
  router.use(createVideoListRoutes(dependencies));
  router.use(createDeletionRoutes(dependencies));

  router.get('/:id', async (request, response, next) => {
    const key = keyOf(request);
    const loaded = key && (await loadVideo(key, dependencies));
    if (loaded === undefined) {
      next();
      return;
    }
    const notice = await renderNotice(request, database);
    const options = { hasMirror, canChange: mayChange(request), notice };
    const title = plainText(loaded.video.title ?? loaded.video._id, MAX_TITLE_LENGTH);
    sendPage(request, response, title, renderVideo(loaded, options, readerOf(request).messages));
  });

  router.post('/:id', form, async (request, response, next) => {
    const key = keyOf(request);
    if (key === undefined) {
      next();
      return;
    }
    const path = `/videos/${encodeURIComponent(request.params.id)}`;
    const { data } = actionSchema.safeParse(request.body);
    if (data === undefined) {
      response.redirect(303, `${path}?notice=notUnderstood`);
      return;
    }
    const operationId = randomUUID();
    const actor = { ...actorOf(request), operationId };
    await VIDEO_ACTIONS[data.action].run([key], actor, { database, queues });
    response.redirect(303, `${path}?operation=${operationId}`);
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
    const isDownload = request.query['download'] !== undefined;
    const name = isDownload ? `${exportName(video, DEFAULT_NAMES)}.${video.audio.format}` : undefined;
    await sendObject(object, store, request, response, name);
  });

  router.get('/:id/peaks', async (request, response, next) => {
    const key = keyOf(request);
    if (key === undefined || !(await sendPeaks(key, dependencies, response))) next();
  });

  return router;
}
