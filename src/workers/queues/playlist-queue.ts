import { hasAccountCookies } from '../../config/account-cookies.ts';
import { createPlaylistLister } from '../../media/playlist-lister.ts';
import { createYtDlpLister } from '../../media/playlist-yt-dlp-lister.ts';
import { createRateLimitedLister } from '../../egress/rate-limited-lister.ts';
import type { Processor } from '../processor.ts';
import { createPlaylistProcessor } from '../processors/playlist.ts';
import type { ProcessorDependencies } from './processor-dependencies.ts';

/** Reads playlists. */
export function createPlaylistQueue({
  config,
  logger,
  database,
  queues,
  egress,
}: ProcessorDependencies): Processor<'playlist'> {
  const ytDlp = createRateLimitedLister(egress, (address) => createYtDlpLister({ ...config.media, address }));
  return createPlaylistProcessor({
    database,
    queues,
    lister: createPlaylistLister(config, logger, ytDlp),
    filters: config.playlists.filters,
    intervalMs: config.playlists.intervalMs,
    personalLists: hasAccountCookies(config),
  });
}
