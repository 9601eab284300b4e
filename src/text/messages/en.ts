import { adviceFor } from '../../domain/error-classes.ts';
import { feedTexts } from './en/feeds.ts';
import { frame } from './en/frame.ts';
import { overview } from './en/overview.ts';
import { playlistTexts } from './en/playlists.ts';
import { tokenTexts } from './en/tokens.ts';
import { video } from './en/video.ts';
import { videoTexts } from './en/videos.ts';
import { createFormats } from './formats.ts';

const format = createFormats('en');
const { number, decimal, count, plural, bytes } = format;

const documents = (value: number) => count(value, { one: 'document', other: 'documents' });

/** The English texts, and the shape of every other language: a language that lacks a text does not compile. */
export const en = {
  language: 'en',
  /** The name of the language in itself. */
  ownName: 'English',
  format,
  frame,
  overview,
  playlists: playlistTexts,
  feeds: feedTexts,
  tokens: tokenTexts,
  video,
  videos: videoTexts,
  /** What a person can do about an error class; `failed`: the program has given up. */
  advice: (errorClass: string | null | undefined, state: 'open' | 'failed' = 'open') =>
    adviceFor(errorClass, state),
  words: {
    source: 'source',
    kind: 'kind',
    state: 'state',
    documents: 'documents',
    new: 'new',
    updated: 'updated',
    duplicates: 'duplicates',
    rejected: 'rejected',
    added: 'added',
    runs: 'runs',
    failed: 'failed',
    received: 'received',
    reason: 'reason',
    items: 'items',
    lastSuccess: 'last success',
    lastNewItem: 'last new item',
    limit: 'limit',
    nextRun: 'next run',
    when: 'when',
    class: 'class',
    error: 'error',
    started: 'started',
    status: 'status',
    note: 'note',
    before: 'before',
    after: 'after',
    growth: 'growth',
    total: 'total',
    from: 'from',
    to: 'to',
    problems: 'problems',
    report: 'report',
  },
  health: {
    title: 'Health',
    sources: 'Sources',
    latestRuns: 'Latest runs',
    noSources: 'No sources are configured. They are listed in sources.yaml.',
    noRuns: 'No runs yet.',
    documents,
    summary: (states: string, total: number) => `${states}; ${documents(total)} in total.`,
    /** Before a time. */
    asOf: 'As of',
    states: {
      ok: 'ok',
      warning: 'warning',
      failing: 'failing',
      stale: 'stale',
      never: 'never collected',
      disabled: 'disabled',
    },
    /** How many sources are in each state: `3 ok`. */
    stateCounts: {
      ok: (value: number) => `${number(value)} ok`,
      warning: (value: number) => `${number(value)} warning`,
      failing: (value: number) => `${number(value)} failing`,
      stale: (value: number) => `${number(value)} stale`,
      never: (value: number) => `${number(value)} never collected`,
      disabled: (value: number) => `${number(value)} disabled`,
    },
    someUnhealthy:
      'Some sources are unhealthy. Check that workers are running (`npm run status`) and why runs fail (`npm run report`).',
    causes: {
      missingKey: (variable: string) => `missing ${variable}`,
      switchedOff: 'switched off in the sources file',
      neverCollected: 'It has not been collected yet: check that workers are running.',
      late: (hours: number) => `No success for more than ${number(hours)} h: check that workers are running.`,
      parts: (failed: number, all: number) =>
        `${number(failed)} of ${count(all, { one: 'part', other: 'parts' })} ${plural(failed, { one: 'was', other: 'were' })} not read.`,
      partsForLong: (failed: number, hours: number) =>
        `${count(failed, { one: 'part has', other: 'parts have' })} not been read for more than ${number(hours)} h.`,
      part: (name: string, note: string) => `${name}: ${note}`,
      allRejected: (items: number) =>
        `${count(items, { one: 'item was found, and it was', other: 'items were found, and all were' })} rejected: \`npm run report\` shows why.`,
      partial: (note: string) => `The last run was not complete: ${note}.`,
      nothingNew: (hours: number) =>
        `It is read without an error, but has brought nothing new for more than ${number(hours)} h. Check at the source whether it has moved.`,
      nothingEver: 'It is read without an error, but has never brought an item. Check its settings.',
    },
  },
  runs: {
    statuses: {
      running: 'running',
      success: 'success',
      partial: 'partial',
      failed: 'failed',
      skipped: 'skipped',
    },
    triggers: { schedule: 'schedule', manual: 'manual', catch_up: 'catch-up' },
  },
  report: {
    title: 'Collection report',
    list: 'Reports',
    noReports: 'No reports yet. One is created every day, and by `npm run report`.',
    period: (from: string, to: string) => `${from} to ${to}`,
    growth: 'Growth: documents added each day',
    growthChart: 'Documents added each day',
    noGrowth: (from: string, to: string) => `None from ${from} to ${to}.`,
    audioFound: 'audio found',
    sources: 'Sources',
    kinds: 'Kinds',
    credit:
      'Content that two sources have counts for the one that had it first; for the other it is a duplicate.',
    rejected: 'Rejected items',
    problems: 'Problems',
    noProblems: 'None in this period.',
    audio: 'Audio',
    videos: 'videos',
    audioStored: 'audio stored',
    sizeStored: 'size stored',
    mirrored: 'mirrored',
    notMirrored: 'not mirrored yet',
    noMirror: 'no mirror',
    failedVideos: 'failed',
    snapshot: 'Last snapshot',
    noSnapshot: 'No snapshot yet.',
    unknownSize: 'of unknown size',
    verified: 'verified',
    notVerified: 'not verified',
    verifiedAt: (moment: string) => `verified ${moment}`,
    totals: (total: number) => `Documents: **${number(total)}**`,
    counts: (counts: Counts) =>
      `New: **${number(counts.new)}**, updated: ${number(counts.updated)}, duplicates: ${number(counts.duplicate)}, rejected: ${number(counts.rejected)}`,
    audioLine: (hours: number, size: number, unmirrored: number | null) =>
      `Audio: ${decimal(hours)} h in ${bytes(size)}, ${unmirrored === null ? 'no mirror' : `${number(unmirrored)} not mirrored yet`}`,
  },
  digest: {
    /** In ASCII: some services send it as an HTTP header. */
    title: (inserted: number, unhealthy: number) =>
      `Collection: +${String(inserted)} ${inserted === 1 ? 'document' : 'documents'}${unhealthy === 0 ? '' : `, ${String(unhealthy)} unhealthy`}`,
    counts: (counts: Counts, total: number) =>
      `${count(counts.new, { one: 'new document', other: 'new documents' })}, ${number(counts.updated)} updated, ${count(counts.duplicate, { one: 'duplicate', other: 'duplicates' })}, ${number(counts.rejected)} rejected; ${number(total)} in total.`,
    audio: (videos: number, hours: number, size: number, failed: number) =>
      `Audio: ${count(videos, { one: 'video', other: 'videos' })}, ${decimal(hours)} h, ${bytes(size)}; ${number(failed)} failed.`,
    snapshot: (name: string, isVerified: boolean) =>
      `Last snapshot: ${name}, ${isVerified ? 'verified' : 'not verified'}.`,
    line: (label: string, text: string) => `${label}: ${text}`,
  },
  collect: {
    before: 'Before the collection',
    after: 'After the collection',
    newInDay: (value: number) =>
      `${count(value, { one: 'new document', other: 'new documents' })} in the last 24 hours`,
  },
};

/** The counts of a report or a digest. */
interface Counts {
  readonly new: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly rejected: number;
}

/** All texts of one language. */
export type Messages = typeof en;
