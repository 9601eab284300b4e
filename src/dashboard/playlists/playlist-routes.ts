import { Router, urlencoded, type Request, type Response } from 'express';
import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import { VIDEO_STATUSES } from '../../domain/video-status.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Html } from '../../text/html.ts';
import { actorOf, mayChange } from '../actor.ts';
import { addLines, addedLinesSchema, playlistActionSchema, runPlaylistAction } from './playlist-actions.ts';
import { renderPlaylist, renderPlaylists } from './playlist-pages.ts';

export interface PlaylistRoutesDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly store: ObjectStore;
  readonly personalLists: boolean;
  /** Sends a page within its frame. */
  readonly sendPage: (request: Request, response: Response, title: string, body: Html) => void;
}

const MAX_FORM_BYTES = 128 * 1024;
const COUNTED_VIDEOS = 1_000_000;
/** What a redirect after an action says. */
const noticeSchema = z.enum(['paused', 'resumed', 'forgotten']);

/** The pages of playlists: all of them, one of them, and what can be done. */
export function createPlaylistRoutes(dependencies: PlaylistRoutesDependencies): Router {
  const { database, sendPage } = dependencies;
  const router = Router();
  const form = urlencoded({ extended: false, limit: MAX_FORM_BYTES });

  router.get('/', async (request, response) => {
    const playlists = await database.playlists.all();
    sendPage(request, response, 'Playlists', renderPlaylists({ playlists, canChange: mayChange(request) }));
  });

  router.post('/', form, async (request, response) => {
    const { lines } = addedLinesSchema.catch({ lines: '' }).parse(request.body);
    const added = await addLines(lines, actorOf(request), dependencies);
    const playlists = await database.playlists.all();
    // No redirect: the page lists the lines that were refused. Sending the form again adds nothing twice.
    sendPage(request, response, 'Playlists', renderPlaylists({ playlists, added, canChange: true }));
  });

  router.get('/:id', async (request, response, next) => {
    const playlist = await database.playlists.findById(request.params.id);
    if (playlist === undefined) {
      next();
      return;
    }
    const counts = new Map(
      await Promise.all(
        VIDEO_STATUSES.map(async (status) => {
          const filter = { status, playlistId: playlist._id };
          return [status, await database.search.countUpTo(filter, COUNTED_VIDEOS)] as const;
        }),
      ),
    );
    const notice = noticeSchema.safeParse(request.query['done']).data;
    const page = { playlist, counts, notice, canChange: mayChange(request) };
    sendPage(request, response, playlist.title ?? playlist._id, renderPlaylist(page));
  });

  router.post('/:id', form, async (request, response, next) => {
    const { data } = playlistActionSchema.safeParse(request.body);
    const outcome =
      data && (await runPlaylistAction(data.action, request.params.id, actorOf(request), dependencies));
    if (outcome === undefined) next();
    else response.redirect(303, `/playlists/${encodeURIComponent(request.params.id)}?done=${outcome}`);
  });

  return router;
}
