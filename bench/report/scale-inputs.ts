import { named } from '../backlog/compare.ts';
import { FOOTPRINT, FOOTPRINT_ROWS } from '../backlog/footprint-rows.ts';
import type { BenchReport } from '../support/bench-report.ts';

/** What docs/scale.md is computed from; all of it was measured. Times are CPU times where nothing else is said. */
export interface ScaleInputs {
  readonly bytes: Readonly<Record<'waiting' | 'mirrored' | 'attempt' | 'item' | 'job', number>>;
  /** Of the keys in all indexes of its collection. */
  readonly indexBytes: Readonly<Record<'waiting' | 'mirrored' | 'attempt' | 'item', number>>;
  /** Wall time. */
  readonly listMsAnObject: number;
  /** Wall time. */
  readonly reconcileSecondsAVideo: number;
  readonly reconcileMegabytes: number;
  /** How many videos waited then. */
  readonly reconcileVideos: number;
  readonly redisCommandsAnItem: number;
  readonly redisMsAnItem: number;
  readonly mongoMsAnItem: number;
  readonly workerMsAnItem: number;
  readonly redisConnectionsAWorker: number;
  /** yt-dlp, ffmpeg and the worker for a video of `SECONDS_A_VIDEO`. */
  readonly cpuSecondsAVideo: number;
}

/** Of a video on average; an assumption. */
export const SECONDS_A_VIDEO = 240;

/** @throws Error when a benchmark or a figure of it is missing */
export function scaleInputs(reports: readonly BenchReport[]): ScaleInputs {
  const backlog = reportOf(reports, 'backlog');
  const scale = reportOf(reports, 'scale');
  const one = (row: keyof typeof FOOTPRINT_ROWS, key: string) =>
    figure(backlog, FOOTPRINT, FOOTPRINT_ROWS[row], key);
  const [least = 0, ...larger] = String(backlog.options['videos'])
    .split(',')
    .map(Number)
    .filter((size) => backlog.groups.some(({ title }) => title === named(size)));
  const most = larger.at(-1) ?? least;
  const reconcile = (size: number, key: string) =>
    figure(backlog, named(size), 'reconcile, nothing to do', key);
  const largest = scale.groups[0]?.rows.at(-1)?.name ?? '';
  const item = (key: string) => figure(scale, scale.groups[0]?.title ?? '', largest, key);
  return {
    bytes: {
      waiting: one('waiting', 'bytes'),
      mirrored: one('mirrored', 'bytes'),
      attempt: one('attempt', 'bytes'),
      item: one('item', 'bytes'),
      job: one('job', 'bytes'),
    },
    indexBytes: {
      waiting: one('waiting', 'indexBytes'),
      mirrored: one('mirrored', 'indexBytes'),
      attempt: one('attempt', 'indexBytes'),
      item: one('item', 'indexBytes'),
    },
    listMsAnObject: one('object', 'ms'),
    // The slope: the start of the command is no part of it.
    reconcileSecondsAVideo:
      most === least
        ? reconcile(most, 'seconds') / most
        : Math.max(0, reconcile(most, 'seconds') - reconcile(least, 'seconds')) / (most - least),
    reconcileMegabytes: reconcile(most, 'megabytes'),
    reconcileVideos: most,
    redisCommandsAnItem: item('redisCommands'),
    redisMsAnItem: item('RedisMs'),
    mongoMsAnItem: item('MongoDBMs'),
    workerMsAnItem: item('workerMs'),
    redisConnectionsAWorker: item('redisConnections'),
    cpuSecondsAVideo: cpuSecondsAVideo(reportOf(reports, 'transcode')),
  };
}

/** Converting takes as long as the audio is; the rest is the same for each video. */
function cpuSecondsAVideo(transcode: BenchReport): number {
  const [videos, seconds] = [Number(transcode.options['videos']), Number(transcode.options['seconds'])];
  const part = (key: string) =>
    figure(transcode, transcode.groups[0]?.title ?? '', 'whole pipeline', key) / videos;
  return (part('ffmpeg') * SECONDS_A_VIDEO) / seconds + part('ytDlp') + part('worker') + part('enqueue');
}

function reportOf(reports: readonly BenchReport[], name: string): BenchReport {
  const found = reports.find(({ bench }) => bench === name);
  if (found === undefined) throw new Error(`There are no results of ${name}.`);
  return found;
}

function figure(report: BenchReport, group: string, row: string, key: string): number {
  const found = report.groups.find(({ title }) => title === group)?.rows.find(({ name }) => name === row)
    ?.figures[key];
  if (found === undefined) throw new Error(`The results of ${report.bench} have no ${key} of ${row}.`);
  return found.median;
}
