import { Router, urlencoded, type NextFunction, type Request, type Response } from 'express';
import { addLines } from '../../operations/add-lines.ts';
import { showPlaylist } from '../../operations/list-playlists.ts';
import { changePlaylistSettings } from '../../operations/playlist-settings.ts';
import { actorOf, mayChange } from '../actor.ts';
import { runFeedForm } from '../feeds/feed-forms.ts';
import { sendPage } from '../page.ts';
import { readerOf } from '../reader.ts';
import { renderForget } from './forget-page.ts';
import {
  addedLinesSchema,
  countVideosOnlyIn,
  forgetPlaylist,
  forgetSchema,
  playlistActionSchema,
  runPlaylistAction,
} from './playlist-actions.ts';
import { createPlaylistPages, type PlaylistRoutesDependencies } from './playlist-pages.ts';
import { readSettingsForm } from './settings-form.ts';

const MAX_FORM_BYTES = 512 * 1024;

/** The pages of playlists: all of them, one of them, and what can be done. */
export function createPlaylistRoutes(dependencies: PlaylistRoutesDependencies): Router {
  const { database, publicUrl } = dependencies;
  const { sendList, sendOne } = createPlaylistPages(dependencies);
  const router = Router();
  const form = urlencoded({ extended: false, limit: MAX_FORM_BYTES, parameterLimit: 50 });

  router.get('/', async (request, response) => {
    await sendList(request, response);
  });

  router.post('/', form, async (request, response) => {
    const { lines } = addedLinesSchema.catch({ lines: '' }).parse(request.body);
    // No redirect: the page says what came of each line. Sending the form again adds nothing twice.
    await sendList(request, response, await addLines(lines, actorOf(request), dependencies));
  });

  router.get('/:id', async (request, response, next) => {
    await sendOne(request, response, next);
  });

  router.post('/:id', form, async (request, response, next) => {
    const { id } = request.params;
    const { data } = playlistActionSchema.safeParse(request.body);
    const isKnown = data !== undefined && (await database.playlists.findById(id)) !== undefined;
    if (!isKnown) next();
    else back(response, id, await runPlaylistAction(data.action, id, actorOf(request), dependencies));
  });

  router.post('/:id/settings', form, async (request, response, next) => {
    const { id } = request.params;
    const read = readSettingsForm(request.body, readerOf(request).messages);
    if (!read.ok) {
      await sendOne(request, response, next, { settings: read }, 422);
      return;
    }
    const { outcome } = await changePlaylistSettings(id, read.change, actorOf(request), dependencies);
    switch (outcome) {
      case 'changed':
        back(response, id, 'saved');
        return;
      case 'unchanged':
      case 'forgotten':
        back(response, id, outcome);
        return;
      case 'contradictory':
        await sendOne(request, response, next, { settings: 'contradictory' }, 422);
        return;
      case 'unknown':
        next();
    }
  });

  router.post('/:id/feed', form, async (request, response, next) => {
    const { id } = request.params;
    const result = await runFeedForm(request, id, actorOf(request), { database, publicUrl });
    switch (result.type) {
      case 'not_found':
        next();
        return;
      case 'revoked':
        back(response, id, result.isKnown ? 'address_revoked' : 'address_gone');
        return;
      case 'made':
        // No redirect: the address is shown only now.
        await sendOne(request, response, next, { made: result.made });
    }
  });

  async function askForget(
    request: Request,
    response: Response,
    next: NextFunction,
    isChoiceMissing: boolean,
  ): Promise<void> {
    const playlist = await showPlaylist(String(request.params['id']), database);
    if (playlist === undefined) {
      next();
      return;
    }
    const { messages } = readerOf(request);
    const videos = await countVideosOnlyIn(playlist.id, actorOf(request), dependencies);
    const page = renderForget({ playlist, videos, isChoiceMissing }, messages);
    const title = messages.playlists.forget.title(playlist.title ?? playlist.id);
    sendPage(request, response, title, page, { status: isChoiceMissing ? 422 : 200 });
  }

  router.get('/:id/forget', async (request, response, next) => {
    if (mayChange(request)) await askForget(request, response, next, false);
    else next();
  });

  router.post('/:id/forget', form, async (request, response, next) => {
    const { id } = request.params;
    const { data } = forgetSchema.safeParse(request.body);
    if ((await database.playlists.findById(id)) === undefined) next();
    else if (data === undefined) await askForget(request, response, next, true);
    else
      back(response, id, await forgetPlaylist(id, data.videos === 'delete', actorOf(request), dependencies));
  });

  return router;
}

/** To the page of the playlist, which says what came of it. */
function back(response: Response, id: string, outcome: string | undefined): void {
  response.redirect(303, `/playlists/${encodeURIComponent(id)}?done=${outcome ?? 'unchanged'}`);
}
