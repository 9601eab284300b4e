import type { CollectConfig, CollectorAccess } from '../config/config.ts';
import { createHttpClient, type ClosableHttpClient } from '../runtime/http-client/create-http-client.ts';
import { userAgentOf } from '../runtime/http-client/user-agent.ts';

/** The settings that it needs. */
type ClientConfig = Pick<
  CollectConfig,
  'contactUrl' | 'timeoutMs' | 'allowPrivateAddresses' | 'sourceSecrets'
> & {
  readonly access: {
    readonly openWeatherMap: Pick<CollectorAccess['openWeatherMap'], 'key'>;
    readonly kaggle: Pick<CollectorAccess['kaggle'], 'credentials'>;
  };
};

/**
 * Creates the client that fetches documents and podcast episodes. It hides the keys of OpenWeatherMap and Kaggle
 * and the secrets of sources in all messages. The caller closes it.
 */
export function openCollectorHttpClient(config: ClientConfig): ClosableHttpClient {
  const { openWeatherMap, kaggle } = config.access;
  const { credentials } = kaggle;
  const kaggleKey = credentials?.kind === 'basic' ? credentials.key : credentials?.token;
  return createHttpClient({
    userAgent: userAgentOf(config.contactUrl),
    timeoutMs: config.timeoutMs,
    allowPrivateAddresses: config.allowPrivateAddresses,
    redirectCookies: true,
    secrets: [openWeatherMap.key, kaggleKey, ...Object.values(config.sourceSecrets)].filter(
      (key) => key !== undefined,
    ),
  });
}
