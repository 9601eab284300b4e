import process from 'node:process';
import { Argument, Option } from 'commander';
import { hasAccountCookies } from '../config/account-cookies.ts';
import { loadConfig } from '../config/load.ts';
import { openDatabase, type Database } from '../database/database.ts';
import type { PlaylistReference } from '../media/playlist-listing.ts';
import { playlistIdsInput } from '../operations/inputs.ts';
import {
  addPlaylists,
  forgetPlaylists,
  pausePlaylists,
  resumePlaylists,
  type PlaylistResult,
} from '../operations/manage-playlists.ts';
import { parsePlaylistReference } from '../producers/playlist-reference.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { formatPlaylists } from '../reports/status-text.ts';
import { describePlaylist } from '../reports/status.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';
import { commandActor } from './command/actor.ts';
import { parseInput } from './command/input.ts';
import { printResult, withProgress } from './command/output.ts';
import { createCommand, runCommand, usageError } from './command/run-command.ts';

const ACTIONS = ['list', 'add', 'pause', 'resume', 'forget'] as const;
type Action = (typeof ACTIONS)[number];

const command = createCommand('playlists', 'Lists playlists; adds, pauses, resumes and forgets them.', [
  'npm run playlists',
  'npm run playlists -- add https://www.youtube.com/playlist?list=PL…',
  'npm run playlists -- pause @some-channel',
  'npm run playlists -- resume @some-channel',
  'npm run playlists -- forget PL… --with-videos --dry-run',
])
  .addArgument(new Argument('[action]', 'what to do with the playlists').choices(ACTIONS).default('list'))
  .argument('[id...]', 'ids as shown by --list, URLs, bare ids or handles')
  .option('--list', 'list all playlists (the default)')
  .option('--with-videos', 'forget: also delete the audio of the videos that no other playlist contains')
  .addOption(new Option('--everywhere', 'forget --with-videos: also delete the copies in Azure'))
  .option('--dry-run', 'forget: show how many videos would be deleted; change nothing')
  .option('--json', 'print one JSON object');

type Flag = 'list' | 'withVideos' | 'everywhere' | 'dryRun' | 'json';

const OUTCOMES: ReadonlyMap<string, string> = new Map([
  ['added', 'added; a worker reads it now'],
  ['known', 'known already; a worker reads it now'],
  ['paused', 'paused; its videos go on'],
  ['resumed', 'resumed; a worker reads it now'],
  ['forgotten', 'forgotten; `npm run playlists -- add` takes it up again'],
  ['unknown', 'unknown. See `npm run playlists`'],
]);

await runCommand(async (signal, closeAtEnd) => {
  const flags = command.parse().opts<Partial<Record<Flag, boolean>>>();
  const [action, texts] = command.processedArgs as [Action, string[]];
  const { withVideos = false, everywhere = false, dryRun = false, json = false } = flags;
  if (action !== 'forget' && (withVideos || everywhere || dryRun)) {
    throw usageError('--with-videos, --everywhere and --dry-run belong to forget.');
  }
  if (everywhere && !withVideos) throw usageError('--everywhere needs --with-videos.');
  if (action === 'list' ? texts.length > 0 : texts.length === 0) {
    throw usageError(action === 'list' ? 'list takes no ids.' : `Name the playlists to ${action}.`);
  }
  if (flags.list === true && action !== 'list') throw usageError(`Give --list or ${action}, not both.`);
  const config = loadConfig(process.env);
  const personalLists = hasAccountCookies(config);
  const ids = action === 'list' || action === 'add' ? [] : parseInput(playlistIdsInput, texts);
  if (everywhere && config.azure === undefined)
    throw usageError('--everywhere: no Azure storage is configured.');
  const database = closeAtEnd(await openDatabase(config.mongo, 'sonotheque-playlists'));
  if (action === 'list') {
    const playlists = (await database.playlists.all()).map(describePlaylist);
    printResult(json, { playlists }, formatPlaylists(playlists));
    return 0;
  }
  const queues = closeAtEnd(new JobQueues(config.redis));
  await queues.ping();
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
    case 'pause':
      return print(await pausePlaylists(ids, actor, dependencies), json);
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
});

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
