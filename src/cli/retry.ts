import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { videoKeysInput } from '../operations/inputs.ts';
import { endRest, retryFailedVideos, retryVideos, type RetryOutcome } from '../operations/retry-videos.ts';
import type { VideoResult } from '../operations/skip-videos.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { collectRetryReport, formatRetryReport } from '../reports/retry-report.ts';
import { ERROR_CLASSES, isErrorClass } from '../domain/error-classes.ts';
import { parseVideoDocumentId } from '../domain/video-key.ts';
import { UserError } from '../runtime/user-error.ts';
import { commandActor } from './command/actor.ts';
import { parseInput } from './command/input.ts';
import { printMessage, printResult } from './command/output.ts';
import { createCommand, runCommand, usageError, wholeNumber } from './command/run-command.ts';

const command = createCommand(
  'retry',
  'Lists what waits for a retry, was put back or has failed; retries failed videos now; ends a rest.',
  [
    'npm run retry',
    'npm run retry -- dQw4w9WgXcQ',
    'npm run retry -- --class members_only',
    'npm run retry -- --all',
    'npm run retry -- --end-rest home',
  ],
)
  .argument('[id...]', 'failed or waiting videos to retry now')
  .option('--class <class>', 'retry all failed videos of this error class')
  .option('--all', 'retry all failed videos')
  .option('--end-rest <address>', 'end the rest of an egress address now')
  .option('--limit <number>', 'rows to list of each kind', wholeNumber(1, 10_000), 10)
  .option('--json', 'print one JSON object');

interface Options {
  readonly class?: string;
  readonly all?: boolean;
  readonly endRest?: string;
  readonly limit: number;
  readonly json?: boolean;
}

await runCommand(async (signal, closeAtEnd) => {
  const {
    class: errorClass,
    all = false,
    endRest: endRestOf,
    limit,
    json = false,
  } = command.parse().opts<Options>();
  const keys = command.args.length === 0 ? [] : parseInput(videoKeysInput, command.args);
  if (errorClass !== undefined && !isErrorClass(errorClass)) {
    const known = Object.keys(ERROR_CLASSES).join(', ');
    throw usageError(`Unknown error class ${errorClass}. Known classes: ${known}.`);
  }
  const wishes = [keys.length > 0, errorClass !== undefined, all, endRestOf !== undefined];
  if (wishes.filter(Boolean).length > 1) {
    throw usageError('Give video ids, --class, --all or --end-rest: only one of them.');
  }
  const config = loadConfig(process.env);
  const database = closeAtEnd(await openDatabase(config.mongo, 'sonotheque-retry'));
  const queues = closeAtEnd(new JobQueues(config.redis));
  const dependencies = { database, queues };
  const actor = commandActor();
  if (keys.length > 0) return printRetried(await retryVideos(keys, actor, dependencies), json);
  if (all || errorClass !== undefined) {
    const revived = await retryFailedVideos(errorClass, actor, dependencies, signal);
    printResult(json, { revived }, `Retrying ${String(revived)} failed videos.`);
    return 0;
  }
  if (endRestOf !== undefined) {
    if (!(await endRest(endRestOf, actor, dependencies))) {
      throw new UserError(`Egress address ${endRestOf} does not rest. See \`npm run status\`.`);
    }
    printResult(json, { ended: endRestOf }, `Egress address ${endRestOf} may be used again.`);
    return 0;
  }
  const report = await collectRetryReport(database, queues, limit);
  printResult(json, report, formatRetryReport(report));
  return 0;
});

/** @returns the exit code: 1 when a video was not retried. */
function printRetried(results: readonly VideoResult<RetryOutcome>[], json: boolean): number {
  const idsWith = (outcome: RetryOutcome) =>
    results
      .filter((result) => result.outcome === outcome)
      .map(({ id }) => parseVideoDocumentId(id)?.videoId ?? id);
  const skipped = idsWith('skipped');
  const others = [...idsWith('refused'), ...idsWith('unknown')];
  const refused = [...others, ...skipped];
  const revived = idsWith('retried').length;
  printResult(json, { revived, refused }, `Retrying ${String(revived)} videos.`);
  if (others.length > 0) {
    printMessage(
      `Not retried, because neither failed nor waiting for a retry: ${others.join(', ')}. See \`npm run status\`.`,
    );
  }
  if (skipped.length > 0) {
    printMessage(
      `Not retried, because skipped: ${skipped.join(', ')}. \`npm run videos -- ID --unskip\` downloads them after all.`,
    );
  }
  return refused.length === 0 ? 0 : 1;
}
