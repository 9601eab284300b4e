import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { openDatabase, type Database } from '../../database/database.ts';
import { interpretPlaylistLines } from '../../producers/playlist-lines.ts';
import { createPlaylistLister } from '../../media/playlist-lister.ts';
import { createYtDlpLister } from '../../media/playlist-yt-dlp-lister.ts';
import type { PlaylistLister, PlaylistReference } from '../../media/playlist-listing.ts';
import { expandPlaylist, previewPlaylist } from '../../producers/expand-playlist.ts';
import type { Expansion } from '../../producers/expansion-tally.ts';
import { JobQueues } from '../../queues/job-queues.ts';
import { toJobError } from '../../domain/job-errors.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createProgress } from '../../runtime/progress-bar.ts';
import { formatDuration } from '../../text/units.ts';
import { EgressRestError } from '../../egress/egress-rest-error.ts';
import { openEgress, type Egress } from '../../egress/egress.ts';
import { createRateLimitedLister } from '../../egress/rate-limited-lister.ts';
import { linesOfInputs } from './enqueue-inputs.ts';
import { parseEnqueueOptions, type EnqueueOptions } from './enqueue-options.ts';
import {
  failureLine,
  placeOf,
  shown,
  summaryLine,
  type EnqueueReport,
  type FailedExpansion,
  type RefusedLine,
} from './enqueue-report.ts';

/** Shorter waits, as between two starts, are not worth a line. */
const TOLD_REST_MS = 15_000;

type Variables = Readonly<Record<string, string | undefined>>;
type Expand = (reference: PlaylistReference, onProgress: (soFar: Expansion) => void) => Promise<Expansion>;

/**
 * Reads lines, expands each playlist they name and reports.
 * @returns the exit code: 1 when a line was refused or a playlist failed.
 */
export async function enqueue(
  args: readonly string[],
  environment: Variables,
  signal: AbortSignal,
): Promise<number> {
  const options = parseEnqueueOptions(args);
  const config = loadConfig(environment);
  const session = await (options.dryRun ? openPreview : openSession)(config, options, signal);
  try {
    const report = await expandAll(config, options, session.expand, signal);
    if (options.json) console.log(JSON.stringify(report));
    return report.failed.length + report.refusedLines.length > 0 ? 1 : 0;
  } finally {
    await session.close();
  }
}

interface Session {
  readonly expand: Expand;
  close(): Promise<void>;
}

async function openSession(config: Config, options: EnqueueOptions, signal: AbortSignal): Promise<Session> {
  const queues = new JobQueues(config.redis);
  let database: Database | undefined;
  try {
    const opened = (database = await openDatabase(config.mongo, 'sonotheque-enqueue'));
    await queues.ping();
    const egress = openEgress(config, queues, createLogger(config.logLevel));
    const lister = openLister(
      config,
      createRateLimitedLister(egress, (identity) => createYtDlpLister({ ...config.media, identity })),
    );
    return {
      expand: (reference, onProgress) =>
        inTurn(egress, reference, signal, () =>
          expandPlaylist(reference, {
            database: opened,
            queues,
            lister,
            filters: { ...config.playlists.filters, ...options.filters },
            intervalMs: config.playlists.intervalMs,
            force: options.force,
            ...(options.priority === undefined ? {} : { priority: options.priority }),
            signal,
            onProgress,
          }),
        ),
      close: async () => {
        await Promise.all([queues.close(), opened.close()]);
      },
    };
  } catch (error) {
    await Promise.all([queues.close(), database?.close()]);
    throw error;
  }
}

/** A listing is a start like those of the workers: the command waits until a way out may be used, and says so. */
async function inTurn<T>(
  egress: Egress,
  reference: PlaylistReference,
  signal: AbortSignal,
  expand: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await expand();
    } catch (error) {
      if (!(error instanceof EgressRestError) || signal.aborted) throw error;
      if (error.restMs >= TOLD_REST_MS) {
        const time = formatDuration(error.restMs / 1_000);
        console.error(
          `${reference.id}: waits ${time} for its turn: the budget of all ways out is spent, or they rest.`,
        );
      }
      await egress.untilTurn(error.restMs, signal);
    }
  }
}

