import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Catalogue } from './catalogue.ts';
import { ALBUM, TAB_NAMES, tabId } from './channel-tabs.ts';
import { CHANNEL, CHANNEL_ENDPOINT } from './channel.ts';
import type { FaultRegistry } from './fault-registry.ts';
import { isMediaFault } from './faults.ts';
import { readJson, sendApiError, sendJson, sendPage } from './http-responses.ts';
import type { SampleMedia } from './media-library.ts';
import { PLAYABILITY } from './playability.ts';
import { playerResponse } from './player-response.ts';
import { albumPage, alert, firstPage, laterPage } from './playlist-responses.ts';
import type { RequestLog } from './request-log.ts';

export interface ApiDependencies {
  readonly catalogue: Catalogue;
  readonly faults: FaultRegistry;
  readonly log: RequestLog;
  readonly mediaOf: (videoId: string) => Promise<SampleMedia | undefined>;
  readonly audioUrl: (videoId: string, run: number) => string;
  readonly thumbnailUrl: (videoId: string) => string;
}

const resolveSchema = z.object({ url: z.string() });
const browseSchema = z.object({
  browseId: z.string().optional(),
  continuation: z.string().optional(),
  /** The tab of the channel. */
  params: z.string().optional(),
});
const playerSchema = z.object({ videoId: z.string() });
/** Our page tokens: playlist id and page. */
const TOKEN = /^SAMPLE\.([\w-]+)\.(\d+)$/;
const tokenOf = (playlistId: string, page: number): string => `SAMPLE.${playlistId}.${page}`;

/** The InnerTube endpoints that yt-dlp calls for lists and videos. */
export function apiListener(dependencies: ApiDependencies): RequestListener {
  return (request, response) => {
    respond(dependencies, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendApiError(response, 400, error instanceof Error ? error.message : 'Invalid request');
    });
  };
}

async function respond(
  dependencies: ApiDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'https://127.0.0.1');
  switch (pathname) {
    case '/youtubei/v1/navigation/resolve_url':
      resolveUrl(dependencies, resolveSchema.parse(await readJson(request)).url, response);
      return;
    case '/youtubei/v1/browse':
      browse(dependencies, browseSchema.parse(await readJson(request)), response);
      return;
    case '/youtubei/v1/next':
      sendJson(response, {
        currentVideoEndpoint: { watchEndpoint: playerSchema.parse(await readJson(request)) },
      });
      return;
    case '/youtubei/v1/player':
      await player(dependencies, playerSchema.parse(await readJson(request)).videoId, response);
      return;
    default:
      dependencies.log.add({ kind: 'other' });
      sendApiError(response, 404, `The sample channel has no ${pathname}.`);
  }
}

function resolveUrl(
  { catalogue, faults, log }: ApiDependencies,
  address: string,
  response: ServerResponse,
): void {
  const url = new URL(address);
  const list = url.searchParams.get('list');
  if (list !== null) {
    log.add({ kind: 'resolve', playlistId: list });
    const playlist = catalogue.playlist(list);
    const fault = playlist === undefined ? undefined : faults.playlistFault(playlist, 'resolve');
    // The URL of a playlist that does not exist is resolved too; the error comes from `browse`.
    sendJson(
      response,
      fault?.kind === 'unresolvable' ? {} : { endpoint: { browseEndpoint: { browseId: `VL${list}` } } },
    );
    return;
  }
  log.add({ kind: 'resolve' });
  const [first = '', ...rest] = url.pathname.slice(1).split('/');
  if (first === 'browse' && rest[0] === ALBUM.pageId) {
    sendJson(response, { endpoint: { browseEndpoint: { browseId: ALBUM.pageId } } });
    return;
  }
  const [id, tab = ''] = first === 'channel' ? rest : [first.toLowerCase(), rest[0]];
  if (id !== CHANNEL.id && `@${id.replace(/^@/, '')}` !== CHANNEL.handle) {
    sendApiError(response, 404, 'Requested entity was not found.');
  } else if (tab === 'live' && catalogue.broadcast !== null) {
    sendJson(response, { endpoint: { watchEndpoint: { videoId: catalogue.broadcast } } });
  } else {
    const { browseEndpoint } = CHANNEL_ENDPOINT;
    const endpoint = TAB_NAMES.includes(tab) ? { ...browseEndpoint, params: tab } : browseEndpoint;
    sendJson(response, { endpoint: { browseEndpoint: endpoint } });
  }
}

