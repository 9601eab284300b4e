import type { NextFunction, Request, Response } from 'express';
import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import type { AddedLine } from '../../operations/add-lines.ts';
import { listFeedAddresses } from '../../operations/feed-addresses.ts';
import {
  listPlaylistItems,
  listPlaylists,
  playlistItemsInput,
  playlistListInput,
  PLAYLIST_STATES,
  showPlaylist,
  type PlaylistDetails,
} from '../../operations/list-playlists.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { mayChange } from '../actor.ts';
import { renderAddresses, type NewAddress } from '../feeds/feed-addresses-view.ts';
import { feedLinks, publicBase } from '../feeds/feed-links.ts';
import { sendPage } from '../page.ts';
import { readerOf } from '../reader.ts';
import { FigureCounter } from './figure-counter.ts';
import { renderItems } from './playlist-items-view.ts';
import { renderPlaylists } from './playlist-list-page.ts';
import { renderPlaylist } from './playlist-page.ts';
import { toSettingsForm, type ReadSettings } from './settings-form.ts';
import { renderSettings } from './settings-view.ts';

export interface PlaylistRoutesDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly store: ObjectStore;
  readonly personalLists: boolean;
  readonly publicUrl: string | undefined;
  readonly logger: Logger;
}

/** How old figures may be, and how long pages wait for newer ones. */
const OF_LIST = { minAgeMs: 10_000, patienceMs: 300 };
const OF_ONE = { minAgeMs: 1_000, patienceMs: 1_000 };
/** Empty fields of the form that filters. */
const filled = (text: unknown) => (text === '' ? undefined : text);
const listQuery = z.object({
  text: z.preprocess(filled, playlistListInput.shape.text).catch(undefined),
  state: z.preprocess(filled, z.enum(PLAYLIST_STATES).optional()).catch(undefined),
  cursor: playlistListInput.shape.cursor.catch(undefined),
});
const itemsQuery = z.object({
  selection: playlistItemsInput.shape.selection.catch('all'),
  cursor: playlistItemsInput.shape.cursor.catch(undefined),
});
const noticeSchema = z.enum([
  ...['paused', 'resumed', 'forgotten', 'forgetting', 'saved', 'unchanged'],
  ...['address_revoked', 'address_gone'],
] as (keyof Messages['playlists']['notices'])[]);

/** What a form on the page of a playlist left to show. */
export interface PageState {
  readonly settings?: Extract<ReadSettings, { ok: false }> | 'contradictory';
  readonly made?: NewAddress;
}

/** Sends the list of playlists, and the page of one of them. */
export function createPlaylistPages({ database, publicUrl, logger }: PlaylistRoutesDependencies) {
  const counter = new FigureCounter(database, logger);

  /** @param added what came of the form that adds lines */
  async function sendList(request: Request, response: Response, added?: readonly AddedLine[]): Promise<void> {
    const { messages } = readerOf(request);
    const query = listQuery.parse(request.query);
    const input = { ...query, limit: playlistListInput.shape.limit.parse(undefined) };
    const first = await listPlaylists(input, database);
    await counter.count(
      first.playlists.map(({ id }) => id),
      OF_LIST,
    );
    const list = first.playlists.some(({ figures }) => figures === null)
      ? await listPlaylists(input, database)
      : first;
    const page = { query, ...list, canChange: mayChange(request), ...(added && { added }) };
    sendPage(request, response, messages.playlists.title, renderPlaylists(page, messages));
  }

  /** Calls `next` when the playlist is unknown. */
  async function sendOne(
    request: Request,
    response: Response,
    next: NextFunction,
    state: PageState = {},
    status = 200,
  ): Promise<void> {
    const id = String(request.params['id']);
    if ((await database.playlists.findById(id)) === undefined) {
      next();
      return;
    }
    await counter.count([id], OF_ONE);
    const query = itemsQuery.parse(request.query);
    const limit = playlistItemsInput.shape.limit.parse(undefined);
    const [playlist, items] = await Promise.all([
      showPlaylist(id, database),
      listPlaylistItems(id, { ...query, limit }, database),
    ]);
    if (playlist === undefined || items === undefined) {
      next();
      return;
    }
    const { messages } = readerOf(request);
    const isForgotten = playlist.state === 'forgotten';
    const page = {
      playlist,
      canChange: mayChange(request),
      isForgettingUnfinished: isForgotten && (await database.playlists.countKnown(id)) > 0,
      notice: noticeSchema.safeParse(request.query['done']).data,
      feed: isForgotten ? undefined : await renderFeed(request, playlist, state.made, messages),
      settings: isForgotten ? undefined : renderSettingsOf(request, playlist, state.settings, messages),
      items: renderItems({ playlistId: id, ...query, ...items }, messages),
    };
    sendPage(request, response, playlist.title ?? playlist.id, renderPlaylist(page, messages), { status });
  }

  async function renderFeed(
    request: Request,
    { id }: PlaylistDetails,
    made: NewAddress | undefined,
    messages: Messages,
  ): Promise<Html> {
    const { feeds: texts } = messages;
    const url = feedLinks(`${publicBase(request, publicUrl)}/feeds`).feed(id);
    const addresses = await listFeedAddresses(id, database);
    const path = `/playlists/${encodeURIComponent(id)}/feed`;
    const view = { addresses, made, path, canChange: mayChange(request), hint: texts.secretHint };
    return html`<section id="feed" aria-labelledby="feed-title">
      <h2 id="feed-title">${texts.subscribe}</h2>
      <p>${texts.intro}</p>
      <h3>${texts.withLogin}</h3>
      <p><a href="${url}">${url}</a></p>
      <p>${texts.withLoginHint}</p>
      ${renderAddresses(view, messages)}
    </section>`;
  }

  return { sendList, sendOne };
}

function renderSettingsOf(
  request: Request,
  { id, settings }: PlaylistDetails,
  state: PageState['settings'],
  messages: Messages,
): Html {
  const isInvalid = state !== undefined && state !== 'contradictory';
  return renderSettings(
    {
      path: `/playlists/${encodeURIComponent(id)}/settings`,
      form: isInvalid ? state.form : toSettingsForm(settings),
      problems: isInvalid ? state.problems : [],
      isContradictory: state === 'contradictory',
      canChange: mayChange(request),
    },
    messages,
  );
}
