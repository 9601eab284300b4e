import type { CollectConfig } from '../config/config.ts';
import { createHttpClient, type ClosableHttpClient } from '../runtime/http-client/create-http-client.ts';
import { userAgentOf } from '../runtime/http-client/user-agent.ts';

/**
 * Creates the client that fetches documents and podcast episodes. It hides the keys of OpenWeatherMap and Kaggle in all
 * messages. The caller closes it.
 */
export function openCollectorHttpClient(config: CollectConfig): ClosableHttpClient {
  const { openWeatherMap, kaggle } = config.access;
  const { credentials } = kaggle;
  const kaggleKey = credentials?.kind === 'basic' ? credentials.key : credentials?.token;
  return createHttpClient({
    userAgent: userAgentOf(config.contactUrl),
    timeoutMs: config.timeoutMs,
    allowPrivateAddresses: config.allowPrivateAddresses,
    secrets: [openWeatherMap.key, kaggleKey].filter((key) => key !== undefined),
  });
}
