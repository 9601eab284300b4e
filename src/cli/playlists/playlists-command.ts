import { hasAccountCookies } from '../../config/account-cookies.ts';
import type { Database } from '../../database/database.ts';
import type { PlaylistReference } from '../../media/playlist-listing.ts';
import { playlistIdsInput } from '../../operations/inputs.ts';
import { showPlaylist } from '../../operations/list-playlists.ts';
import {
  addPlaylists,
  forgetPlaylists,
  pausePlaylists,
  resumePlaylists,
  type PlaylistResult,
} from '../../operations/manage-playlists.ts';
import { changePlaylistSettings, type PlaylistSettingsChange } from '../../operations/playlist-settings.ts';
import type { Actor } from '../../operations/audited.ts';
import { parsePlaylistReference } from '../../producers/playlist-reference.ts';
import { formatPlaylists } from '../../reports/status-text.ts';
import { describePlaylist } from '../../reports/status.ts';
import { openAzureStore, openMinioStore } from '../../storage/open-stores.ts';
import { commandActor } from '../command/actor.ts';
import { parseInput } from '../command/input.ts';
import { printMessage, printResult, withProgress } from '../command/output.ts';
import { usageError } from '../command/run-command.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { commandConfig } from '../command/config.ts';
import { openRecords, openServers } from '../command/servers.ts';
import { formatPlaylistDetails } from './playlist-details.ts';
import type { PlaylistsAction, PlaylistsFlags } from './playlists-options.ts';
import { settingsOf } from './settings-arguments.ts';

const OUTCOMES: ReadonlyMap<string, string> = new Map([
  ['added', 'added; a worker reads it now'],
  ['known', 'known already; a worker reads it now'],
  ['paused', 'paused; its videos go on'],
  ['resumed', 'resumed; a worker reads it now'],
  ['read', 'a worker reads it now'],
  ['forgotten', 'forgotten; `npm run playlists -- add` takes it up again'],
  ['unknown', 'unknown. See `npm run playlists`'],
]);

/** Lists playlists; adds, pauses, resumes and forgets them. @returns the exit code */
export async function playlists(
  action: PlaylistsAction,
  texts: readonly string[],
  flags: PlaylistsFlags,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const { withVideos = false, everywhere = false, dryRun = false, json = false } = flags;
  const config = commandConfig();
  const personalLists = hasAccountCookies(config);
  const ids = action === 'list' || action === 'add' ? [] : parseInput(playlistIdsInput, texts);
  if (everywhere && config.azure === undefined)
    throw usageError('--everywhere: no Azure storage is configured.');
  const purpose = { name: 'sonotheque-playlists', writes: action !== 'list' && action !== 'show' };
  if (action === 'list') {
    const database = await openRecords(config, purpose, closeAtEnd);
    const listed = (await database.playlists.all()).map(describePlaylist);
    printResult(json, { playlists: listed }, formatPlaylists(listed));
    return 0;
  }
  if (action === 'show') return await show(ids, await openRecords(config, purpose, closeAtEnd), json);
  const { database, queues } = await openServers(config, purpose, closeAtEnd);
  const actor = commandActor();
  const dependencies = { database, queues };
  switch (action) {
    case 'add':
      return print(
        await addPlaylists(
          await Promise.all(texts.map((text) => referenceOf(text, database, personalLists))),
          actor,
          dependencies,
        ),
        json,
      );
    case 'set':
      return await set(ids, settingsOf(flags.set ?? []), actor, database, json);
    case 'pause':
      return print(await pausePlaylists(ids, actor, dependencies), json);
    case 'read': {
      const results = await resumePlaylists(ids, actor, dependencies);
      return print(
        results.map((result) => ({
          ...result,
          outcome: result.outcome === 'resumed' ? 'read' : result.outcome,
        })),
        json,
      );
    }
    case 'resume':
      return print(await resumePlaylists(ids, actor, dependencies), json);
    case 'forget': {
      const store = closeAtEnd(openMinioStore(config.minio, config.storage));
      const mirror =
        everywhere && config.azure ? closeAtEnd(openAzureStore(config.azure, config.storage)) : undefined;
      const forget = (onProgress?: (deleted: number) => void) =>
        forgetPlaylists(ids, { withVideos, everywhere, dryRun, ...(onProgress && { onProgress }) }, actor, {
          ...dependencies,
          store,
          mirror,
          signal,
        });
      const results =
        withVideos && !dryRun
          ? await withProgress({ label: 'Deleting', unit: 'videos' }, (progress) => forget(progress.update))
          : await forget();
      const notes = new Map(
        results.map(({ id, videos }) => [
          id,
          withVideos ? `${String(videos)} videos deleted` : 'its videos stay',
        ]),
      );
      return print(results, json, { notes, dryRun });
    }
  }
}

