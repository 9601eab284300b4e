import type { Config } from '../config/config.ts';
import { toJobError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ListingEvent, ListOptions, PlaylistLister, PlaylistReference } from './playlist-listing.ts';
import { isListedByDataApi, listByDataApi } from './youtube-data-api-lister.ts';
import { YoutubeDataApi } from './youtube-data-api.ts';

/**
 * The configured lister: with YOUTUBE_API_KEY the Data API, and yt-dlp where that does not work (lists that it does not
 * support, a spent quota, a refused key, a hidden list).
 */
export function createPlaylistLister(
  config: Pick<Config, 'youtubeDataApi'>,
  logger: Logger,
  ytDlp: PlaylistLister,
): PlaylistLister {
  const api = config.youtubeDataApi === undefined ? undefined : new YoutubeDataApi(config.youtubeDataApi);
  return {
    list: (reference, options) => {
      if (reference.kind === 'video') return listVideo(reference);
      if (api === undefined || !isListedByDataApi(reference, options)) return ytDlp.list(reference, options);
      return withFallback(listByDataApi(api, reference, options), ytDlp, reference, options, logger);
    },
  };
}

/** A single video is a list of one entry; its title becomes known at the download. */
// eslint-disable-next-line @typescript-eslint/require-await -- all listings are async generators
async function* listVideo(reference: PlaylistReference): AsyncGenerator<ListingEvent> {
  const videoId = reference.id.slice('video.'.length);
  const metadata = { url: reference.url };
  yield {
    type: 'entry',
    entry: { videoId, position: 1, metadata, availability: 'available', live: 'no', isShort: false },
  };
}

/** Continues with yt-dlp when the first listing fails, without the entries that were already yielded. */
async function* withFallback(
  first: AsyncIterable<ListingEvent>,
  fallback: PlaylistLister,
  reference: PlaylistReference,
  options: ListOptions,
  logger: Logger,
): AsyncGenerator<ListingEvent> {
  /** How often each entry was yielded: a playlist may contain a video more than once. */
  const yielded = new Map<string, number>();
  let count = 0;
  try {
    for await (const event of first) {
      if (event.type === 'entry') {
        const { videoId } = event.entry;
        yielded.set(videoId, (yielded.get(videoId) ?? 0) + 1);
        count += 1;
      }
      yield event;
    }
    return;
  } catch (thrown) {
    const error = toJobError(thrown);
    if (error.outcome === 'interrupted') throw error;
    logger.warn({ playlist: reference.id, reason: error.message }, 'The listing continues with yt-dlp');
  }
  const limit = options.newest ?? Infinity;
  for await (const event of fallback.list(reference, options)) {
    if (event.type !== 'entry') {
      yield event;
      continue;
    }
    const left = yielded.get(event.entry.videoId) ?? 0;
    if (left > 0) {
      yielded.set(event.entry.videoId, left - 1);
      continue;
    }
    if (count >= limit) return;
    count += 1;
    yield event;
  }
}
