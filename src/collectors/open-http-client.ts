import { userAgentOf } from '../runtime/http-client/user-agent.ts';
import type { CollectConfig } from '../config/config.ts';
import { createHttpClient, type OpenHttpClient } from '../runtime/http-client/create-http-client.ts';

/** Makes the client that documents and enclosures are fetched with. The caller closes it. */
export function openHttpClient(config: CollectConfig): OpenHttpClient {
  const { openWeatherMap, kaggle } = config.access;
  const keys = [openWeatherMap.key, ...credentialsOf(kaggle.credentials)];
  return createHttpClient({
    userAgent: userAgentOf(config.contactUrl),
    timeoutMs: config.timeoutMs,
    allowPrivateAddresses: config.allowPrivateAddresses,
    secrets: keys.filter((key) => key !== undefined),
  });
}

function credentialsOf(credentials: CollectConfig['access']['kaggle']['credentials']): string[] {
  if (credentials === undefined) return [];
  return [credentials.kind === 'basic' ? credentials.key : credentials.token];
}
