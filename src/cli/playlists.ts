import { Argument, Option } from 'commander';
import { createCommand, runCommand, usageError } from './command/run-command.ts';
import {
  PLAYLISTS_ACTIONS,
  type PlaylistsAction,
  type PlaylistsFlags,
} from './playlists/playlists-options.ts';

const command = createCommand(
  'playlists',
  'Lists and shows playlists; adds, sets, reads, pauses, resumes and forgets them.',
  [
    'npm run playlists',
    'npm run playlists -- add https://www.youtube.com/playlist?list=PL…',
    'npm run playlists -- show @some-channel',
    'npm run playlists -- read @some-channel   # now, and not when it is due',
    'npm run playlists -- set PL… --set language=fr --set "title-include=lesson" --set priority=1',
    'npm run playlists -- pause @some-channel',
    'npm run playlists -- resume @some-channel',
    'npm run playlists -- forget PL… --with-videos --dry-run',
  ],
)
  .addArgument(
    new Argument('[action]', 'what to do with the playlists').choices(PLAYLISTS_ACTIONS).default('list'),
  )
  .argument('[id...]', 'ids as shown by --list, URLs, bare ids or handles')
  .option('--list', 'list all playlists (the default)')
  .option('--with-videos', 'forget: also delete the audio of the videos that no other playlist contains')
  .addOption(new Option('--everywhere', 'forget --with-videos: also delete the copies in Azure'))
  .option('--dry-run', 'forget: show how many videos would be deleted; change nothing')
  .option(
    '--set <name=value>',
    'set: title-include, title-exclude, min-duration, max-duration, published-after, published-before, live, shorts, profile, priority or language; without a value as configured; may be repeated',
    (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
  )
  .option('--json', 'print one JSON object');

await runCommand(async (signal, closeAtEnd) => {
  const flags = command.parse().opts<PlaylistsFlags>();
  const [action, texts] = command.processedArgs as [PlaylistsAction, string[]];
  const { withVideos = false, everywhere = false, dryRun = false } = flags;
  if (action !== 'forget' && (withVideos || everywhere || dryRun)) {
    throw usageError('--with-videos, --everywhere and --dry-run belong to forget.');
  }
  if ((action === 'set') !== (flags.set !== undefined)) {
    throw usageError('set and --set name=value belong together.');
  }
  if (everywhere && !withVideos) throw usageError('--everywhere needs --with-videos.');
  if (action === 'list' ? texts.length > 0 : texts.length === 0) {
    throw usageError(action === 'list' ? 'list takes no ids.' : `Name the playlists to ${action}.`);
  }
  if (flags.list === true && action !== 'list') throw usageError(`Give --list or ${action}, not both.`);
  const { playlists } = await import('./playlists/playlists-command.ts');
  return await playlists(action, texts, flags, signal, closeAtEnd);
});
