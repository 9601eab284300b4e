import type { Config } from '../../config/config.ts';
import { prepareYtDlpForks } from '../../media/yt-dlp-fork/fork-yt-dlp.ts';
import { parsePlaylistReference } from '../../producers/playlist-reference.ts';
import { commandConfig } from '../command/config.ts';

/**
 * Reads the configuration, and lets yt-dlp be loaded beside the rest of this program and its connections: both take about as long.
 * @throws UserError, ConfigurationError as `commandConfig` does
 */
export async function prepareListing(inputs: readonly string[]): Promise<Config> {
  const config = commandConfig();
  const { isYtDlpResident, ytDlpPath } = config.media;
  const isAllVideos = inputs.length > 0 && inputs.every(isVideo);
  if (isYtDlpResident && config.youtubeDataApi === undefined && !isAllVideos) {
    await prepareYtDlpForks(ytDlpPath);
  }
  return config;
}

/** Whether it is the address or id of a single video, which is not listed. */
function isVideo(input: string): boolean {
  const parsed = parsePlaylistReference(input);
  return parsed.ok && parsed.reference.kind === 'video';
}
