import type { MinioConfig } from '../config/config.ts';

/** Where requests for a bucket go. */
export interface S3Place {
  /** Scheme, host and port. */
  readonly origin: string;
  /** As the server verifies it in the signature: without the port when that is the one of the scheme. */
  readonly host: string;
  /** Undefined when the bucket is part of the host. */
  readonly bucketInPath: string | undefined;
}

/** Scheme, host and port of the server. */
export function serverOrigin({ useTls, host, port }: Pick<MinioConfig, 'useTls' | 'host' | 'port'>): string {
  return `${useTls ? 'https' : 'http'}://${host}:${String(port)}`;
}

/** docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
export function s3PlaceOf({ host: server, port, useTls, bucket, addressing }: MinioConfig): S3Place {
  const host = addressing === 'path' ? server : `${bucket}.${server}`;
  return {
    origin: serverOrigin({ useTls, host, port }),
    host: port === (useTls ? 443 : 80) ? host : `${host}:${String(port)}`,
    bucketInPath: addressing === 'path' ? bucket : undefined,
  };
}
