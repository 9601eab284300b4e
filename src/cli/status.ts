import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { readYtDlpVersion } from '../media/media-tools.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { commandsAsTyped } from '../runtime/command-form.ts';
import { pause, withDeadline } from '../runtime/deadline.ts';
import { playlistsRemovedFromFile, removedLines } from '../operations/playlist-file.ts';
import { formatStatus } from '../reports/status-text.ts';
import { collectStatus } from '../reports/status.ts';
import { createCommand, runCommand } from './command/run-command.ts';

const WATCH_INTERVAL_MS = 2_000;
const DEADLINE_MS = 60_000;
const CLEAR_SCREEN = '\u001b[H\u001b[2J\u001b[3J';

const command = createCommand('status', 'Shows the state of videos, queues and playlists.', [
  'npm run status',
  'npm run status -- --watch',
  "npm run status --silent -- --json | jq '.videos.failed'",
])
  .option('--json', 'print one JSON object')
  .option('--watch', 'repeat every two seconds until Ctrl-C (with --json: one object a line)');

await runCommand(async (signal, closeAtEnd) => {
  const { json, watch } = command.parse().opts<{ json?: boolean; watch?: boolean }>();
  const config = loadConfig(process.env);
  // Workers may run on other machines, so a yt-dlp that is missing here is no failure.
  const ytDlpVersion = readYtDlpVersion(config.media.ytDlpPath, signal).catch(() => undefined);
  const database = closeAtEnd(await openDatabase(config.mongo, 'status'));
  const queues = closeAtEnd(new JobQueues(config.redis));
  do {
    const limits = { signal, deadlineMs: DEADLINE_MS, what: 'Reading the status' };
    const status = await withDeadline(
      async () => collectStatus(database, queues, await ytDlpVersion),
      limits,
    );
    const removedFromFile = await playlistsRemovedFromFile(database, config.playlists.file);
    const removed = removedFromFile.length > 0 ? [removedLines(removedFromFile, config.playlists.file)] : [];
    const text = json
      ? JSON.stringify({ ...status, removedFromFile }, undefined, watch ? undefined : 2)
      : commandsAsTyped([formatStatus(status), ...removed].join('\n\n'));
    process.stdout.write(`${watch && !json && process.stdout.isTTY ? CLEAR_SCREEN : ''}${text}\n`);
    if (watch) await pause(WATCH_INTERVAL_MS, signal).catch(() => undefined);
  } while (watch && !signal.aborted);
  return 0;
});