function openLister(config: Config, ytDlp: PlaylistLister): PlaylistLister {
  return createPlaylistLister(config, createLogger(config.logLevel), ytDlp);
}

async function openPreview(config: Config, options: EnqueueOptions, signal: AbortSignal): Promise<Session> {
  const database = await openDatabase(config.mongo, 'sonotheque-enqueue', { prepare: false }).catch(() => {
    console.error('MongoDB cannot be reached: what is known already counts as new.');
    return undefined;
  });
  // It may run without Redis, where the turns are kept; a look does not wait for one.
  const [identity] = config.egress.addresses;
  const lister = openLister(config, createYtDlpLister({ ...config.media, identity }));
  return {
    expand: (reference, onProgress) =>
      previewPlaylist(reference, {
        database,
        lister,
        filters: { ...config.playlists.filters, ...options.filters },
        signal,
        onProgress,
      }),
    close: async () => {
      await database?.close();
    },
  };
}

async function expandAll(
  config: Config,
  options: EnqueueOptions,
  expand: Expand,
  signal: AbortSignal,
): Promise<EnqueueReport> {
  const playlists: Expansion[] = [];
  const failed: FailedExpansion[] = [];
  const refusedLines: RefusedLine[] = [];
  const say = (line: string) => {
    if (options.json) console.error(line);
    else console.log(line);
  };
  const lines = linesOfInputs(options.inputs, config.playlists.file, { stdin: process.stdin, signal });
  let understood = 0;
  for await (const found of interpretPlaylistLines(lines)) {
    if (signal.aborted) break;
    if (found.type === 'problem') {
      const { source, number, text } = found.line;
      refusedLines.push({ source, number, text: shown(text), reason: found.reason });
      console.error(`${placeOf(found.line)}: "${shown(text)}" ${found.reason}.`);
      continue;
    }
    understood += 1;
    if (found.type === 'duplicate') {
      console.error(`${placeOf(found.line)}: the same as ${placeOf(found.first)}; expanded once.`);
      continue;
    }
    const { reference } = found;
    const outcome = await expandOne(reference, expand);
    if ('found' in outcome) {
      playlists.push(outcome);
      say(summaryLine(outcome, options.dryRun));
    } else if (outcome.error.class === 'shutdown') {
      console.error(`${reference.id}: interrupted; what was found until now stays.`);
    } else {
      failed.push(outcome);
      say(failureLine(outcome));
    }
  }
  if (understood + refusedLines.length === 0 && !signal.aborted) {
    console.error('There is no playlist to expand: no line names one.');
  }
  const sum = (count: (result: Expansion) => number) =>
    playlists.reduce((total, result) => total + count(result), 0);
  const totals = {
    found: sum((result) => result.found),
    accepted: sum((result) => result.accepted),
    new: sum((result) => result.new),
  };
  if (playlists.length > 1) {
    say(
      `${String(playlists.length)} playlists: ${String(totals.found)} found, ${String(totals.new)} ${options.dryRun ? 'would be new' : 'new'}.`,
    );
  }
  return { dryRun: options.dryRun, interrupted: signal.aborted, playlists, failed, refusedLines, totals };
}

async function expandOne(reference: PlaylistReference, expand: Expand): Promise<Expansion | FailedExpansion> {
  // A single video is done in one step.
  const progress =
    reference.kind === 'video' ? undefined : createProgress({ label: reference.id, unit: 'entries' });
  try {
    return await expand(reference, ({ found, announced, new: fresh }) => {
      if (announced !== undefined) progress?.setTotal(announced);
      progress?.note(`${String(fresh)} new`);
      progress?.update(found);
    });
  } catch (thrown) {
    const error = toJobError(thrown);
    return {
      id: reference.id,
      url: reference.url,
      error: { class: error.errorClass, message: error.message, advice: error.advice },
    };
  } finally {
    progress?.stop();
  }
}
