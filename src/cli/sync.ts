import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { ERROR_CLASSES } from '../domain/error-classes.ts';
import { InterruptedError, OperatorError } from '../domain/job-errors.ts';
import { UserError } from '../runtime/user-error.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';
import { openOutput, printMessage } from './command/output.ts';
import { EXIT_UNHEALTHY, runCommand, usageError } from './command/run-command.ts';
import { copy } from './sync/copy.ts';
import { deleteGone } from './sync/delete.ts';
import { restore } from './sync/restore.ts';
import { sasProblem } from './sync/sas-problem.ts';
import { dryRun, list, stats } from './sync/show.ts';
import type { SyncContext } from './sync/sync-context.ts';
import { createSyncCommand, type SyncOptions } from './sync/sync-options.ts';
import { verify } from './sync/verify.ts';

const command = createSyncCommand();
const write = openOutput();

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<SyncOptions>();
  const config = loadConfig(process.env);
  if (config.azure === undefined) {
    throw usageError(
      'No Azure storage is configured: set AZURE_STORAGE_CONNECTION_STRING, or AZURE_ACCOUNT_URL and AZURE_SAS_TOKEN.',
    );
  }
  assertCombination(options);
  const warning = sasProblem(config.azure, new Date());
  if (warning !== undefined) printMessage(warning);
  const context: SyncContext = {
    source: closeAtEnd(openMinioStore(config.minio, config.storage)),
    target: closeAtEnd(openAzureStore(config.azure, config.storage)),
    mongo: config.mongo,
    prefix: options.prefix,
    filter: { include: options.include, exclude: options.exclude },
    concurrency: options.concurrency ?? config.concurrency.sync,
    signal,
    json: options.json ?? false,
    write,
  };
  try {
    return await run(context, options);
  } catch (error) {
    throw explained(error);
  }
});

async function run(context: SyncContext, options: SyncOptions): Promise<number> {
  const isDryRun = options.dryRun ?? false;
  if (options.list) {
    await list(context);
  } else if (options.stats) {
    await stats(context);
  } else if (options.verify !== undefined) {
    const contentShare = options.verify === 'content' ? (options.sample ?? 1) : 0;
    const left = await verify(context, { contentShare, repair: options.repair ?? false });
    return left === 0 ? 0 : EXIT_UNHEALTHY;
  } else if (options.restore) {
    return (await restore(context, isDryRun)) ? 0 : 1;
  } else {
    if (isDryRun) await dryRun(context);
    else if (!(await copy(context))) return 1;
    if (options.delete) await deleteGone(context, options.maxDelete, isDryRun);
  }
  return 0;
}

function assertCombination({ verify: how, sample, repair }: SyncOptions): void {
  if (sample !== undefined && how !== 'content') throw usageError('`--sample` needs `--verify content`.');
  if (repair === true && how === undefined) throw usageError('`--repair` needs `--verify`.');
}

/** The messages of job errors are about jobs, which go on by themselves; a command has ended. */
function explained(error: unknown): unknown {
  if (error instanceof InterruptedError) {
    const message = 'Interrupted. What is done is kept; run the command again to continue.';
    return new UserError(message, { cause: error });
  }
  if (error instanceof OperatorError) {
    const { advice } = ERROR_CLASSES[error.errorClass];
    return new UserError(`${error.message} ${advice} What is done is kept.`, { cause: error });
  }
  return error;
}
