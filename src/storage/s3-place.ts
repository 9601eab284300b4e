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

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/** docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
export function s3PlaceOf({ host: server, port, useTls, bucket, addressing }: MinioConfig): S3Place {
  const scheme = useTls ? 'https' : 'http';
  const host = addressing === 'path' ? server : `${bucket}.${server}`;
  return {
    origin: `${scheme}://${host}:${String(port)}`,
    host: DEFAULT_PORTS[scheme] === port ? host : `${host}:${String(port)}`,
    bucketInPath: addressing === 'path' ? bucket : undefined,
  };
}
