/**
 * The whole pipeline (list, download, transcode, upload, verify, mirror, verify) against the line that people type today,
 * `xargs -P"$(nproc)" yt-dlp -x --audio-format mp3 --audio-quality 320K`, on the same source, and against ffmpeg alone on the same
 * inputs. The source is the sample channel, so that nothing depends on a network. The four take turns.
 *
 *   npm run bench -- transcode [--videos=40] [--seconds=240] [--rounds=3] [--json]
 *
 * Aims: the pipeline takes at most 0.85 times as long as the line; download and transcoding work at 0.9 of the speed of ffmpeg alone.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Option } from 'commander';
import { SERVER_NAMES } from '../local/servers/start-servers.ts';
import { createCommand, runCommand, wholeNumber } from '../src/cli/command/run-command.ts';
import { barsOf, medianOf, toRow } from './support/figures.ts';
import { printReport, type Group } from './support/bench-report.ts';
import { createBenchConfig } from './support/bench-config.ts';
import { startBenchServers } from './support/bench-servers.ts';
import { watchMachine } from './support/machine.ts';
import { alternate } from './support/rounds.ts';
import { trialNotes } from './support/trial-note.ts';
import { mediaVersions, storeVersions } from './support/versions.ts';
import { runFfmpeg, runXargsLine } from './transcode/peers.ts';
import { runPipeline } from './transcode/pipeline.ts';
import { openRecordings } from './transcode/recordings.ts';

const FLOOR = 'ffmpeg alone';
const PEER = 'xargs line';
const DOWNLOADS = 'download and transcode';
const PIPELINE = 'whole pipeline';
const WARM_UP_VIDEOS = 12;

const COLUMNS: Group['columns'] = [
  { key: 'seconds', label: 'seconds', digits: 1 },
  { key: 'cpuSeconds', label: 'CPU s', digits: 1 },
  { key: 'ffmpeg', label: 'ffmpeg', digits: 1 },
  { key: 'ytDlp', label: 'yt-dlp', digits: 1 },
  { key: 'worker', label: 'worker', digits: 1 },
  { key: 'enqueue', label: 'enqueue', digits: 1 },
  { key: 'servers', label: 'servers', digits: 1 },
];

const command = createCommand('bench', 'Measures the pipeline against yt-dlp and ffmpeg alone.', [
  'npm run bench -- transcode --videos=6 --seconds=60 --rounds=2 --json',
])
  .addOption(new Option('--videos <n>', 'how many').argParser(wholeNumber(1, 10_000)).default(40))
  .addOption(new Option('--seconds <n>', 'how long each is').argParser(wholeNumber(1, 7_200)).default(240))
  .addOption(
    new Option('--rounds <n>', 'how often each is measured').argParser(wholeNumber(1, 100)).default(3),
  )
  .option('--json', 'print one JSON object', false);

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<{ videos: number; seconds: number; rounds: number; json: boolean }>();
  const { videos, seconds, rounds, json } = options;
  const machine = watchMachine();
  const directory = await startBenchServers(closeAtEnd, SERVER_NAMES, 'disk');
  const recordings = await openRecordings({ directory, videos, seconds }, closeAtEnd);
  const { media } = createBenchConfig().config;
  const tools = { ytDlp: media.ytDlpPath, ffmpeg: media.ffmpegPath, directory };
  const stages = ['download', 'upload', 'sync'] as const;
  // Servers take several times as long for what they do first, which else counts for whatever comes first.
  const warmUp = await openRecordings(
    { directory: path.join(directory, 'warm-up'), videos: WARM_UP_VIDEOS, seconds: 5 },
    closeAtEnd,
  );
  await runPipeline(warmUp, { directory, stages, signal });
  const results = await alternate(rounds, [
    { name: FLOOR, run: () => runFfmpeg(recordings, tools) },
    { name: PEER, run: () => runXargsLine(recordings, tools) },
    { name: DOWNLOADS, run: () => runPipeline(recordings, { directory, stages: ['download'], signal }) },
    { name: PIPELINE, run: () => runPipeline(recordings, { directory, stages, signal }) },
  ]);
  const group: Group = {
    title: `${String(videos)} VIDEOS OF ${String(seconds)} S`,
    columns: COLUMNS,
    rows: [...results].map(([name, figures]) => toRow(name, figures)),
  };
  const wall = (name: string) => medianOf(group, name, 'seconds');
  const audioSeconds = videos * seconds;
  const report = {
    bench: 'transcode',
    method: `The same ${String(videos)} recordings by ffmpeg alone, by \`xargs -P${String(availableParallelism())} yt-dlp -x --audio-format mp3 --audio-quality 320K\`, and by a worker process that runs already, from the start of \`npm run enqueue\` to the last status in MongoDB. Before, the servers had ${String(WARM_UP_VIDEOS)} short videos. The CPU time of yt-dlp is read while it runs, so up to 50 ms of each process are missing there.`,
    at: new Date().toISOString(),
    machine: machine(),
    versions: {
      Node: process.version,
      ...(await mediaVersions(tools.ytDlp, tools.ffmpeg)),
      ...(await storeVersions()),
    },
    options: { videos, seconds, rounds },
    groups: [group],
    ratios: [
      {
        name: 'seconds, whole pipeline / xargs line',
        value: wall(PIPELINE) / wall(PEER),
        aim: { atMost: 0.85 },
      },
      {
        name: 'speed, download and transcode / ffmpeg alone',
        value: wall(FLOOR) / wall(DOWNLOADS),
        aim: { atLeast: 0.9 },
      },
      { name: 'speed, whole pipeline / ffmpeg alone', value: wall(FLOOR) / wall(PIPELINE) },
      {
        name: 'CPU seconds, whole pipeline / xargs line',
        value: medianOf(group, PIPELINE, 'cpuSeconds') / medianOf(group, PEER, 'cpuSeconds'),
      },
      {
        name: 'CPU seconds, whole pipeline without its servers / xargs line',
        value:
          (medianOf(group, PIPELINE, 'cpuSeconds') - medianOf(group, PIPELINE, 'servers')) /
          medianOf(group, PEER, 'cpuSeconds'),
      },
      {
        name: 'CPU seconds of the worker for a video',
        value: medianOf(group, PIPELINE, 'worker') / videos,
        aim: { atMost: 0.1 },
      },
      { name: 'seconds of audio in a second, whole pipeline', value: audioSeconds / wall(PIPELINE) },
    ],
    charts: [
      {
        name: 'transcode',
        title: `Time for ${String(videos)} videos of ${String(seconds)} s`,
        unit: 'seconds',
        digits: 1,
        bars: barsOf(group, 'seconds'),
        mark: { value: wall(FLOOR), label: FLOOR },
      },
    ],
    notes: trialNotes(command),
  };
  printReport(report, json);
  return 0;
});
