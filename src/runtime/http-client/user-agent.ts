import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The name of this program in robots.txt (RFC 9309, section 2.2.1), and the first word of its User-Agent. */
export const PRODUCT_TOKEN = 'Sonotheque';

/** Name, version and, if given, a page where the owner of a site can ask about the requests. */
export function userAgentOf(contactUrl?: string): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(text));
  const product = `${PRODUCT_TOKEN}/${version}`;
  return contactUrl === undefined ? product : `${product} (+${contactUrl})`;
}
