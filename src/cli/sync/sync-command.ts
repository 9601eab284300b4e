import { ERROR_CLASSES } from '../../domain/error-classes.ts';
import { InterruptedError, OperatorError } from '../../domain/job-errors.ts';
import { UserError } from '../../runtime/user-error.ts';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import { Bandwidth } from '../../storage/bandwidth.ts';
import { openAzureStore, openMinioStore } from '../../storage/open-stores.ts';
import { openOutput, printMessage } from '../command/output.ts';
import { EXIT_UNHEALTHY, usageError } from '../command/run-command.ts';
import { choosePair } from './choose-pair.ts';
import { copy } from './copy.ts';
import { deleteGone } from './delete.ts';
import { restore } from './restore.ts';
import { sasProblem } from './sas-problem.ts';
import { dryRun, list, stats } from './show.ts';
import type { SyncContext } from './sync-context.ts';
import type { SyncOptions } from './sync-options.ts';
import { verify } from './verify.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { commandConfig } from '../command/config.ts';

/** Copies the bucket to the Azure container, or shows, compares or restores. @returns the exit code */
export async function sync(
  options: SyncOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const config = commandConfig();
  if (config.azure === undefined) {
    throw usageError(
      'No Azure storage is configured: set AZURE_STORAGE_CONNECTION_STRING, or AZURE_ACCOUNT_URL and AZURE_SAS_TOKEN, or AZURE_ACCOUNT_URL alone for the identity of this machine.',
    );
  }
  const warning = sasProblem(config.azure, new Date());
  if (warning !== undefined) printMessage(warning);
  const { mirror, minio, azure } = config;
  const pair = choosePair(mirror, options.pair);
  const bytesPerSecond = options.bandwidth ?? mirror.bytesPerSecond;
  let database: Promise<Database> | undefined;
  const context: SyncContext = {
    source: closeAtEnd(openMinioStore({ ...minio, bucket: pair.bucket }, config.storage)),
    target: closeAtEnd(openAzureStore({ ...azure, container: pair.container }, config.storage)),
    pair,
    isMain: pair === mirror.pairs[0],
    openDatabase: () => (database ??= openForRecords(config, closeAtEnd)),
    usesDatabase: () => database !== undefined,
    ...definedFields({
      accessTier: mirror.accessTier,
      bandwidth: bytesPerSecond === undefined ? undefined : new Bandwidth(bytesPerSecond),
    }),
    prefix: options.prefix,
    filter: { include: options.include, exclude: options.exclude },
    concurrency: options.concurrency ?? mirror.copies,
    signal,
    json: options.json ?? false,
    write: openOutput(),
  };
  try {
    return await run(context, options, config, closeAtEnd);
  } catch (error) {
    throw explained(error);
  }
}

/** mongoose takes longer to load than a sync without anything to do takes in all. */
async function openForRecords({ mongo }: Config, closeAtEnd: CloseAtEnd): Promise<Database> {
  const { openDatabase } = await import('../../database/database.ts');
  return closeAtEnd(await openDatabase(mongo, 'sync'));
}

async function run(
  context: SyncContext,
  options: SyncOptions,
  config: Config,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const isDryRun = options.dryRun ?? false;
  const copyAll = async () => {
    if (options.workers !== true) return await copy(context);
    const { copyByWorkers } = await import('./copy-by-workers.ts');
    return await copyByWorkers(context, config.redis, closeAtEnd);
  };
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
    else if (!(await copyAll())) return 1;
    if (options.delete) await deleteGone(context, options.maxDelete, isDryRun);
  }
  return 0;
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
