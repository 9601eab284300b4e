import type { MinioConfig } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { identityError } from './identity-error.ts';
import { RenewedCredential } from './renewed-credential.ts';
import { serverOrigin } from './s3-place.ts';

/** What requests to an S3 server are signed with. */
export interface S3Keys {
  readonly accessKey: string;
  readonly secretKey: string;
  /** Sent with each request; only of temporary keys. */
  readonly sessionToken?: string;
}

/** Where the keys come from. */
export interface S3KeySource {
  /** @throws OperatorError `credentials`; UnavailableError when the service that gives them is away. */
  get(): Promise<S3Keys>;
  /** The server refused them: the next request asks for others, if there can be others. */
  forget(): void;
}

/** Keys that tell no end are asked for again after so long. */
const KEPT_MS = 15 * 60_000;
/** The name that the server sees in its logs. */
const SESSION_NAME = 'sonotheque';
/** MinIO takes no notice of it, but it must have the form of one. */
const ANY_ROLE = 'arn:minio:iam:::role/sonotheque';

/** The keys of the configuration, or temporary ones that they or this machine are given; nothing is fetched yet. */
export function s3KeysOf(minio: MinioConfig): S3KeySource {
  const { keys, region } = minio;
  switch (keys.kind) {
    case 'given': {
      const given = Promise.resolve(keys);
      return { get: () => given, forget: () => undefined };
    }
    case 'assume-role': {
      const endpoint = keys.stsUrl ?? serverOrigin(minio);
      return temporaryKeys(async () =>
        (await import('@aws-sdk/credential-providers')).fromTemporaryCredentials({
          masterCredentials: { accessKeyId: keys.accessKey, secretAccessKey: keys.secretKey },
          params: { RoleArn: keys.roleArn ?? ANY_ROLE, RoleSessionName: SESSION_NAME },
          clientConfig: { region, endpoint },
        }),
      );
    }
    case 'aws':
      return temporaryKeys(async () =>
        (await import('@aws-sdk/credential-providers')).fromNodeProviderChain({ clientConfig: { region } }),
      );
  }
}

/** As the AWS SDK gives them. */
interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** @param open loads the library, which most archives do not need. Its providers remember keys: each fetch has a new one. */
function temporaryKeys(open: () => Promise<() => Promise<Identity>>): S3KeySource {
  return new RenewedCredential({
    what: 'fetching keys for MinIO',
    fetch: async () => {
      const identity = await (await open())();
      return {
        value: keysOfIdentity(identity),
        expiresAtMs: identity.expiration?.getTime() ?? Date.now() + KEPT_MS,
      };
    },
    toError: (thrown) => identityError('There are no keys for MinIO', thrown, statusOf(thrown)),
  });
}

function keysOfIdentity({ accessKeyId, secretAccessKey, sessionToken }: Identity): S3Keys {
  return { accessKey: accessKeyId, secretKey: secretAccessKey, ...definedFields({ sessionToken }) };
}

/** As the errors of the AWS SDK have it. */
function statusOf(thrown: unknown): number {
  const { $metadata: metadata } = Object(thrown) as {
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return metadata?.httpStatusCode ?? 0;
}
