import type { EgressStatus } from '../egress/egress-status.ts';
import { HOW_TO_UPDATE, describeOldYtDlp } from '../media/yt-dlp-version.ts';

/** Why yt-dlp should be updated. */
export interface YtDlpWarning {
  /** `age`: it is old. `extraction`: downloads of many videos fail in the way they do when the site has changed. */
  readonly kind: 'age' | 'extraction';
  readonly message: string;
  readonly advice: string;
}

/** @param version of yt-dlp on this machine; undefined when it is not known. */
export function ytDlpWarnings(
  version: string | undefined,
  egress: readonly EgressStatus[],
  now: Date,
): YtDlpWarning[] {
  const old = version === undefined ? undefined : describeOldYtDlp(version, now);
  return [
    ...(old === undefined ? [] : [{ kind: 'age' as const, message: old, advice: HOW_TO_UPDATE }]),
    ...extractionWarnings(egress),
  ];
}

/** At most one: `extraction` opens the circuit of an address only when many of its videos fail with it. */
export function extractionWarnings(egress: readonly EgressStatus[]): YtDlpWarning[] {
  const failing = egress.filter(({ state, reason }) => state !== 'closed' && reason === 'extraction');
  if (failing.length === 0) return [];
  const names = failing.map(({ identity }) => identity).join(', ');
  return [
    {
      kind: 'extraction',
      message: `Most videos fail with \`extraction\` (egress address ${names}). This happens often when the site has changed.`,
      advice: HOW_TO_UPDATE,
    },
  ];
}
