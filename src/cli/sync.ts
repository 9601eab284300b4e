import process from 'node:process';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { addToStats, emptyStats } from '../mirror/container-stats.ts';
import { formatObject, formatStats, formatSummary } from '../mirror/mirror-text.ts';
import { runMirror, type MirrorRun, type MirrorSummary } from '../mirror/run-mirror.ts';
import { formatBytes } from '../text/units.ts';
import { InterruptedError } from '../domain/job-errors.ts';
import { createProgress } from '../runtime/progress-bar.ts';
import { UserError } from '../runtime/user-error.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { parseAudioObjectName } from '../storage/object-names.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';
import { createCommand, runCommand } from './run-command.ts';
import { createOutput } from './output.ts';

const command = createCommand(
  'sync',
  'Mirrors the bucket into the Azure container, or looks at the mirror.',
  [
    'npm run sync',
    'npm run sync -- --dry-run',
    'npm run sync -- --list --prefix audio/youtube/',
    'npm run sync --silent -- --stats --json',
  ],
)
  .addOption(
    new Option('--list', 'list the container: name, size, date, metadata, totals').conflicts('stats'),
  )
  .addOption(new Option('--stats', 'count and size of the container, and what the mirror lacks'))
  .addOption(new Option('--dry-run', 'show what would be copied').conflicts(['list', 'stats']))
  .option('--json', 'print JSON')
  .option('--prefix <text>', 'only names that begin with this text', '')
  .option('--concurrency <number>', 'copies at once (default: SYNC_CONCURRENCY)', parseConcurrency)
  .allowExcessArguments(false);

const optionsSchema = z.object({
  list: z.boolean().default(false),
  stats: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  json: z.boolean().default(false),
  prefix: z.string(),
  concurrency: z.number().optional(),
});
type Options = z.output<typeof optionsSchema>;

interface Stores {
  readonly minio: MinioStore;
  readonly azure: AzureBlobStore;
}

const output = createOutput(process.stdout);

await runCommand(async (signal) => {
  const options = optionsSchema.parse(command.parse().opts());
  const config = loadConfig(process.env);
  if (config.azure === undefined) {
    throw new UserError(
      'No Azure storage is configured: set AZURE_STORAGE_CONNECTION_STRING, or AZURE_ACCOUNT_URL and AZURE_SAS_TOKEN.',
      { exitCode: 2 },
    );
  }
  const stores: Stores = {
    minio: openMinioStore(config.minio, config.storage),
    azure: openAzureStore(config.azure, config.storage),
  };
  try {
    if (options.list) return await list(stores.azure, options, signal);
    const run: MirrorRun = {
      source: stores.minio,
      target: stores.azure,
      prefix: options.prefix,
      concurrency: options.concurrency ?? config.concurrency.sync,
      signal,
    };
    if (options.stats) return await stats(run, options);
    return options.dryRun ? await dryRun(run, options) : await copy(run, config, options);
  } catch (error) {
    // Said of jobs, an interruption means something else than here.
    if (error instanceof InterruptedError) {
      throw new UserError('Interrupted. What is copied stays; run it again to go on.', { cause: error });
    }
    throw error;
  } finally {
    stores.minio.close();
    stores.azure.close();
  }
});

async function list(azure: AzureBlobStore, options: Options, signal: AbortSignal): Promise<number> {
  let count = 0;
  let bytes = 0;
  if (options.json) await output.write('{"objects":[');
  for await (const page of azure.list(options.prefix, signal)) {
    for (const info of page) {
      await output.write(
        options.json ? `${count === 0 ? '' : ','}\n${JSON.stringify(info)}` : `${formatObject(info)}\n`,
      );
      count += 1;
      bytes += info.sizeBytes;
    }
  }
  await output.write(
    options.json
      ? `\n],"totals":${JSON.stringify({ container: azure.container, count, bytes })}}\n`
      : `${String(count)} objects, ${formatBytes(bytes)}\n`,
  );
  return 0;
}

async function stats(run: MirrorRun, options: Options): Promise<number> {
  const figures = emptyStats();
  const plan = await runMirror({
    ...run,
    dryRun: true,
    onPlanned: (item) => {
      if (item.kind !== 'missing') addToStats(figures, item.target);
    },
  });
  const { objects, equal, missing, different, plannedBytes, extra } = plan;
  const mirror = { objects, mirrored: equal, missing, different, bytesToCopy: plannedBytes, extra };
  await output.write(
    options.json
      ? `${JSON.stringify({ container: run.target.container, ...figures, mirror }, undefined, 2)}\n`
      : `${formatStats(figures, plan, run.target.container)}\n`,
  );
  return 0;
}

async function dryRun(run: MirrorRun, options: Options): Promise<number> {
  const write = (kind: string, name: string, sizeBytes: number) =>
    options.json
      ? JSON.stringify({ action: 'copy', kind, name, sizeBytes })
      : `copy  ${name}  ${formatBytes(sizeBytes)}  (${kind})`;
  const plan = await runMirror({
    ...run,
    dryRun: true,
    onPlanned: async (item) => {
      if (item.kind === 'missing' || item.kind === 'different') {
        await output.write(`${write(item.kind, item.source.name, item.source.sizeBytes)}\n`);
      }
    },
  });
  const count = plan.missing + plan.different;
  await output.write(
    options.json
      ? `${JSON.stringify({ summary: plan })}\n`
      : `${String(count)} of ${String(plan.objects)} objects would be copied (${formatBytes(plan.plannedBytes)}); nothing was done.\n`,
  );
  return 0;
}

async function copy(run: MirrorRun, config: Config, options: Options): Promise<number> {
  await run.target.ensureContainer(run.signal);
  const database = await openDatabase(config.mongo, 'sync');
  const progress = createProgress({ label: 'Mirroring', unit: 'objects' });
  const startedAt = performance.now();
  let movedBytes = 0;
  let planned = 0;
  let summary: MirrorSummary;
  try {
    summary = await runMirror({
      ...run,
      onPlanned: (item) => {
        if (item.kind === 'missing' || item.kind === 'different') progress.setTotal((planned += 1));
      },
      onBytes: (moved) => {
        movedBytes += moved;
        progress.note(formatBytes(movedBytes));
      },
      onMirrored: async (name, result) => {
        progress.increment();
        const audio = parseAudioObjectName(name);
        if (audio === undefined) return;
        const { container, etag, sizeBytes: size, md5 } = result;
        await database.videos.confirmMirrored(audio.key, {
          container,
          name,
          etag,
          size,
          md5,
          at: new Date(),
        });
      },
      onFailed: (name, error) => {
        progress.increment();
        console.error(`${name}: ${error.message} ${error.advice}`);
      },
    });
  } finally {
    progress.stop();
    await database.close();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await output.write(
    options.json
      ? `${JSON.stringify({ ...summary, seconds }, undefined, 2)}\n`
      : `${formatSummary(summary, seconds)}\n`,
  );
  return summary.failed === 0 ? 0 : 1;
}

function parseConcurrency(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 256) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 256.');
  }
  return number;
}
