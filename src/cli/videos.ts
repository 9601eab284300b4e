import process from 'node:process';
import { Option } from 'commander';
import { loadConfig } from '../config/load.ts';
import { openDatabase, type Database } from '../database/database.ts';
import { definedFields } from '../domain/defined-fields.ts';
import type { VideoKey } from '../domain/video-key.ts';
import { VIDEO_STATUSES, type VideoStatus } from '../domain/video-status.ts';
import { deleteVideos } from '../operations/delete-videos.ts';
import { findVideos, showVideo } from '../operations/find-videos.ts';
import { playlistIdsInput, videoKeysInput } from '../operations/inputs.ts';
import { redownloadVideos, remirrorVideos } from '../operations/restart-videos.ts';
import { skipVideos, unskipVideos, type VideoResult } from '../operations/skip-videos.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { formatVideoDetails, formatVideoRows } from '../operations/video-text.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';
import { commandActor } from './command/actor.ts';
import { parseInput } from './command/input.ts';
import { printResult, withProgress } from './command/output.ts';
import { createCommand, runCommand, usageError, wholeNumber } from './command/run-command.ts';

const LISTED = 50;
/** Videos changed by one call. */
const MAX_CHANGED = 10_000;

/** What a call can do with videos: one thing only. */
const CHANGES = ['skip', 'unskip', 'redownload', 'remirror', 'delete'] as const;
type Change = (typeof CHANGES)[number];

const change = (name: Change, description: string) =>
  new Option(`--${name}`, description).conflicts([...CHANGES.filter((other) => other !== name), 'show']);

const command = createCommand(
  'videos',
  'Finds and shows videos; skips, deletes, downloads and copies them again.',
  [
    'npm run videos -- --title "rain" --status stored',
    'npm run videos -- dQw4w9WgXcQ --show',
    'npm run videos -- dQw4w9WgXcQ --skip',
    'npm run videos -- dQw4w9WgXcQ --unskip',
    'npm run videos -- dQw4w9WgXcQ --redownload',
    'npm run videos -- dQw4w9WgXcQ --delete --everywhere',
    'npm run videos -- --playlist PL… --status skipped --unskip',
  ],
)
  .argument('[id...]', 'ids or addresses of videos')
  .addOption(change('skip', 'do not archive them; no later listing takes them up'))
  .addOption(change('unskip', 'download them after all: skipped ones, and deleted ones again'))
  .addOption(
    change(
      'redownload',
      'download archived ones again; the object is replaced when the new file is complete',
    ),
  )
  .addOption(
    change('remirror', 'compare stored ones with their copies in Azure again, and copy where they differ'),
  )
  .addOption(change('delete', 'delete their audio in the bucket; no later listing brings them back'))
  .option('--everywhere', '--delete: also the copies in Azure')
  .option('--show', 'show all that is known of them (the default with ids)')
  .addOption(
    new Option('--status <status>', 'without ids: only videos of this status').choices(VIDEO_STATUSES),
  )
  .option('--playlist <id>', 'without ids: only videos of this playlist')
  .option('--title <text>', 'without ids: only videos whose title contains this text')
  .option(
    '--limit <number>',
    `without ids: how many videos at most (default: ${String(LISTED)} to show, all to change)`,
    wholeNumber(1, MAX_CHANGED),
  )
  .option('--json', 'print one JSON object');

type Flag = Change | 'everywhere' | 'show' | 'json';

interface Options extends Partial<Record<Flag, boolean>> {
  readonly status?: VideoStatus;
  readonly playlist?: string;
  readonly title?: string;
  readonly limit?: number;
}

