import path from 'node:path';
import process from 'node:process';
import { parse } from 'shell-quote';
import { controlSampleChannel } from '../../local/sample-channel/control-client.ts';
import { spawnSampleChannel } from '../../local/sample-channel/spawn-sample-channel.ts';
import type { CloseAtEnd } from '../../src/cli/command/run-command.ts';
import { createBenchConfig } from '../support/bench-config.ts';
import { ROOT } from '../support/bench-servers.ts';
import { measureChild, type ChildFigures } from '../support/measure-child.ts';

/** Playlists of videos that no database has yet. */
export interface Listing {
  readonly ytDlp: string;
  readonly ffmpeg: string;
  /** For `YTDLP_EXTRA_ARGS`. */
  readonly extraArguments: string;
  /** @returns the id of a new playlist */
  addPlaylist(entries: number): Promise<string>;
  /** yt-dlp alone lists it: the floor of every command that does. */
  listAlone(playlistId: string): Promise<ChildFigures>;
}

export async function openListing(closeAtEnd: CloseAtEnd): Promise<Listing> {
  const channel = closeAtEnd(
    await spawnSampleChannel({ directory: path.join(ROOT, '.sonotheque/sample-channel') }),
  );
  const { ytDlpPath, ffmpegPath } = createBenchConfig().config.media;
  const words = parse(channel.extraArguments).filter((word) => typeof word === 'string');
  let playlists = 0;
  let videos = 0;
  return {
    ytDlp: ytDlpPath,
    ffmpeg: ffmpegPath,
    extraArguments: channel.extraArguments,
    addPlaylist: async (entries) => {
      playlists += 1;
      const id = `PLbench${String(playlists).padStart(27, '0')}`;
      const first = videos;
      videos += entries;
      const videoIds = Array.from(
        { length: entries },
        (_value, index) => `gen${String(first + index).padStart(8, '0')}`,
      );
      const playlist = { id, title: 'New recordings', videoIds, pageSize: 100 };
      await controlSampleChannel(channel.controlUrl, { action: 'add-playlist', playlist });
      return id;
    },
    listAlone: async (id) =>
      await measureChild(
        ytDlpPath,
        [
          ...['--ignore-config', '--flat-playlist', '--lazy-playlist', '--print', '%(id)s', ...words, '--'],
          `https://www.youtube.com/playlist?list=${id}`,
        ],
        process.env,
      ),
  };
}
