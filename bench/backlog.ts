/**
 * What a long backlog costs: 10,000, 100,000 and 1,000,000 videos that wait for their download; how long reconcile takes to give them
 * jobs and then to find nothing wrong, how much memory it takes, how long status, pages and metrics take, and how long a new playlist
 * takes to enqueue beside them. Floors: an empty Node, /livez, yt-dlp's listing of the same playlist, and a plain walk through the
 * same records. And how many bytes a record and a job take.
 *
 *   npm run bench -- backlog [--videos=10000,100000,1000000] [--entries=1000] [--rounds=3] [--json]
 *
 * A size that the database cannot hold is said in the output and left out. Aims: status and pages take as long with many videos as with few,
 * reconcile as long for each video, in the same memory.
 */
import process from 'node:process';
import { Option } from 'commander';
import { SERVER_NAMES } from '../local/servers/start-servers.ts';
import { createCommand, runCommand, wholeNumber } from '../src/cli/command/run-command.ts';
import { toError } from '../src/domain/job-errors.ts';
import { chartsOf, named, ratiosOf } from './backlog/compare.ts';
import { measureFootprint } from './backlog/footprint.ts';
import { openListing } from './backlog/listing.ts';
import { measureSize } from './backlog/measure-size.ts';
import { printReport, type BenchReport, type Group } from './support/bench-report.ts';
import { startBenchServers } from './support/bench-servers.ts';
import { watchMachine } from './support/machine.ts';
import { trialNotes } from './support/trial-note.ts';
import { isStandIn, mediaVersions, storeVersions } from './support/versions.ts';

const command = createCommand('bench', 'Measures what a long backlog costs.', [
  'npm run bench -- backlog --videos=2000,20000 --rounds=2 --json',
])
  .addOption(new Option('--videos <list>', 'sizes, separated by commas').default('10000,100000,1000000'))
  .addOption(
    new Option('--entries <n>', 'of each new playlist').argParser(wholeNumber(1, 20_000)).default(1_000),
  )
  .addOption(
    new Option('--rounds <n>', 'how often each is measured').argParser(wholeNumber(1, 100)).default(3),
  )
  .option('--json', 'print one JSON object', false);

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<{ videos: string; entries: number; rounds: number; json: boolean }>();
  const { entries, rounds, json } = options;
  const sizes = options.videos.split(',').map(wholeNumber(1, 100_000_000));
  const machine = watchMachine();
  const directory = await startBenchServers(closeAtEnd, SERVER_NAMES, 'disk');
  const listing = await openListing(closeAtEnd);
  const versions: Record<string, string> = { Node: process.version };
  const notes = trialNotes(command);
  if (isStandIn()) {
    notes.push(
      'The stand-in for MongoDB has few indexes: every query of status, pages and enqueue reads all records there, so that these ratios say nothing of a real MongoDB, where each reads a bounded range of an index.',
    );
  }
  const groups: Group[] = [await measureFootprint(versions, directory)];
  const measured: number[] = [];
  for (const size of sizes) {
    try {
      const onProblem = (problem: string) => notes.push(`${named(size)}: ${problem}`);
      groups.push(await measureSize({ size, entries, rounds, listing, directory, signal }, onProblem));
      measured.push(size);
    } catch (error) {
      signal.throwIfAborted();
      const database = isStandIn() ? 'the stand-in for MongoDB' : 'this database';
      notes.push(
        `${named(size)} could not be measured with ${database}: ${toError(error).message.split('\n', 1)[0] ?? ''}`,
      );
      // It may have ended, and a larger size would fail as well.
      break;
    }
  }
  const report: BenchReport = {
    bench: 'backlog',
    method: `Records of videos that wait for their download, and their playlists, are written to an empty database; reconcile then gives them jobs. Commands are measured from their start to their end, pages by one reader to the first byte. "enqueue" lists a playlist of ${String(entries)} new videos. MB: the most that the process held; of Redis and MongoDB, what they hold then.`,
    at: new Date().toISOString(),
    machine: machine(),
    versions: {
      ...versions,
      ...(await mediaVersions(listing.ytDlp, listing.ffmpeg)),
      ...(await storeVersions()),
    },
    options: { videos: options.videos, entries, rounds },
    groups,
    ratios: ratiosOf(groups, measured),
    charts: chartsOf(groups, measured),
    notes,
  };
  printReport(report, json);
  return 0;
});