const OUTCOMES: ReadonlyMap<string, string> = new Map([
  ['skipped', 'skipped; `--unskip` takes it up again'],
  ['archived', 'not skipped: it is archived already; `--delete` removes it'],
  ['unskipped', 'is downloaded now'],
  ['not_skipped', 'not changed: it is not skipped. `npm run retry` tries failed videos again'],
  ['deleted', 'deleted; `--unskip` downloads it again'],
  ['pending', 'deleted; what is left of it is removed by reconcile'],
  ['restarted', 'a worker does it now'],
  ['on_its_way', 'not changed: it is being archived'],
  ['not_stored', 'not changed: it has no object to copy'],
  ['unknown', 'unknown'],
]);
/** The command did what was asked, or it was so before. */
const DONE: ReadonlySet<string> = new Set(['skipped', 'unskipped', 'deleted', 'pending', 'restarted']);

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<Options>();
  const { everywhere = false, json = false } = options;
  if (everywhere && options.delete !== true) throw usageError('--everywhere belongs to --delete.');
  const isFiltered = [options.status, options.playlist, options.title].some((value) => value !== undefined);
  const isChange = CHANGES.some((name) => options[name] === true);
  if (command.args.length > 0 && isFiltered) {
    throw usageError('Give ids, or --status, --playlist and --title: not both.');
  }
  // A command without any restriction must not change every video.
  if (command.args.length === 0 && isChange && !isFiltered) throw usageError('Give the ids of videos.');
  const named = command.args.length > 0 ? parseInput(videoKeysInput, command.args) : undefined;
  const [playlistId] = options.playlist === undefined ? [] : parseInput(playlistIdsInput, [options.playlist]);
  const config = loadConfig(process.env);
  if (everywhere && config.azure === undefined)
    throw usageError('--everywhere: no Azure storage is configured.');
  const database = closeAtEnd(await openDatabase(config.mongo, 'sonotheque-videos'));
  const status = options.status ?? (options.unskip === true ? 'skipped' : undefined);
  const filter = definedFields({ status, playlistId, title: options.title });
  if (!isChange) {
    if (named !== undefined) return await show(named, database, json);
    const limit = options.limit ?? LISTED;
    const videos = await findVideos(filter, limit, database);
    printResult(json, { videos }, formatVideoRows(videos, limit));
    return 0;
  }
  const found =
    named ?? (await findVideos(filter, options.limit ?? MAX_CHANGED, database)).map(({ id }) => id);
  if (found.length === 0) {
    printResult(json, { videos: [] }, 'No such videos.');
    return 0;
  }
  const keys = named ?? parseInput(videoKeysInput, found);
  const queues = closeAtEnd(new JobQueues(config.redis));
  await queues.ping();
  const actor = commandActor();
  if (options.skip) return print(await skipVideos(keys, actor, { database, queues }), json);
  if (options.unskip) return print(await unskipVideos(keys, actor, { database, queues }), json);
  if (options.redownload) return print(await redownloadVideos(keys, actor, { database, queues }), json);
  if (options.remirror) {
    if (config.azure === undefined) throw usageError('--remirror: no Azure storage is configured.');
    return print(await remirrorVideos(keys, actor, { database, queues }), json);
  }
  const store = closeAtEnd(openMinioStore(config.minio, config.storage));
  const mirror = config.azure && closeAtEnd(openAzureStore(config.azure, config.storage));
  const results = await withProgress({ label: 'Deleting', unit: 'videos', total: keys.length }, (progress) =>
    deleteVideos(keys, { everywhere, onProgress: progress.update }, actor, {
      ...{ database, queues, store, mirror, signal },
    }),
  );
  return print(results, json);
});

async function show(keys: readonly VideoKey[], database: Database, json: boolean): Promise<number> {
  const found = await Promise.all(keys.map((key) => showVideo(key, database)));
  const videos = found.filter((video) => video !== undefined);
  const missing = keys.filter((_key, index) => found[index] === undefined).map(({ videoId }) => videoId);
  if (json || videos.length > 0) {
    printResult(json, { videos, missing }, videos.map(formatVideoDetails).join('\n\n'));
  }
  if (missing.length > 0) console.error(`Unknown: ${missing.join(', ')}.`);
  return missing.length > 0 ? 1 : 0;
}

/** @returns the exit code: 1 when something was not done. */
function print(
  results: readonly (VideoResult<string> & { readonly error?: string })[],
  json: boolean,
): number {
  const lines = results.map(({ id, outcome, error }) => {
    return `${id}: ${OUTCOMES.get(outcome) ?? outcome}${error === undefined ? '' : ` (${error})`}`;
  });
  printResult(json, { videos: results }, lines.join('\n'));
  return results.every(({ outcome, error }) => DONE.has(outcome) && error === undefined) ? 0 : 1;
}
