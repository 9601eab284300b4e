import process from 'node:process';
import { z } from 'zod';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { retryVideo, retryVideos } from '../operations/retry-videos.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { collectRetryReport } from '../reports/retry-report.ts';
import { formatRetryReport } from '../reports/retry-report-text.ts';
import { ERROR_CLASSES, isErrorClass } from '../domain/error-classes.ts';
import { UserError } from '../runtime/user-error.ts';
import { parseVideoDocumentId, parseVideoKey, type VideoKey } from '../domain/video-key.ts';
import { createCommand, runCommand } from './run-command.ts';

const command = createCommand(
  'retry',
  'Lists the videos that wait for another try or have failed, and sends failed ones on their way again.',
  [
    'npm run retry',
    'npm run retry -- dQw4w9WgXcQ',
    'npm run retry -- --class members_only',
    'npm run retry -- --all',
  ],
)
  .argument('[id...]', 'videos to try again now, failed or waiting')
  .option('--class <class>', 'try again all failed videos of this class')
  .option('--all', 'try again all failed videos')
  .option('--limit <number>', 'rows to list of each kind', '10')
  .option('--json', 'print one JSON object');

const optionsSchema = z.object({
  class: z.string().optional(),
  all: z.boolean().default(false),
  limit: z.coerce.number().int().min(1).max(10_000),
  json: z.boolean().default(false),
});

await runCommand(async (signal) => {
  command.parse();
  const parsed = optionsSchema.safeParse(command.opts());
  if (!parsed.success) throw new UserError('--limit needs a number from 1 to 10000.', { exitCode: 2 });
  const options = parsed.data;
  const keys = command.args.map(parseKey);
  const failedClass = options.class;
  if (failedClass !== undefined && !isErrorClass(failedClass)) {
    const known = Object.keys(ERROR_CLASSES).join(', ');
    throw new UserError(`There is no class ${failedClass}. There are: ${known}.`, { exitCode: 2 });
  }
  if ([keys.length > 0, failedClass !== undefined, options.all].filter(Boolean).length > 1) {
    throw new UserError('Name videos, or --class, or --all: only one of them.', { exitCode: 2 });
  }

  const config = loadConfig(process.env);
  const database = await openDatabase(config.mongo, 'sonotheque-retry');
  const queues = new JobQueues(config.redis);
  const dependencies = { database, queues };
  try {
    if (keys.length > 0) return await reviveKeys(keys);
    if (options.all || failedClass !== undefined) {
      const revived = await retryVideos(database.overview.failed(failedClass), dependencies, signal);
      print({ revived }, `${String(revived)} failed videos are on their way again.`);
      return 0;
    }
    const report = await collectRetryReport(database, options.limit);
    print(report, formatRetryReport(report));
    return 0;
  } finally {
    await Promise.all([queues.close(), database.close()]);
  }

  async function reviveKeys(wanted: readonly VideoKey[]): Promise<number> {
    const refused: string[] = [];
    for (const key of wanted) {
      if (!(await retryVideo(key, dependencies))) refused.push(key.videoId);
    }
    const revived = wanted.length - refused.length;
    print({ revived, refused }, `${String(revived)} videos are on their way again.`);
    if (refused.length === 0) return 0;
    console.error(
      `Not tried again, as they neither failed nor wait: ${refused.join(', ')}. See \`npm run status\`.`,
    );
    return 1;
  }

  function print(value: unknown, text: string): void {
    console.log(options.json ? JSON.stringify(value, undefined, 2) : text);
  }
});

function parseKey(text: string): VideoKey {
  const key = parseVideoDocumentId(text) ?? parseVideoKey('youtube', text);
  if (key === undefined) {
    throw new UserError(`${text} is no video id: those have 11 characters, such as dQw4w9WgXcQ.`, {
      exitCode: 2,
    });
  }
  return key;
}
