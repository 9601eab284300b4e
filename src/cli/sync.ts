import process from 'node:process';
import { Option } from 'commander';
import { loadConfig } from '../config/load.ts';
import { openDatabase, type Database } from '../database/database.ts';
import { addToStats, emptyStats } from '../mirror/container-stats.ts';
import { formatObject, formatStats, formatSummary } from '../mirror/mirror-text.ts';
import { runMirror, type MirrorOptions } from '../mirror/run-mirror.ts';
import { formatBytes } from '../text/units.ts';
import { InterruptedError } from '../domain/job-errors.ts';
import { UserError } from '../runtime/user-error.ts';
import { parseAudioObjectName } from '../storage/object-names.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';
import { openOutput, printResult, withProgress } from './command/output.ts';
import { createCommand, runCommand, usageError, wholeNumber } from './command/run-command.ts';

const command = createCommand(
  'sync',
  'Copies the bucket to the Azure container, or shows what the container has.',
  [
    'npm run sync',
    'npm run sync -- --dry-run',
    'npm run sync -- --list --prefix audio/youtube/',
    'npm run sync --silent -- --stats --json',
  ],
)
  .addOption(
    new Option('--list', 'list the objects in the container: name, size, date, metadata, totals').conflicts(
      'stats',
    ),
  )
  .option('--stats', 'count and size of the objects in the container, and what is not mirrored')
  .addOption(new Option('--dry-run', 'show what would be copied').conflicts(['list', 'stats']))
  .option('--json', 'print JSON')
  .option('--prefix <text>', 'only objects whose names begin with this text', '')
  .option('--concurrency <number>', 'copies at once (default: SYNC_CONCURRENCY)', wholeNumber(1, 256))
  .allowExcessArguments(false);

interface Options extends Partial<Record<'list' | 'stats' | 'dryRun' | 'json', boolean>> {
  readonly prefix: string;
  readonly concurrency?: number;
}

const write = openOutput();

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<Options>();
  const config = loadConfig(process.env);
  if (config.azure === undefined) {
    throw usageError(
      'No Azure storage is configured: set AZURE_STORAGE_CONNECTION_STRING, or AZURE_ACCOUNT_URL and AZURE_SAS_TOKEN.',
    );
  }
  const source = closeAtEnd(openMinioStore(config.minio, config.storage));
  const target = closeAtEnd(openAzureStore(config.azure, config.storage));
  const { prefix, concurrency = config.concurrency.sync, json = false } = options;
  const mirror: MirrorOptions = { source, target, prefix, concurrency, signal };
  try {
    if (options.list) await list(mirror, json);
    else if (options.stats) await stats(mirror, json);
    else if (options.dryRun) await dryRun(mirror, json);
    else {
      await target.ensureContainer(signal);
      const database = closeAtEnd(await openDatabase(config.mongo, 'sync'));
      return await copy(mirror, database, json);
    }
    return 0;
  } catch (error) {
    // The message of the error is about jobs.
    if (error instanceof InterruptedError) {
      throw new UserError('Interrupted. Copied objects are kept; run the command again to continue.', {
        cause: error,
      });
    }
    throw error;
  }
});

async function list({ target, prefix, signal }: MirrorOptions, json: boolean): Promise<void> {
  let count = 0;
  let bytes = 0;
  if (json) await write('{"objects":[');
  for await (const page of target.list(prefix, signal)) {
    for (const info of page) {
      await write(json ? `${count === 0 ? '' : ','}\n${JSON.stringify(info)}` : `${formatObject(info)}\n`);
      count += 1;
      bytes += info.sizeBytes;
    }
  }
  await write(
    json
      ? `\n],"totals":${JSON.stringify({ container: target.container, count, bytes })}}\n`
      : `${String(count)} objects, ${formatBytes(bytes)}\n`,
  );
}

async function stats(mirror: MirrorOptions, json: boolean): Promise<void> {
  const figures = emptyStats();
  const plan = await runMirror({
    ...mirror,
    dryRun: true,
    onPlanned: (item) => {
      if (item.kind !== 'missing') addToStats(figures, item.target);
    },
  });
  const { objects, equal, missing, different, plannedBytes, extra } = plan;
  const totals = { objects, mirrored: equal, missing, different, bytesToCopy: plannedBytes, extra };
  const { container } = mirror.target;
  printResult(json, { container, ...figures, mirror: totals }, formatStats(figures, plan, container));
}

async function dryRun(mirror: MirrorOptions, json: boolean): Promise<void> {
  const format = (kind: string, name: string, sizeBytes: number) =>
    json
      ? JSON.stringify({ action: 'copy', kind, name, sizeBytes })
      : `copy  ${name}  ${formatBytes(sizeBytes)}  (${kind})`;
  const plan = await runMirror({
    ...mirror,
    dryRun: true,
    onPlanned: async (item) => {
      if (item.kind === 'missing' || item.kind === 'different') {
        await write(`${format(item.kind, item.source.name, item.source.sizeBytes)}\n`);
      }
    },
  });
  const count = plan.missing + plan.different;
  await write(
    json
      ? `${JSON.stringify({ summary: plan })}\n`
      : `${String(count)} of ${String(plan.objects)} objects would be copied (${formatBytes(plan.plannedBytes)}); nothing was changed.\n`,
  );
}

async function copy(mirror: MirrorOptions, { videos }: Database, json: boolean): Promise<number> {
  const startedAt = performance.now();
  let movedBytes = 0;
  let planned = 0;
  const summary = await withProgress({ label: 'Mirroring', unit: 'objects' }, (progress) =>
    runMirror({
      ...mirror,
      onPlanned: (item) => {
        if (item.kind === 'missing' || item.kind === 'different') progress.setTotal((planned += 1));
      },
      onBytes: (moved) => {
        movedBytes += moved;
        progress.note(formatBytes(movedBytes));
      },
      onMirrored: async (name, { container, etag, sizeBytes: size, md5 }) => {
        progress.increment();
        const audio = parseAudioObjectName(name);
        if (audio === undefined) return;
        await videos.confirmMirrored(audio.key, { container, name, etag, size, md5, at: new Date() });
      },
      onFailed: (name, error) => {
        progress.increment();
        console.error(`${name}: ${error.message} ${error.advice}`);
      },
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  printResult(json, { ...summary, seconds }, formatSummary(summary, seconds));
  return summary.failed === 0 ? 0 : 1;
}
