import type { Config } from './config.ts';

/**
 * Whether yt-dlp always has the cookies of one account, at every egress address: only then the lists that an account alone
 * can see (watch later, liked) are the same lists in every listing.
 */
export function hasAccountCookies({ egress, media }: Pick<Config, 'egress' | 'media'>): boolean {
  const isForAll = media.ytDlpExtraArgs.some((word) => /^--cookies(?:-from-browser)?(?:=|$)/.test(word));
  const files = new Set(egress.addresses.map(({ cookiesFile }) => cookiesFile));
  return isForAll || (files.size === 1 && !files.has(undefined));
}
