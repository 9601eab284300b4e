import { describe, expect, test } from '@jest/globals';
import { canonicalQuery, encodeRfc3986, signS3Request } from './s3-signature.ts';

// The examples of docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const credentials = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const now = new Date('2013-05-24T00:00:00Z');
const host = 'examplebucket.s3.amazonaws.com';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('Signature Version 4', () => {
  test('signs a GET with a range as published', () => {
    const headers = signS3Request(
      {
        method: 'GET',
        path: '/test.txt',
        query: {},
        headers: { host, range: 'bytes=0-9' },
        payloadSha256: EMPTY,
      },
      credentials,
      now,
    );
    expect(headers['authorization']).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
        'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, ' +
        'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  test('signs a listing as published', () => {
    const headers = signS3Request(
      {
        method: 'GET',
        path: '/',
        query: { 'max-keys': '2', prefix: 'J' },
        headers: { host },
        payloadSha256: EMPTY,
      },
      credentials,
      now,
    );
    expect(headers['authorization']).toMatch(
      /Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7$/,
    );
  });

  test('encodes what the rules demand', () => {
    expect(encodeRfc3986("a b/!'()*é")).toBe('a%20b%2F%21%27%28%29%2A%C3%A9');
    expect(canonicalQuery({ b: '2', a: '' })).toBe('a=&b=2');
  });
});
