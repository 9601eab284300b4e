import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { MediaConfig } from '../config/config.ts';
import type { EgressAddress } from '../domain/egress-address.ts';
import { PermanentError, type JobError } from '../domain/job-errors.ts';
import type { ChildOutcome } from '../runtime/child-process.ts';
import {
  ENTRY_TEMPLATE,
  LIST_TEMPLATE,
  readListingLine,
  type ListingLine,
} from './playlist-yt-dlp-output.ts';
import { egressArguments, ytDlpArguments } from './yt-dlp-arguments.ts';
import { classifyYtDlpFailure } from './yt-dlp-errors.ts';
import { pluginArguments } from './yt-dlp-plugins.ts';
import { runYtDlp, withCopiedCookies } from './yt-dlp-process.ts';

export type ListerConfig = Pick<
  MediaConfig,
  'ytDlpPath' | 'isYtDlpResident' | 'ytDlpExtraArgs' | 'ytDlpPluginDirectory' | 'stallMs' | 'deadlineMs'
> & {
  /** Left out: this machine's own address, without cookies. */
  readonly address?: EgressAddress;
};

/** The last errors and warnings that are kept to classify a failure. */
const KEPT_LINES = 50;
const LIST_MISSING = /HTTP Error 404|does not have a (?:\w+ )?tab/i;
/** What YouTube says of a list, by yt-dlp, and the words for one that is missing. */
const ANSWER = /YouTube said: /i;
const MISSING_REASON = /private|not exist|unavailable|unviewable/i;

export interface EndedListing extends ChildOutcome {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Runs yt-dlp once and passes each line to `onLine`, whose promise stops the reading until it is done. */
export async function runListing(
  config: ListerConfig,
  call: readonly string[],
  url: string,
  signal: AbortSignal,
  onLine: (line: ListingLine) => Promise<void> | undefined,
): Promise<EndedListing> {
  const extraArguments = [
    ...(await pluginArguments(config.ytDlpPluginDirectory)),
    ...egressArguments(config.address, config.ytDlpExtraArgs),
  ];
  const hasCookies = extraArguments.some((argument) => argument.startsWith('--cookies'));
  const directory = hasCookies ? await mkdtemp(path.join(tmpdir(), 'sonotheque-list-')) : undefined;
  try {
    const ytDlpExtraArgs =
      directory === undefined ? extraArguments : await withCopiedCookies(extraArguments, directory);
    const errors: string[] = [];
    const warnings: string[] = [];
    const outcome = await runYtDlp(
      config.ytDlpPath,
      {
        configuration: ytDlpArguments([...LISTING_CALL, ...call], { ytDlpExtraArgs }, url),
        proxy: config.address?.proxy,
        isResident: config.isYtDlpResident,
      },
      {
        signal,
        stallMs: config.stallMs,
        deadlineMs: config.deadlineMs,
        onStdoutLine: (text) => {
          const line = readListingLine(text);
          return line === undefined ? undefined : onLine(line);
        },
        onStderrLine: (text) => {
          const lines = text.startsWith('ERROR') ? errors : warnings;
          lines.push(text);
          if (lines.length > KEPT_LINES) lines.shift();
          return undefined;
        },
      },
    );
    return { ...outcome, errors, warnings };
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }
}

const LISTING_CALL: readonly string[] = [
  // Printing at the stage `playlist` would let yt-dlp download what turns out to be a single video.
  '--simulate',
  // Nothing is written, and making a file name of the title of each entry takes a tenth of the time.
  '--output',
  'list',
  '--flat-playlist',
  '--lazy-playlist',
  '--extractor-retries',
  '2',
  // Makes dates of ages such as "2 years ago"; only a filter uses them.
  '--extractor-args',
  'youtubetab:approximate_date',
  '--print',
  ENTRY_TEMPLATE,
  '--print',
  LIST_TEMPLATE,
];

export function listingError(ended: EndedListing): JobError {
  const error = classifyYtDlpFailure([...ended.warnings, ...ended.errors], ended.exitCode);
  const isElsewhere = error.outcome === 'throttled' || error.outcome === 'operator';
  if (!isElsewhere && ended.errors.some(saysMissing)) {
    return new PermanentError('playlist_missing', error.message, { cause: error });
  }
  return error;
}

function saysMissing(line: string): boolean {
  return LIST_MISSING.test(line) || (ANSWER.test(line) && MISSING_REASON.test(line));
}
