import type { Config } from '../config/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ListingEvent, PlaylistLister, PlaylistReference } from './playlist-listing.ts';
import { createYtDlpLister } from './playlist-yt-dlp-lister.ts';

/** The lister that the configuration asks for. */
export function createPlaylistLister(
  config: Pick<Config, 'media' | 'youtubeDataApi'>,
  _logger: Logger,
): PlaylistLister {
  const ytDlp = createYtDlpLister(config.media);
  return {
    list: (reference, options) =>
      reference.kind === 'video' ? listVideo(reference) : ytDlp.list(reference, options),
  };
}

/** A single video is a list of itself; what it is called is learned when it is downloaded. */
// eslint-disable-next-line @typescript-eslint/require-await -- it is one of several listings
async function* listVideo(reference: PlaylistReference): AsyncGenerator<ListingEvent> {
  const videoId = reference.id.slice('video.'.length);
  const facts = { url: reference.url };
  yield {
    type: 'entry',
    entry: { videoId, position: 1, facts, availability: 'available', live: 'no', isShort: false },
  };
}
