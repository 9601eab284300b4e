import type { MinioConfig } from '../../src/config/config.ts';

/** The keys that the tests sign with. */
export function minioKeys({ keys }: MinioConfig): { readonly accessKey: string; readonly secretKey: string } {
  if (keys.kind === 'aws') throw new Error('The tests need MINIO_ACCESS_KEY and MINIO_SECRET_KEY.');
  const { accessKey, secretKey } = keys;
  return { accessKey, secretKey };
}

/** A server of this machine that verifies no signature. */
export function minioAt(port: number): MinioConfig {
  const keys = { kind: 'given', accessKey: 'access', secretKey: 'secret' } as const;
  const place = { host: '127.0.0.1', port, useTls: false, addressing: 'path' } as const;
  return { ...place, bucket: 'bucket', region: 'us-east-1', keys };
}
