import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { retryVideo, retryVideos } from '../operations/retry-videos.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { collectRetryReport, formatRetryReport } from '../reports/retry-report.ts';
import { ERROR_CLASSES, isErrorClass } from '../domain/error-classes.ts';
import { parseVideoDocumentId, parseVideoKey, type VideoKey } from '../domain/video-key.ts';
import { printResult } from './command/output.ts';
import { createCommand, runCommand, usageError, wholeNumber } from './command/run-command.ts';

const command = createCommand(
  'retry',
  'Lists the videos that wait for a retry or have failed, and retries failed ones now.',
  [
    'npm run retry',
    'npm run retry -- dQw4w9WgXcQ',
    'npm run retry -- --class members_only',
    'npm run retry -- --all',
  ],
)
  .argument('[id...]', 'failed or waiting videos to retry now')
  .option('--class <class>', 'retry all failed videos of this error class')
  .option('--all', 'retry all failed videos')
  .option('--limit <number>', 'rows to list of each kind', wholeNumber(1, 10_000), 10)
  .option('--json', 'print one JSON object');

interface Options {
  readonly class?: string;
  readonly all?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

await runCommand(async (signal, closeAtEnd) => {
  const { class: errorClass, all = false, limit, json = false } = command.parse().opts<Options>();
  const keys = command.args.map(parseKey);
  if (errorClass !== undefined && !isErrorClass(errorClass)) {
    const known = Object.keys(ERROR_CLASSES).join(', ');
    throw usageError(`Unknown error class ${errorClass}. Known classes: ${known}.`);
  }
  if ([keys.length > 0, errorClass !== undefined, all].filter(Boolean).length > 1) {
    throw usageError('Give video ids, --class or --all: only one of them.');
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
  const report = await collectRetryReport(database, limit);
  printResult(json, report, formatRetryReport(report));
  return 0;
});

function parseKey(text: string): VideoKey {
  const key = parseVideoDocumentId(text) ?? parseVideoKey('youtube', text);
  if (key === undefined) {
    throw usageError(`${text} is not a video id: those have 11 characters, such as dQw4w9WgXcQ.`);
  }
  return key;
}
