import { createSecretKey, type KeyObject } from 'node:crypto';
import type { AzureConfig } from '../config/config.ts';
import { ConfigurationError } from '../runtime/user-error.ts';
import { withoutEnd } from '../text/without-end.ts';
import { createIdentityToken, type AzureToken } from './azure-token.ts';

/** Where a container is, and what proves that we may use it. */
export interface AzureAccount {
  /** Scheme, host and port. */
  readonly origin: string;
  /** What comes before the container: empty, or the account of an emulator. */
  readonly basePath: string;
  readonly container: string;
  readonly proof:
    | { readonly kind: 'key'; readonly account: string; readonly key: KeyObject }
    /** Query parameters, encoded. */
    | { readonly kind: 'sas'; readonly query: string }
    | { readonly kind: 'identity'; readonly token: AzureToken };
}

/** @throws ConfigurationError when the connection string is invalid; it quotes nothing of the string. */
export function toAzureAccount(azure: AzureConfig): AzureAccount {
  switch (azure.kind) {
    case 'sas':
      return bySas(azure.accountUrl, azure.sasToken, azure.container);
    case 'identity': {
      const proof = { kind: 'identity', token: createIdentityToken() } as const;
      return { ...placeOf(azure.accountUrl), container: azure.container, proof };
    }
    case 'connection-string':
      return byConnectionString(azure.connectionString, azure.container);
  }
}

function bySas(accountUrl: string, token: string, container: string): AzureAccount {
  return { ...placeOf(accountUrl), container, proof: { kind: 'sas', query: token.replace(/^\?/, '') } };
}

// learn.microsoft.com/azure/storage/common/storage-configure-connection-string
function byConnectionString(text: string, container: string): AzureAccount {
  const fields = new Map(
    text.split(';').flatMap((field) => {
      const at = field.indexOf('=');
      return at === -1 ? [] : [[field.slice(0, at).trim(), field.slice(at + 1).trim()] as const];
    }),
  );
  const account = fields.get('AccountName') ?? '';
  const suffix = fields.get('EndpointSuffix') ?? 'core.windows.net';
  const protocol = fields.get('DefaultEndpointsProtocol') ?? 'https';
  const endpoint = fields.get('BlobEndpoint') ?? (account && `${protocol}://${account}.blob.${suffix}`);
  const token = fields.get('SharedAccessSignature');
  const key = Buffer.from(fields.get('AccountKey') ?? '', 'base64');
  const isUsable = URL.canParse(endpoint) && (token !== undefined || (account !== '' && key.byteLength > 0));
  if (!isUsable) {
    throw new ConfigurationError([
      'AZURE_STORAGE_CONNECTION_STRING is not a valid connection string. Copy it again from the Azure portal.',
    ]);
  }
  if (token !== undefined) return bySas(endpoint, token, container);
  return { ...placeOf(endpoint), container, proof: { kind: 'key', account, key: createSecretKey(key) } };
}

function placeOf(address: string): Pick<AzureAccount, 'origin' | 'basePath'> {
  const { origin, pathname } = new URL(address);
  return { origin, basePath: withoutEnd(pathname, '/') };
}
