import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Client } from 'minio';
import { encodeQuery, encodeS3Path, S3Signer } from './s3-signature.ts';

const keys = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const region = 'us-east-1';

// docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
describe('the examples of Amazon', () => {
  const at = new Date('2013-05-24T00:00:00Z');
  const host = 'examplebucket.s3.amazonaws.com';
  test.each([
    ['max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
    ['lifecycle=', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ])('GET /?%s', (query, signature) => {
    const { authorization } = new S3Signer(region).sign({ method: 'GET', path: '/', query, host, at }, keys);
    expect(authorization).toContain(`Signature=${signature}`);
    expect(authorization).toContain('AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request');
  });
});

test('signatures are those of minio-js, for any name, on several days, and with the token of temporary keys', async () => {
  const sessionToken = 'a/session+token==';
  const sent: { path: string; headers: Record<string, string> }[] = [];
  const client = new Client({
    ...keys,
    region,
    sessionToken,
    endPoint: 's3.example.org',
    port: 9000,
    useSSL: false,
    pathStyle: true,
    retryOptions: { disableRetry: true },
    transport: {
      request: (options: { path: string; headers: Record<string, string> }) => {
        sent.push(options);
        throw new Error('not sent');
      },
    } as never,
  });
  const signer = new S3Signer(region);
  const segment = fc.stringMatching(/^[^/\p{C}]{1,8}$/u);
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 3 }), segment, async (segments, prefix) => {
      const objectName = segments.join('/');
      const query = encodeQuery({ prefix, 'list-type': '2' });
      const options = { method: 'GET', bucketName: 'bucket', objectName, query, headers: {} };
      await expect(client.makeRequestAsync(options, '', [200], 'us-east-1')).rejects.toThrow('not sent');
      const theirs = sent.at(-1);
      const date = theirs?.headers['x-amz-date'] ?? '';
      const at = new Date(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
      const path = encodeS3Path('bucket', objectName);
      expect(`${path}?${query}`).toBe(theirs?.path);
      const request = { method: 'GET', path, query, host: theirs?.headers['host'] ?? '', at };
      const own = signer.sign(request, { ...keys, sessionToken });
      expect(own['authorization']).toBe(theirs?.headers['authorization']);
    }),
    { numRuns: 100 },
  );
});

test('a new day has a new key, and so have other keys', () => {
  const signer = new S3Signer(region);
  const request = { method: 'GET', path: '/b', query: '', host: 'h' };
  const days = ['2026-01-01T23:59:59Z', '2026-01-02T00:00:00Z', '2026-01-01T23:59:59Z'].map(
    (at) => new Date(at),
  );
  const [first, second, third] = days.map((at) => signer.sign({ ...request, at }, keys)['authorization']);
  expect(first).toBe(third);
  expect(second).toBe(
    new S3Signer(region).sign({ ...request, at: new Date('2026-01-02T00:00:00Z') }, keys)['authorization'],
  );
  const at = new Date('2026-01-01T23:59:59Z');
  const others = { ...keys, secretKey: 'another' };
  expect(signer.sign({ ...request, at }, others)).toEqual(
    new S3Signer(region).sign({ ...request, at }, others),
  );
  expect(signer.sign({ ...request, at }, others)['authorization']).not.toBe(first);
});
