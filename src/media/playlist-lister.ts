import type { Config } from '../config/config.ts';
import { toJobError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ListingEvent, ListOptions, PlaylistLister, PlaylistReference } from './playlist-listing.ts';
import { isListedByDataApi, listByDataApi } from './youtube-data-api-lister.ts';
import { YoutubeDataApi } from './youtube-data-api.ts';

/**
 * The lister that the configuration asks for: with YOUTUBE_API_KEY the Data API, and yt-dlp for what it does not
 * know or when it does not answer (its quota is spent, the key is refused, the list is hidden from it).
 * @param ytDlp only asked when it is needed.
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

/** A single video is a list of itself; what it is called is learned when it is downloaded. */
// eslint-disable-next-line @typescript-eslint/require-await -- it is one of several listings
async function* listVideo(reference: PlaylistReference): AsyncGenerator<ListingEvent> {
  const videoId = reference.id.slice('video.'.length);
  const metadata = { url: reference.url };
  yield {
    type: 'entry',
    entry: { videoId, position: 1, metadata, availability: 'available', live: 'no', isShort: false },
  };
}

/** Goes on with yt-dlp when the first listing fails, and leaves out as many of each entry as were given before. */
async function* withFallback(
  first: AsyncIterable<ListingEvent>,
  fallback: PlaylistLister,
  reference: PlaylistReference,
  options: ListOptions,
  logger: Logger,
): AsyncGenerator<ListingEvent> {
  const given = new Map<string, number>();
  let count = 0;
  try {
    for await (const event of first) {
      if (event.type === 'entry') {
        const { videoId } = event.entry;
        given.set(videoId, (given.get(videoId) ?? 0) + 1);
        count += 1;
      }
      yield event;
    }
    return;
  } catch (thrown) {
    const error = toJobError(thrown);
    if (error.outcome === 'interrupted') throw error;
    logger.warn({ playlist: reference.id, reason: error.message }, 'Listing goes on with yt-dlp');
  }
  const wanted = options.newest ?? Infinity;
  for await (const event of fallback.list(reference, options)) {
    if (event.type !== 'entry') {
      yield event;
      continue;
    }
    const left = given.get(event.entry.videoId) ?? 0;
    if (left > 0) {
      given.set(event.entry.videoId, left - 1);
      continue;
    }
    if (count >= wanted) return;
    count += 1;
    yield event;
  }
}
