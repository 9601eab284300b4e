import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { egressLedgerOf } from '../egress/egress-ledger.ts';
import { retryVideo, retryVideos } from '../operations/retry-videos.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { collectRetryReport, formatRetryReport } from '../reports/retry-report.ts';
import { ERROR_CLASSES, isErrorClass } from '../domain/error-classes.ts';
import { parseVideoDocumentId, parseVideoKey, type VideoKey } from '../domain/video-key.ts';
import { UserError } from '../runtime/user-error.ts';
import { printResult } from './command/output.ts';
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
  const { class: errorClass, all = false, endRest, limit, json = false } = command.parse().opts<Options>();
  const keys = command.args.map(parseKey);
  if (errorClass !== undefined && !isErrorClass(errorClass)) {
    const known = Object.keys(ERROR_CLASSES).join(', ');
    throw usageError(`Unknown error class ${errorClass}. Known classes: ${known}.`);
  }
  const wishes = [keys.length > 0, errorClass !== undefined, all, endRest !== undefined];
  if (wishes.filter(Boolean).length > 1) {
    throw usageError('Give video ids, --class, --all or --end-rest: only one of them.');
  }
  const config = loadConfig(process.env);
  const database = closeAtEnd(await openDatabase(config.mongo, 'sonotheque-retry'));
  const queues = closeAtEnd(new JobQueues(config.redis));
  const dependencies = { database, queues };
  if (keys.length > 0) {
    const refused: string[] = [];
    for (const key of keys) {
      if (!(await retryVideo(key, dependencies))) refused.push(key.videoId);
    }
    const revived = keys.length - refused.length;
    printResult(json, { revived, refused }, `Retrying ${String(revived)} videos.`);
    if (refused.length === 0) return 0;
    console.error(
      `Not retried, because neither failed nor waiting for a retry: ${refused.join(', ')}. See \`npm run status\`.`,
    );
    return 1;
  }
  if (all || errorClass !== undefined) {
    const revived = await retryVideos(database.overview.failed(errorClass), dependencies, signal);
    printResult(json, { revived }, `Retrying ${String(revived)} failed videos.`);
    return 0;
  }
  if (endRest !== undefined) return await endRestOf(endRest, queues, json);
  const report = await collectRetryReport(database, queues, limit);
  printResult(json, report, formatRetryReport(report));
  return 0;
});

async function endRestOf(address: string, queues: JobQueues, json: boolean): Promise<number> {
  if (!(await egressLedgerOf(queues).endRest(address))) {
    throw new UserError(`Egress address ${address} does not rest. See \`npm run status\`.`);
  }
  printResult(json, { ended: address }, `Egress address ${address} may be used again.`);
  return 0;
}

function parseKey(text: string): VideoKey {
  const key = parseVideoDocumentId(text) ?? parseVideoKey('youtube', text);
  if (key === undefined) {
    throw usageError(`${text} is not a video id: those have 11 characters, such as dQw4w9WgXcQ.`);
  }
  return key;
}
