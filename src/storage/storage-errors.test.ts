import { describe, expect, test } from '@jest/globals';
import { OperatorError } from '../domain/job-errors.ts';
import { retry } from '../runtime/retry.ts';
import {
  emptyIfContainerMissing,
  ObjectMissingError,
  responseToJobError,
  storeRetryPolicy,
  transferToJobError,
  UnavailableError,
  undefinedIfMissing,
  withoutSecrets,
} from './storage-errors.ts';

describe('error classes', () => {
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
    expect(responseToJobError({ status, code }, 'storing')).toMatchObject({ errorClass });
  });

  test.each([
    ['ECONNRESET', 'network'],
    ['ECONNREFUSED', 'network'],
    ['ENOTFOUND', 'network'],
    ['EPIPE', 'network'],
    ['EAI_AGAIN', 'network'],
    ['EHOSTUNREACH', 'network'],
    ['UND_ERR_SOCKET', 'network'],
    ['UND_ERR_CONNECT_TIMEOUT', 'network'],
    ['HPE_INVALID_CONSTANT', 'network'],
    ['EIO', 'unknown'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'local_configuration'],
    ['EACCES', 'local_configuration'],
    ['SOMETHING ELSE', 'unknown'],
  ])('%s is %s', (code, errorClass) => {
    const cause = Object.assign(new Error('x'), { code });
    expect(transferToJobError(cause, 'reading')).toMatchObject({ errorClass, cause });
  });
});

test.each([
  [429, true],
  [503, true],
  [500, false],
  [408, false],
])('the status %d asks for fewer requests: %j', (status, isThrottling) => {
  expect(responseToJobError({ status, code: '' }, 'storing')).toMatchObject({ isThrottling });
});

test('signatures and keys are removed from texts', () => {
  const text = withoutSecrets(
    'https://a.example/c?sv=1&sig=abc%2Fdef&se=2 AccountKey=c2VjcmV0; X-Amz-Signature=0123 X-Amz-Credential=AK/1',
  );
  expect(text).not.toMatch(/abc|c2VjcmV0|0123|AK\/1/);
  expect(text).toContain('se=2');
});

describe('retries of a request', () => {
  const { signal } = new AbortController();
  const policy = { ...storeRetryPolicy(signal), firstDelayMs: 1 };
  const down = new UnavailableError('server_error', 'down');
  const failing = (times: number, error: Error) => {
    let tries = 0;
    return {
      request: () => {
        tries += 1;
        return tries <= times ? Promise.reject(error) : Promise.resolve(tries);
      },
      tries: () => tries,
    };
  };

  test('an unavailable store is tried again', async () => {
    await expect(retry(failing(3, down).request, policy)).resolves.toBe(4);
  });

  test('at most 4 tries are made', async () => {
    const { request, tries } = failing(9, down);
    await expect(retry(request, policy)).rejects.toBe(down);
    expect(tries()).toBe(4);
  });

  test.each([
    new OperatorError('credentials', 'no'),
    new UnavailableError('server_error', 'busy', { retryAfterMs: 3_600_000 }),
  ])('%s is left to the queue', async (error) => {
    const { request, tries } = failing(1, error);
    await expect(retry(request, policy)).rejects.toBe(error);
    expect(tries()).toBe(1);
  });

  test('a short Retry-After is respected', async () => {
    const { request } = failing(1, new UnavailableError('server_error', 'busy', { retryAfterMs: 200 }));
    const startedAt = performance.now();
    await retry(request, policy);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195);
  });

  test('an abort ends the pause', async () => {
    const controller = new AbortController();
    const { request } = failing(1, new UnavailableError('network', 'down', { retryAfterMs: 15_000 }));
    const promise = retry(request, storeRetryPolicy(controller.signal));
    controller.abort();
    await expect(promise).rejects.toMatchObject({ outcome: 'interrupted' });
  });
});

describe('what does not exist', () => {
  async function* failingListing(error: Error) {
    yield await Promise.resolve(['a']);
    throw error;
  }
  const containerMissing = new OperatorError('storage_missing', 'no bucket');

  test('a missing container ends a listing, other errors fail it', async () => {
    expect(await Array.fromAsync(emptyIfContainerMissing(failingListing(containerMissing)))).toEqual([['a']]);
    const failed = Array.fromAsync(emptyIfContainerMissing(failingListing(new Error('cut'))));
    await expect(failed).rejects.toThrow('cut');
  });

  test('a missing object is undefined, a missing container is an error', async () => {
    expect(await undefinedIfMissing(Promise.resolve(1))).toBe(1);
    expect(await undefinedIfMissing(Promise.reject<number>(new ObjectMissingError('gone')))).toBeUndefined();
    await expect(undefinedIfMissing(Promise.reject(containerMissing))).rejects.toBe(containerMissing);
  });
});
