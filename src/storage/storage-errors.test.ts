import { describe, expect, test } from '@jest/globals';
import { parseRetryAfter, refusalToJobError, transferToJobError, withoutSecrets } from './storage-errors.ts';

describe('classes of failure', () => {
  test.each([
    [403, 'AccessDenied', 'credentials'],
    [401, '', 'credentials'],
    [403, 'SignatureDoesNotMatch', 'credentials'],
    [403, 'AuthenticationFailed', 'credentials'],
    [403, 'RequestTimeTooSkewed', 'local_configuration'],
    [404, 'NoSuchBucket', 'storage_missing'],
    [404, 'ContainerNotFound', 'storage_missing'],
    [404, 'NoSuchKey', 'object_missing'],
    [507, 'XMinioStorageFull', 'storage_full'],
    [503, 'SlowDown', 'server_error'],
    [500, '', 'server_error'],
    [408, '', 'server_error'],
    [429, '', 'server_error'],
    [409, 'BlobAlreadyExists', 'storage_mismatch'],
    [412, '', 'storage_mismatch'],
    [400, 'Md5Mismatch', 'storage_mismatch'],
    [400, 'BadDigest', 'storage_mismatch'],
    [418, '', 'unknown'],
  ] as const)('status %d %s is %s', (status, code, errorClass) => {
    expect(refusalToJobError({ status, code }, 'storing')).toMatchObject({ errorClass });
  });

  test.each([
    ['ECONNRESET', 'network'],
    ['ECONNREFUSED', 'network'],
    ['ENOTFOUND', 'network'],
    ['EPIPE', 'network'],
    ['EAI_AGAIN', 'network'],
    ['EHOSTUNREACH', 'network'],
    ['EIO', 'unknown'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'local_configuration'],
    ['EACCES', 'local_configuration'],
    ['SOMETHING ELSE', 'unknown'],
  ])('%s is %s', (code, errorClass) => {
    const cause = Object.assign(new Error('x'), { code });
    expect(transferToJobError(cause, 'reading')).toMatchObject({ errorClass, cause });
  });
});

test('signatures and keys are taken out of texts', () => {
  const text = withoutSecrets(
    'https://a.example/c?sv=1&sig=abc%2Fdef&se=2 AccountKey=c2VjcmV0; X-Amz-Signature=0123 X-Amz-Credential=AK/1',
  );
  expect(text).not.toMatch(/abc|c2VjcmV0|0123|AK\/1/);
  expect(text).toContain('se=2');
});

test('Retry-After is read as seconds or as a date', () => {
  expect(parseRetryAfter('3')).toBe(3000);
  expect(parseRetryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6000);
  expect(parseRetryAfter('soon')).toBeUndefined();
  expect(parseRetryAfter(undefined)).toBeUndefined();
});
