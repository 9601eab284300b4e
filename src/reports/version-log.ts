import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperatorError, type JobError } from '../domain/job-errors.ts';
import { plainText } from '../text/plain-text.ts';
import { formatSecond } from '../text/units.ts';

/** The events of the version log; the names are those of the log that this one continues. */
export type VersionLogAction =
  | 'COLLECTE_JOURNALIERE_INIT'
  | 'COLLECTE_JOURNALIERE_FIN'
  | 'MONGO_SNAPSHOT'
  | 'MONGO_SNAPSHOT_FAIL'
  | 'MONGO_SNAPSHOT_ERROR';

const HEADER = '# 📘 Historique des versions DataSens\n\n';
const MAX_DETAILS_LENGTH = 100;

/**
 * The details of COLLECTE_JOURNALIERE_INIT, in the words of the log that this one continues.
 * @param sourceIds the sources that are collected; none: all.
 */
export function collectionStarted(sourceIds: readonly string[]): string {
  const named = sourceIds.length === 0 ? '' : ` (${sourceIds.join(', ')})`;
  return `Démarrage script collecte quotidienne${named}`;
}

/** The details of COLLECTE_JOURNALIERE_FIN. */
export function collectionEnded(newDocuments: number): string {
  return `+${String(newDocuments)} nouveaux documents en 24h`;
}

/**
 * Adds one line to the append-only version log: ``- **YYYY-MM-DD HH:MM:SS UTC** | `ACTION` | details``. A
 * missing file is created with its header. Lines of several processes do not mix: each is one append. Never rejects: the
 * log describes work that is done, and must not undo or repeat it.
 * @param file absolute path.
 * @param onFailure called when the file cannot be written.
 */
export async function appendVersionLog(
  file: string,
  action: VersionLogAction,
  details: string,
  onFailure: (error: JobError) => void,
  at = new Date(),
): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, HEADER, { flag: 'wx' }).catch(ignoreExisting);
    await appendFile(file, versionLogLine(action, details, at));
  } catch (error) {
    const message = `The version log ${file} cannot be written.`;
    onFailure(new OperatorError('local_configuration', message, { cause: error }));
  }
}

/** @returns one line of the log, with its line break. */
export function versionLogLine(action: VersionLogAction, details: string, at: Date): string {
  return `- **${formatSecond(at)} UTC** | \`${action}\` | ${plainText(details, MAX_DETAILS_LENGTH)}\n`;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