function browse(
  dependencies: ApiDependencies,
  body: z.output<typeof browseSchema>,
  response: ServerResponse,
): void {
  const { catalogue, faults, log } = dependencies;
  const [, tokenList, tokenPage] = TOKEN.exec(body.continuation ?? '') ?? [];
  const pageId = body.browseId?.replace(/^VL/, '') ?? '';
  // Of playlists, `params` asks for hidden videos too.
  const isTab = pageId === CHANNEL.id && TAB_NAMES.includes(body.params ?? '');
  const listId = tokenList ?? (isTab ? tabId(body.params ?? '') : pageId);
  const page = tokenPage === undefined ? 0 : Number(tokenPage);
  log.add({ kind: 'browse', playlistId: listId, page });

  if (pageId === ALBUM.pageId) {
    sendJson(response, albumPage(ALBUM.playlistId));
    return;
  }
  const playlist = catalogue.playlist(listId);
  if (playlist === undefined) {
    sendJson(response, alert('The playlist does not exist.'));
    return;
  }
  const hasMore = (page + 1) * playlist.pageSize < playlist.length;
  let nextToken = hasMore ? tokenOf(listId, page + 1) : undefined;
  const fault = faults.playlistFault(playlist, page);
  switch (fault?.kind) {
    case 'page-status':
      sendApiError(response, fault.status, 'Sample failure of a page.');
      return;
    case 'page-stall':
      return;
    case 'page-html':
      sendPage(response);
      return;
    case 'page-empty':
      sendJson(response, { responseContext: {} });
      return;
    case 'alert':
      sendJson(response, alert(fault.text));
      return;
    case 'ends-after':
      nextToken = undefined;
      break;
    case 'repeats-token':
      nextToken = tokenOf(listId, 1);
      break;
    case 'unresolvable':
    case undefined:
      break;
  }
  const options = { thumbnailUrl: dependencies.thumbnailUrl, nextToken };
  sendJson(response, page === 0 ? firstPage(playlist, options) : laterPage(playlist, page, options));
}

async function player(
  dependencies: ApiDependencies,
  videoId: string,
  response: ServerResponse,
): Promise<void> {
  const { catalogue, faults, log } = dependencies;
  log.add({ kind: 'player', videoId });
  const run = faults.beginRun(videoId);
  const video = catalogue.video(videoId);
  const media = await dependencies.mediaOf(videoId);
  if (video === undefined || media === undefined) {
    sendJson(response, { ...PLAYABILITY.unavailable, videoDetails: { videoId } });
    return;
  }
  const fault = faults.videoFault(videoId, run);
  const playerFault = isMediaFault(fault) ? undefined : fault;
  const options = {
    video,
    media,
    audioUrl: dependencies.audioUrl(videoId, run),
    thumbnailUrl: dependencies.thumbnailUrl(videoId),
  };
  switch (playerFault?.kind) {
    case 'player-status':
      sendApiError(response, playerFault.status, 'Sample failure of the player.');
      return;
    case 'player-stall':
      return;
    case 'player-html':
      sendPage(response);
      return;
    case 'player-wrong-video':
      sendJson(response, playerResponse({ ...options, video: { ...video, id: 'another0000' } }));
      return;
    case 'playability':
      sendJson(response, playerResponse({ ...options, playability: PLAYABILITY[playerFault.name] }));
      return;
    case 'no-formats':
      sendJson(response, playerResponse({ ...options, withoutFormats: true }));
      return;
    case undefined:
      sendJson(response, playerResponse(options));
  }
}
