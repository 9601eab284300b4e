import type { ChaosOptions } from './options.ts';

/** The outcome of a run, as `--json` prints it. */
export interface ChaosReport {
  readonly provider: ChaosOptions['provider'];
  readonly items: number;
  readonly workers: number;
  readonly seed: number;
  /** Objects in the bucket, read back and equal to their record. */
  readonly stored: number;
  /** Blobs in the container, read back and equal to their record. */
  readonly mirrored: number;
  /** With a reason. */
  readonly failed: number;
  /** Not finished, with a job. */
  readonly waiting: number;
  /** In none of the states in which an item may be, or without the object that its status promises. */
  readonly lost: number;
  readonly corrupt: number;
  /** Objects and blobs with the content of another, or without a record. */
  readonly duplicates: number;
  /** Files and directories left in staging. */
  readonly strays: number;
  /** Jobs that still waited or ran after the recovery time. */
  readonly unfinishedJobs: number;
  /** Work directories of killed workers, which reconcile removed. */
  readonly abandonedWork: number;
  /** Blobs that Azurite had confirmed and forgot when it was killed; `sync` copied them again. */
  readonly forgottenByAzurite: number;
  readonly repeatedDownloads: number;
  /** Of those, the ones after a download that a kill interrupted. */
  readonly repeatedAfterKill: number;
  readonly kills: number;
  readonly killsOf: Readonly<Record<string, number>>;
  readonly injectedFaults: number;
  readonly faultsOf: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly exchanges: number;
  /** Workers that ended by themselves. */
  readonly crashes: readonly string[];
  readonly seconds: number;
  /** The first problems. */
  readonly problems: readonly string[];
}

/** Whether nothing was lost, broken or duplicated. */
export function hasPassed(report: ChaosReport): boolean {
  const { lost, corrupt, duplicates, strays, unfinishedJobs, waiting, crashes } = report;
  return lost + corrupt + duplicates + strays + unfinishedJobs + waiting + crashes.length === 0;
}

/** The report as text. */
export function formatReport(report: ChaosReport): string {
  const { killsOf, faultsOf, problems, crashes, ...figures } = report;
  const rows = Object.entries(figures).map(([name, value]) => `${name.padEnd(20)} ${String(value)}`);
  const list = (name: string, counts: Readonly<Record<string, number>>) =>
    `  ${name.padEnd(18)} ${Object.entries(counts)
      .map(([kind, count]) => `${kind} ${String(count)}`)
      .join(', ')}`;
  return [
    ...rows,
    list('killed', killsOf),
    ...Object.entries(faultsOf).map(([name, counts]) => list(name, counts)),
    ...[...crashes, ...problems].map((problem) => `! ${problem}`),
    hasPassed(report) ? 'Nothing lost, nothing twice.' : 'The promise was broken.',
    '',
  ].join('\n');
}
