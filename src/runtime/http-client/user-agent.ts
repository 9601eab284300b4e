import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The name that robots.txt knows this program by (RFC 9309, section 2.2.1), and the first word of its User-Agent. */
export const PRODUCT_TOKEN = 'Sonotheque';

/** What every request says of who asks: name, version and where a site's owner may ask about it. */
export function userAgentOf(contactUrl: string | undefined): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(text));
  const product = `${PRODUCT_TOKEN}/${version}`;
  return contactUrl === undefined ? product : `${product} (+${contactUrl})`;
}
