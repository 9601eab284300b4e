import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface ApiVideo {
  readonly id: string;
  readonly title: string;
  /** ISO 8601, such as `PT3M5S`. */
  readonly duration?: string;
  readonly privacyStatus?: 'public' | 'private' | 'privacyStatusUnspecified';
  readonly live?: 'live' | 'upcoming' | 'none';
  readonly wasLive?: boolean;
}

export interface ApiContents {
  readonly playlists: Readonly<
    Record<string, { readonly title: string; readonly videos: readonly ApiVideo[] }>
  >;
  /** Uploads playlist by handle, user name or channel id. */
  readonly channels?: Readonly<Record<string, string>>;
  /** The number of calls before 403 quotaExceeded. */
  readonly quota?: number;
  /** The response to every call. */
  readonly fault?: 'hang' | 'garbage' | 'wrong-key' | 'error-500' | 'same-token';
}

export interface ApiServer {
  readonly url: string;
  readonly calls: readonly string[];
  close(): Promise<void>;
}

const PAGE_SIZE = 50;

/** Serves the resources of the YouTube Data API v3 that a listing uses, on a free port. */
export async function startYoutubeDataApi(key: string, contents: ApiContents): Promise<ApiServer> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    calls.push(`${url.pathname}${url.search}`);
    answer(request, response, url, contents, key, calls.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${String(address.port)}/youtube/v3`,
    calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  contents: ApiContents,
  key: string,
  callNumber: number,
): void {
  const send = (body: unknown, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const fail = (status: number, reason: string) => {
    send(
      { error: { code: status, message: `refused, key=${key}`, errors: [{ reason, domain: 'youtube' }] } },
      status,
    );
  };
  if (contents.fault === 'hang') return;
  if (contents.fault === 'garbage') {
    send({ items: 'none' });
    return;
  }
  if (contents.fault === 'error-500') {
    fail(500, 'backendError');
    return;
  }
  if (contents.fault === 'wrong-key' || request.headers['x-goog-api-key'] !== key) {
    fail(400, 'keyInvalid');
    return;
  }
  if (callNumber > (contents.quota ?? Infinity)) {
    fail(403, 'quotaExceeded');
    return;
  }
  const query = url.searchParams;
  switch (url.pathname.split('/').at(-1)) {
    case 'playlists': {
      const playlist = contents.playlists[query.get('id') ?? ''];
      send({
        items:
          playlist === undefined
            ? []
            : [{ snippet: { title: playlist.title }, contentDetails: { itemCount: playlist.videos.length } }],
      });
      return;
    }
    case 'playlistItems': {
      const playlist = contents.playlists[query.get('playlistId') ?? ''];
      if (playlist === undefined) {
        fail(404, 'playlistNotFound');
        return;
      }
      const from = Number(query.get('pageToken')?.slice(1) ?? 0);
      const to = from + Math.min(PAGE_SIZE, Number(query.get('maxResults') ?? 5));
      const hasNext = to < playlist.videos.length || contents.fault === 'same-token';
      send({
        ...(hasNext ? { nextPageToken: contents.fault === 'same-token' ? 'T0' : `T${String(to)}` } : {}),
        items: playlist.videos.slice(from, to).map(itemOf),
      });
      return;
    }
    case 'videos': {
      const ids = new Set(query.get('id')?.split(','));
      if (ids.size > PAGE_SIZE) {
        fail(400, 'invalidParameter');
        return;
      }
      const all = Object.values(contents.playlists).flatMap((playlist) => playlist.videos);
      send({ items: all.filter((video) => ids.has(video.id) && isVisible(video)).map(videoOf) });
      return;
    }
    case 'channels': {
      const uploads = contents.channels?.[query.get('forHandle') ?? query.get('forUsername') ?? ''];
      send(uploads === undefined ? {} : { items: [{ contentDetails: { relatedPlaylists: { uploads } } }] });
      return;
    }
    case undefined:
    default:
      fail(404, 'notFound');
  }
}

const isVisible = (video: ApiVideo) => (video.privacyStatus ?? 'public') === 'public';

function itemOf(video: ApiVideo) {
  return {
    snippet: {
      title: video.title,
      ...(isVisible(video)
        ? { videoOwnerChannelTitle: 'A Channel', videoOwnerChannelId: 'UCsampleChannel000000000' }
        : {}),
    },
    contentDetails: {
      videoId: video.id,
      ...(isVisible(video) ? { videoPublishedAt: '2024-05-06T07:08:09Z' } : {}),
    },
    status: { privacyStatus: video.privacyStatus ?? 'public' },
  };
}

function videoOf(video: ApiVideo) {
  return {
    id: video.id,
    snippet: { liveBroadcastContent: video.live ?? 'none' },
    contentDetails: { duration: video.duration ?? 'P0D' },
    ...(video.wasLive === true ? { liveStreamingDetails: { actualStartTime: '2024-01-01T00:00:00Z' } } : {}),
  };
}
