/** Older versions have known vulnerabilities (the latest is CVE-2026-55404) and no longer work with the site. */
export const OLDEST_YTDLP = '2026.07.04';

/**
 * From this age on people are told to update. The site changes every few weeks, and yt-dlp follows with a release every two
 * to nine weeks: after 60 days there is almost always a newer one. yt-dlp itself warns at 90 days, when downloads have often
 * failed already.
 */
export const OLD_AFTER_DAYS = 60;

/** Where this program installed yt-dlp, on this machine or in a container. */
export const HOW_TO_UPDATE = 'Run `npm run update-yt-dlp`.';

const DAY_MS = 24 * 3_600_000;

/** The age of a version, which begins with its date (`2026.10.26`); undefined for another text. */
export function ytDlpAgeDays(version: string, now: Date): number | undefined {
  const [, year, month, day] = /^(\d{4})\.(\d{1,2})\.(\d{1,2})(?:\.|$)/.exec(version) ?? [];
  if (day === undefined) return undefined;
  const released = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return Math.floor((now.getTime() - released) / DAY_MS);
}

/** That a version is so old that downloads may begin to fail; undefined while it is not. */
export function describeOldYtDlp(version: string, now: Date): string | undefined {
  const days = ytDlpAgeDays(version, now);
  if (days === undefined || days <= OLD_AFTER_DAYS) return undefined;
  return `Version ${version} of yt-dlp is ${String(days)} days old; sites change, and versions older than ${String(OLD_AFTER_DAYS)} days often fail.`;
}