async function referenceOf(
  text: string,
  database: Database,
  personalLists: boolean,
): Promise<PlaylistReference> {
  // An id as it is shown stands for the address in the record.
  const known = await database.playlists.findById(text);
  const parsed = parsePlaylistReference(known?.url ?? text, { personalLists });
  if (!parsed.ok) throw usageError(`${text} ${parsed.reason}.`);
  if (parsed.reference.kind === 'video') {
    throw usageError(`${text} is a single video: use \`npm run enqueue\` for it.`);
  }
  return parsed.reference;
}

/** @returns the exit code: 1 when a playlist is unknown. */
async function show(ids: readonly string[], database: Database, json: boolean): Promise<number> {
  const found = await Promise.all(ids.map((id) => showPlaylist(id, database)));
  const shown = found.filter((playlist) => playlist !== undefined);
  const missing = ids.filter((_id, index) => found[index] === undefined);
  if (json || shown.length > 0) {
    printResult(json, { playlists: shown, missing }, shown.map(formatPlaylistDetails).join('\n\n'));
  }
  if (missing.length > 0) printMessage(`Unknown: ${missing.join(', ')}. See \`npm run playlists\`.`);
  return missing.length > 0 ? 1 : 0;
}

const SET_OUTCOMES: ReadonlyMap<string, string> = new Map([
  ['changed', 'changed; filters apply from its next reading on'],
  ['unchanged', 'unchanged'],
  ['contradictory', 'not changed: the values contradict those that were set before'],
]);

/** @returns the exit code: 1 when a playlist is unknown, or its settings were not changed. */
async function set(
  ids: readonly string[],
  change: PlaylistSettingsChange,
  actor: Actor,
  database: Database,
  json: boolean,
): Promise<number> {
  const results = [];
  for (const id of ids)
    results.push({ id, ...(await changePlaylistSettings(id, change, actor, { database })) });
  const lines = results.map(
    ({ id, outcome }) => `${id}: ${SET_OUTCOMES.get(outcome) ?? OUTCOMES.get(outcome) ?? outcome}`,
  );
  printResult(json, { playlists: results }, lines.join('\n'));
  return results.every(({ outcome }) => outcome === 'changed' || outcome === 'unchanged') ? 0 : 1;
}

/** @returns the exit code: 1 when a playlist is unknown. */
function print(
  results: readonly PlaylistResult<string>[],
  json: boolean,
  options: { readonly notes?: ReadonlyMap<string, string>; readonly dryRun?: boolean } = {},
): number {
  const lines = results.map(({ id, outcome, nested }) => {
    const note = outcome === 'unknown' ? undefined : options.notes?.get(id);
    const parts = [
      OUTCOMES.get(outcome) ?? outcome,
      ...(note === undefined ? [] : [note]),
      ...(nested.length > 0 ? [`also the ${String(nested.length)} playlists found in it`] : []),
    ];
    return `${options.dryRun === true ? 'would be: ' : ''}${id}: ${parts.join('; ')}`;
  });
  if (options.dryRun === true) lines.push('Nothing was changed.');
  printResult(json, { dryRun: options.dryRun ?? false, playlists: results }, lines.join('\n'));
  return results.some(({ outcome }) => outcome === 'unknown') ? 1 : 0;
}
