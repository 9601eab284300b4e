import type { Database } from '../../database/database.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import type { VideoKey } from '../../domain/video-key.ts';
import { deleteVideos } from '../../operations/delete-videos.ts';
import { exportVideoList } from '../../operations/export-video-list.ts';
import { findVideos, showVideo } from '../../operations/find-videos.ts';
import { playlistIdsInput, videoKeysInput } from '../../operations/inputs.ts';
import { redownloadVideos, remirrorVideos } from '../../operations/restart-videos.ts';
import { retryVideos } from '../../operations/retry-videos.ts';
import { skipVideos, unskipVideos, type VideoResult } from '../../operations/skip-videos.ts';
import { formatVideoDetails, formatVideoRows } from '../../operations/video-text.ts';
import { openAzureStore, openMinioStore } from '../../storage/open-stores.ts';
import { commandActor } from '../command/actor.ts';
import { parseInput } from '../command/input.ts';
import { openOutput, printResult, withProgress } from '../command/output.ts';
import { usageError } from '../command/run-command.ts';
import type { VideoQuery } from '../../operations/video-query.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { CHANGES, FILTERS, LISTED, MAX_CHANGED, type VideosOptions } from './videos-options.ts';
import { commandConfig } from '../command/config.ts';
import { openRecords, openServers } from '../command/servers.ts';

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
  ['retried', 'a worker tries it again now'],
  ['refused', 'not changed: it has neither failed nor waits for a retry'],
  ['unknown', 'unknown'],
]);

/** The command did what was asked, or it was so before. */
const DONE: ReadonlySet<string> = new Set([
  'retried',
  'skipped',
  'unskipped',
  'deleted',
  'pending',
  'restarted',
]);

/** Finds, shows and changes videos. @returns the exit code */
export async function videos(
  ids: readonly string[],
  options: VideosOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const { everywhere = false, json = false } = options;
  const isFiltered = FILTERS.some((name) => options[name] !== undefined);
  const isChange = CHANGES.some((name) => options[name] === true);
  if (ids.length > 0 && isFiltered) {
    throw usageError(`Give ids, or ${FILTERS.map((name) => `--${name}`).join(', ')}: not both.`);
  }
  // A command without any restriction must not change every video.
  if (ids.length === 0 && isChange && !isFiltered) throw usageError('Give the ids of videos.');
  const named = ids.length > 0 ? parseInput(videoKeysInput, ids) : undefined;
  const [playlistId] = options.playlist === undefined ? [] : parseInput(playlistIdsInput, [options.playlist]);
  const config = commandConfig();
  if (everywhere && config.azure === undefined)
    throw usageError('--everywhere: no Azure storage is configured.');
  const purpose = { name: 'sonotheque-videos', writes: isChange };
  const status = options.status ?? (options.unskip === true ? 'skipped' : undefined);
  const filter = definedFields({
    ...{ status, playlistId },
    ...{
      title: options.title,
      channelId: options.channel,
      errorClass: options.class,
      language: options.language,
    },
  });
  const listFormat = options.csv === true ? 'csv' : options.jsonl === true ? 'jsonl' : undefined;
  if (listFormat !== undefined) {
    if (named !== undefined) throw usageError('--csv and --jsonl list what matches: give no ids.');
    if (options.limit !== undefined)
      throw usageError('--csv and --jsonl list all that match: leave --limit out.');
    const database = await openRecords(config, purpose, closeAtEnd);
    const write = openOutput();
    for await (const piece of exportVideoList(toQuery(options, status, playlistId), listFormat, database))
      await write(piece);
    return 0;
  }
  if (!isChange) {
    const database = await openRecords(config, purpose, closeAtEnd);
    if (named !== undefined) return await show(named, database, json);
    const limit = options.limit ?? LISTED;
    const found = await findVideos(filter, limit, database);
    printResult(json, { videos: found }, formatVideoRows(found, limit));
    return 0;
  }
  const { database, queues } = await openServers(config, purpose, closeAtEnd);
  const found =
    named ?? (await findVideos(filter, options.limit ?? MAX_CHANGED, database)).map(({ id }) => id);
  if (found.length === 0) {
    printResult(json, { videos: [] }, 'No such videos.');
    return 0;
  }
  const keys = named ?? parseInput(videoKeysInput, found);
  const actor = commandActor();
  if (options.retry) return print(await retryVideos(keys, actor, { database, queues }), json);
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
}

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

/** The same choice, as lists for programs are asked for it. */
function toQuery(
  { title, channel, class: errorClass, language }: VideosOptions,
  status: VideosOptions['status'],
  playlist: string | undefined,
): VideoQuery {
  return definedFields({ ...{ status, playlist, channel, language }, text: title, class: errorClass });
}
