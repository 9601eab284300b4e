import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { CollectConfig } from '../../config/config.ts';
import { createHttpClient, type OpenHttpClient } from './create-http-client.ts';

/** The name that robots.txt knows this program by (RFC 9309, section 2.2.1), and the first word of its User-Agent. */
export const PRODUCT_TOKEN = 'Sonotheque';

/** What every request says of who asks: name, version and where a site's owner may ask about it. */
export function userAgentOf(config: Pick<CollectConfig, 'contactUrl'>): string {
  const product = `${PRODUCT_TOKEN}/${version()}`;
  return config.contactUrl === undefined ? product : `${product} (+${config.contactUrl})`;
}

/** Makes the client that documents and enclosures are fetched with. The caller closes it. */
export function openHttpClient(config: CollectConfig): OpenHttpClient {
  const { openWeatherMap, kaggle } = config.access;
  const keys = [openWeatherMap.key, ...credentialsOf(kaggle.credentials)];
  return createHttpClient({
    userAgent: userAgentOf(config),
    timeoutMs: config.timeoutMs,
    allowPrivateAddresses: config.allowPrivateAddresses,
    secrets: keys.filter((key) => key !== undefined),
  });
}

function credentialsOf(credentials: CollectConfig['access']['kaggle']['credentials']): string[] {
  if (credentials === undefined) return [];
  return [credentials.kind === 'basic' ? credentials.key : credentials.token];
}

function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
