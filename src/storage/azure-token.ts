import { identityError } from './identity-error.ts';
import { RenewedCredential } from './renewed-credential.ts';

/** As `@azure/identity` gives it. */
export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresOnTimestamp: number;
}

/** Fetches a new token. */
export type FetchToken = (signal: AbortSignal) => Promise<AccessToken>;

/** The token of an identity. Asking throws OperatorError `credentials`, or UnavailableError when its server is away. */
export type AzureToken = RenewedCredential<string>;

/** For every account of Azure Storage. */
const SCOPE = 'https://storage.azure.com/.default';

/** @param now tests use another clock. */
export function renewedToken(fetch: FetchToken, now?: () => number): AzureToken {
  return new RenewedCredential({
    what: 'fetching an access token for Azure',
    fetch: async (signal) => {
      const { token, expiresOnTimestamp } = await fetch(signal);
      return { value: token, expiresAtMs: expiresOnTimestamp };
    },
    toError: (thrown) => identityError('There is no access token for Azure', thrown, statusOf(thrown)),
    ...(now && { now }),
  });
}

/** The identity of this machine or of the variables `AZURE_…` of `@azure/identity`, which is loaded for the first token. */
export function createIdentityToken(): AzureToken {
  const credential = import('@azure/identity').then(
    ({ DefaultAzureCredential }) => new DefaultAzureCredential(),
  );
  // The first request meets the error.
  credential.catch(() => undefined);
  return renewedToken(async (abortSignal) => (await credential).getToken(SCOPE, { abortSignal }));
}

function statusOf(thrown: unknown): number {
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return 0;
  return typeof thrown.statusCode === 'number' ? thrown.statusCode : 0;
}
