import { ERROR_CLASSES, type ErrorClass } from '../domain/error-classes.ts';
import type { JobError } from '../domain/job-errors.ts';
import { formatBytes } from '../text/units.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import type { ContainerStats } from './container-stats.ts';
import type { MirrorSummary } from './mirror-summary.ts';

/** An object that could not be copied. */
export interface MirrorFailure {
  readonly name: string;
  readonly class: ErrorClass;
  readonly message: string;
  /** What a person can do. */
  readonly advice: string;
}

/** @param error why the object of this name is left */
export function mirrorFailure(name: string, error: JobError): MirrorFailure {
  const { errorClass, message } = error;
  // Without the part about jobs, which are retried by themselves: this run is over.
  return { name, class: errorClass, message, advice: ERROR_CLASSES[errorClass].advice };
}

/** One line of a listing: name, size, date, tier, metadata. Control characters are escaped. */
export function formatObject(info: ObjectInfo): string {
  const metadata = Object.entries(info.metadata ?? {})
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${key}=${quoted(value)}`)
    .join(' ');
  const date = info.lastModified.toISOString().replace(/\.\d{3}Z$/, 'Z');
  const tier = info.accessTier === undefined ? '' : `${info.accessTier}  `;
  return `${info.name}  ${formatBytes(info.sizeBytes)}  ${date}  ${tier}${metadata}`.trimEnd();
}

/** The output of `npm run sync -- --stats`. */
export function formatStats(stats: ContainerStats, plan: MirrorSummary, container: string): string {
  const lines = [
    `Container ${container}: ${String(stats.count)} objects, ${formatBytes(stats.bytes)}.`,
    ...Object.entries(stats.prefixes).map(
      ([prefix, sum]) => `  ${prefix}  ${String(sum.count)} objects, ${formatBytes(sum.bytes)}`,
    ),
  ];
  const tiers = Object.entries(stats.tiers);
  if (tiers.some(([tier]) => tier !== '(none)')) {
    const sums = tiers.map(([tier, { count, bytes }]) => `${tier} ${String(count)} (${formatBytes(bytes)})`);
    lines.push(`Access tiers: ${sums.join(', ')}.`);
  }
  if (stats.audioSeconds > 0) lines.push(`Audio: ${(stats.audioSeconds / 3600).toFixed(1)} hours.`);
  if (stats.oldest !== undefined && stats.newest !== undefined) {
    lines.push(`Oldest: ${stats.oldest.at.toISOString()}  ${stats.oldest.name}`);
    lines.push(`Newest: ${stats.newest.at.toISOString()}  ${stats.newest.name}`);
  }
  lines.push(
    `Of ${String(plan.objects)} objects in the bucket ${String(plan.equal)} are mirrored, ` +
      `${String(plan.missing)} are missing and ${String(plan.different)} differ ` +
      `(${formatBytes(plan.plannedBytes)} to copy).`,
  );
  if (plan.extra > 0) lines.push(`${String(plan.extra)} are in the container only.`);
  return lines.join('\n');
}

/** The last line of `npm run sync`. */
export function formatSummary(summary: MirrorSummary, seconds: number): string {
  const parts = [
    `copied ${String(summary.copied)} (${formatBytes(summary.copiedBytes)})`,
    `already equal ${String(summary.equal + summary.confirmed)}`,
    `failed ${String(summary.failed)}`,
    ...(summary.gone === 0 ? [] : [`deleted meanwhile ${String(summary.gone)}`]),
    ...(summary.retries === 0 ? [] : [`copies tried again ${String(summary.retries)}`]),
    ...(summary.passes <= 1 ? [] : [`passes ${String(summary.passes)}`]),
    ...(summary.extra === 0 ? [] : [`in the container only ${String(summary.extra)} (left alone)`]),
  ];
  return `Of ${String(summary.objects)} objects in the bucket: ${parts.join(', ')}; ${seconds.toFixed(1)} s.`;
}

/** What is left after a run, and what to do about it. `shown` are some of the failures, at most `failed` many. */
export function formatFailures(
  failed: number,
  shown: readonly MirrorFailure[],
  done: 'copied' | 'restored' = 'copied',
): string {
  const byAdvice = new Map<string, string[]>();
  for (const { name, message, advice } of shown) {
    const lines = byAdvice.get(advice) ?? [];
    lines.push(`  ${quoted(name)}: ${message}`);
    byAdvice.set(advice, lines);
  }
  return [
    `${failed === 1 ? '1 object is' : `${String(failed)} objects are`} not ${done}:`,
    ...[...byAdvice].flatMap(([advice, lines]) => [...lines, `  -> ${advice}`]),
    ...(failed > shown.length ? [`  … and ${String(failed - shown.length)} more.`] : []),
    'Run the same command again when the cause is gone: it does only what is left.',
  ].join('\n');
}

function quoted(value: string): string {
  // JSON does not escape the control characters from U+007F on; terminals act on some of them.
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
