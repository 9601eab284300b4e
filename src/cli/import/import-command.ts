import type { Config } from '../../config/config.ts';
import { InterruptedError } from '../../domain/job-errors.ts';
import { checkMediaTools } from '../../media/media-tools.ts';
import { findFiles } from '../../operations/import/find-files.ts';
import {
  countOutcomes,
  importAudio,
  type ImportDependencies,
  type ImportedFile,
  type ImportOutcome,
} from '../../operations/import/import-audio.ts';
import { importArchive, type ArchiveResult } from '../../operations/import/import-archive.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import { createSilentLogger } from '../../runtime/logger.ts';
import { UserError } from '../../runtime/user-error.ts';
import { openStaging } from '../../staging/open-staging.ts';
import { StagingGate } from '../../staging/staging-gate.ts';
import { openMinioStore } from '../../storage/open-minio-store.ts';
import { plainText } from '../../text/plain-text.ts';
import { commandActor } from '../command/actor.ts';
import { commandConfig } from '../command/config.ts';
import { printMessage, printResult, withProgress } from '../command/output.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { openServers } from '../command/servers.ts';
import { userPath } from '../command/user-path.ts';
import type { ImportCommandOptions } from './import-options.ts';

const MAX_TEXT_LENGTH = 200;

/** Runs the command. @returns its exit code: 1 when a file could not be imported. */
export async function importFiles(
  paths: readonly string[],
  { archive, dryRun = false, json = false }: ImportCommandOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const config = commandConfig();
  const files = await findFiles(paths.map(userPath));
  if (files.length > 0) await checkMediaTools(config.media, signal);
  const purpose = { name: 'sonotheque-import', writes: !dryRun };
  const { database, queues } = await openServers(config, purpose, closeAtEnd);
  const dependencies = dependenciesOf(config, queues, closeAtEnd);
  if (!dryRun && files.length > 0) await dependencies.staging.prepare(signal);
  const actor = commandActor();
  try {
    const results = await withProgress(
      { label: 'Importing', unit: 'files', total: files.length },
      async (progress) => {
        let done = 0;
        const options = {
          ...{ dryRun, signal },
          onFile: (result: ImportedFile) => {
            progress.update((done += 1));
            if (result.outcome === 'failed') printMessage(describeFile(result));
          },
          onWaiting: (reason: string) => {
            progress.note(() => `waiting: ${reason} Is a worker running?`);
          },
        };
        return await importAudio(files, options, actor, {
          ...dependencies,
          database,
          queues,
        });
      },
    );
    const archived =
      archive === undefined
        ? undefined
        : await importArchive(userPath(archive), { dryRun, signal }, actor, database);
    const counts = countOutcomes(results);
    const value = { dryRun, counts, files: results, archive: archived ?? null };
    printResult(json, value, formatResult(results, archived, dryRun));
    return counts.failed === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    const message = 'Interrupted. What is imported stays; run the command again to continue.';
    throw new UserError(message, { cause: error });
  }
}

function dependenciesOf(
  config: Config,
  queues: JobQueues,
  closeAtEnd: CloseAtEnd,
): Omit<ImportDependencies, 'database' | 'queues'> {
  const staging = openStaging(config.staging, () => closeAtEnd(openMinioStore(config.minio, config.storage)));
  const gate = new StagingGate(config, queues.redis, staging);
  return { media: config.media, staging, gate, logger: createSilentLogger() };
}

const OUTCOMES: Readonly<Record<ImportOutcome, string>> = {
  imported: 'imported',
  archived: 'archived already',
  on_its_way: 'on their way already',
  skipped: 'of videos that a person skipped or deleted',
  duplicate: 'duplicates',
  failed: 'failed',
};

function formatResult(
  results: readonly ImportedFile[],
  archive: ArchiveResult | undefined,
  dryRun: boolean,
): string {
  const counts = Object.entries(countOutcomes(results)).filter(([, count]) => count > 0);
  const sums = counts.map(([name, count]) => `${String(count)} ${OUTCOMES[name as ImportOutcome]}`);
  const lines = dryRun || results.length === 1 ? results.map(describeFile) : [];
  const summary = [
    ...(dryRun ? ['Nothing was changed.'] : []),
    ...(sums.length > 0 ? [`${sums.join(', ')}.`] : archive === undefined ? ['No audio files.'] : []),
  ];
  const next =
    !dryRun && results.some(({ outcome }) => outcome === 'imported')
      ? ['Workers store them now: `npm run status`.']
      : [];
  return [...lines, ...summary, ...next, ...(archive === undefined ? [] : [formatArchive(archive)])].join(
    '\n',
  );
}

function formatArchive({ skipped, known, ignored }: ArchiveResult): string {
  return `Archive: ${String(skipped)} new videos are skipped, ${String(known)} were known, ${String(ignored)} lines are no videos of YouTube.`;
}

function describeFile({ file, outcome, id, title, duplicateOf, error }: ImportedFile): string {
  const what = [id, title].filter((part) => part !== undefined).join(', ');
  const why = error ?? (duplicateOf === undefined ? undefined : `the same as ${duplicateOf}`);
  const text = [file, outcome.replaceAll('_', ' '), what, why].filter((part) => part).join(': ');
  return plainText(text, 4 * MAX_TEXT_LENGTH);
}
