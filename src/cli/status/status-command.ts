import process from 'node:process';
import type { Config } from '../../config/config.ts';
import { rememberedYtDlpVersion } from '../../media/media-tools.ts';
import { playlistsRemovedFromFile, removedLines } from '../../operations/playlist-file.ts';
import { statusSections, type StatusSection } from '../../reports/status-text.ts';
import { collectStatus } from '../../reports/status.ts';
import { pause, withDeadline } from '../../runtime/deadline.ts';
import { commandConfig } from '../command/config.ts';
import { printResult } from '../command/output.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { openServers } from '../command/servers.ts';
import { markTrouble } from '../command/colour.ts';
import { watchOnScreen, type StatusReading } from './watch-on-screen.ts';

export type StatusOptions = Partial<Record<'json' | 'watch', boolean>>;

const WATCH_INTERVAL_MS = 2_000;
const DEADLINE_MS = 60_000;

/** Shows the state of everything, once or until the signal is aborted. @returns the exit code */
export async function status(
  { json = false, watch = false }: StatusOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const config = commandConfig();
  const read = await openReader(config, signal, closeAtEnd);
  if (watch && !json && process.stdout.isTTY) {
    await watchOnScreen(process.stdout, read, WATCH_INTERVAL_MS, signal);
    return 0;
  }
  do {
    const { value, sections } = await read();
    if (json && watch) process.stdout.write(`${JSON.stringify(value)}\n`);
    else printResult(json, value, sections.map(textOf).join('\n\n'));
    if (watch) await pause(WATCH_INTERVAL_MS, signal).catch(() => undefined);
  } while (watch && !signal.aborted);
  return 0;
}

async function openReader(
  config: Config,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<() => Promise<StatusReading>> {
  // Workers may run on other machines, so a yt-dlp that is missing here is no failure.
  const ytDlpVersion = rememberedYtDlpVersion(config.media.ytDlpPath, signal).catch(() => undefined);
  const { database, queues } = await openServers(config, { name: 'status', writes: false }, closeAtEnd);
  const limits = { signal, deadlineMs: DEADLINE_MS, what: 'Reading the status' };
  return async () => {
    const [found, removedFromFile] = await withDeadline(
      async () =>
        await Promise.all([
          collectStatus(database, queues, await ytDlpVersion),
          playlistsRemovedFromFile(database, config.playlists.file),
        ]),
      limits,
    );
    const removed = removedFromFile.length > 0 ? [removedLines(removedFromFile, config.playlists.file)] : [];
    return {
      value: { ...found, removedFromFile },
      sections: [...statusSections(found), ...removed.map((text) => ({ text, isTrouble: false }))],
    };
  };
}

function textOf({ text, isTrouble }: StatusSection): string {
  return isTrouble ? markTrouble(text) : text;
}
