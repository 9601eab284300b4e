import type { Config } from '../../config/config.ts';
import { InterruptedError } from '../../domain/job-errors.ts';
import { addResults } from '../../mirror/sweep/finish-sweep.ts';
import { startSweep } from '../../mirror/sweep/start-sweep.ts';
import { JobQueues } from '../../queues/job-queues.ts';
import { pause } from '../../runtime/deadline.ts';
import type { Progress } from '../../runtime/progress-bar.ts';
import { UserError } from '../../runtime/user-error.ts';
import { formatBytes } from '../../text/units.ts';
import { printMessage, withProgress } from '../command/output.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { writeProgressLines } from './progress-lines.ts';
import type { SyncContext } from './sync-context.ts';

const POLL_MS = 500;
/** Without a change for so long, what may be the reason is said once. */
const QUIET_MS = 20_000;

/**
 * Splits the bucket into shards that the `sync` workers compare and copy, and watches until all have ended.
 * @returns whether the container has all of the bucket now.
 * @throws UserError when another sweep goes on; InterruptedError: then the workers go on by themselves.
 */
export async function copyByWorkers(
  context: SyncContext,
  redis: Config['redis'],
  closeAtEnd: CloseAtEnd,
): Promise<boolean> {
  const { pair, prefix, filter, source, signal, json, write } = context;
  await context.target.ensureContainer(signal);
  const database = await context.openDatabase();
  const queues = closeAtEnd(new JobQueues(redis));
  const { include = [], exclude = [] } = filter;
  const startedAt = performance.now();
  const report = await withProgress(
    { label: 'Mirroring by the workers', unit: 'shards' },
    async (progress) => {
      const started = await startSweep(
        { ...pair, trigger: 'command', prefix, include, exclude },
        {
          ...{ database, queues, source, signal },
          onShard: (added) => {
            progress.setTotal(added);
          },
        },
      );
      if (started === undefined) {
        throw new UserError(
          `A sweep of the container ${pair.container} goes on already. Run this again when it has ended.`,
        );
      }
      try {
        await watch(started.id, context, queues, progress);
      } catch (error) {
        if (!(error instanceof InterruptedError)) throw error;
        throw new UserError('Interrupted. The workers go on with the sweep.', { cause: error });
      }
      return await database.mirrorReports.findById(started.id);
    },
  );
  if (report === undefined)
    throw new UserError('The sweep was lost, as when Redis was emptied. Run this again.');
  const seconds = (performance.now() - startedAt) / 1000;
  const isWhole = report.drift === 0 && (report.error ?? '') === '' && report.problems.length === 0;
  for (const { name, message } of report.problems) printMessage(`${JSON.stringify(name)}: ${message}`);
  const text =
    `Of ${String(report.objects)} objects in the bucket: copied ${String(report.copied)} (${formatBytes(report.copied_bytes)}), ` +
    `failed ${String(report.drift)}, in ${String(report.shards)} shards; ${seconds.toFixed(1)} s.`;
  await write(json ? `${JSON.stringify({ ...report, seconds })}\n` : `${text}\n`);
  return isWhole;
}

async function watch(
  id: string,
  { signal, json, write }: SyncContext,
  queues: JobQueues,
  progress: Progress,
): Promise<void> {
  let figures: object = {};
  let changedAt = performance.now();
  let before = '';
  const stopLines = json ? writeProgressLines(write, () => figures) : () => undefined;
  try {
    for (;;) {
      const state = await queues.sweeps.state(id);
      if (state === undefined) return;
      const { objects, copied, copiedBytes, failed } = addResults([...state.results, ...state.partial]);
      figures = {
        shards: state.total ?? state.added,
        done: state.results.length,
        objects,
        copied,
        copiedBytes,
        failed,
      };
      progress.update(state.results.length);
      progress.note(() => `${String(copied)} objects copied, ${formatBytes(copiedBytes)}`);
      const now = JSON.stringify(figures);
      if (now !== before) changedAt = performance.now();
      before = now;
      if (performance.now() - changedAt > QUIET_MS) {
        changedAt = Number.POSITIVE_INFINITY;
        await sayWhy(queues);
      }
      await pause(POLL_MS, signal);
    }
  } finally {
    stopLines();
  }
}

async function sayWhy({ pauses }: JobQueues): Promise<void> {
  const paused = (await pauses.list()).find(({ queue }) => queue === 'sync');
  printMessage(
    paused === undefined
      ? 'Nothing has happened for a while. Does a `sync` worker run? Start one with `npm run worker -- sync`.'
      : `The sync worker on ${paused.host} takes no jobs: ${paused.reason} ${paused.advice}`,
  );
}
