import { describe, expect, test } from '@jest/globals';
import { parseListing, parseS3Error, parseUploadId, parseUploads } from './s3-xml.ts';

const page = (inner: string) => `<?xml version="1.0"?><ListBucketResult>${inner}</ListBucketResult>`;

describe('answers of S3', () => {
  test('a listing page', () => {
    const xml = page(
      '<Name>b</Name><IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b</NextContinuationToken>' +
        '<Contents><Key>a%2Fb+c%2B%26.mp3</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified>' +
        '<ETag>&#34;0cc175b9c0f1b6a831c399e269772661&#34;</ETag><Size>7</Size></Contents>',
    );
    expect(parseListing(xml)).toEqual({
      nextToken: 'a&b',
      objects: [
        {
          name: 'a/b c+&.mp3',
          sizeBytes: 7,
          etag: '0cc175b9c0f1b6a831c399e269772661',
          lastModified: new Date('2026-01-02T03:04:05.678Z'),
        },
      ],
    });
  });

  test.each([
    ['a page of a proxy', '<html>Bad gateway</html>'],
    ['nothing', ''],
    ['half an answer', '<ListBucketResult><Contents><Key>a</Key>'],
    [
      'an entry without a size',
      page('<Contents><Key>a</Key><LastModified>2026-01-01</LastModified></Contents>'),
    ],
    ['more without a token', page('<IsTruncated>true</IsTruncated>')],
  ])('%s is not taken for a listing', (_what, xml) => {
    expect(() => parseListing(xml)).toThrow();
  });

  test('uploads of exactly one name', () => {
    const xml =
      '<Upload><Key>a</Key><UploadId>1</UploadId></Upload><Upload><Key>ab</Key><UploadId>2</UploadId></Upload>';
    expect(parseUploads(xml, 'a')).toEqual(['1']);
    expect(parseUploadId('<UploadId>x</UploadId>')).toBe('x');
    expect(() => parseUploadId('<html>')).toThrow();
  });

  test('error codes', () => {
    expect(parseS3Error('<Error><Code>NoSuchBucket</Code></Error>')).toBe('NoSuchBucket');
    expect(parseS3Error('<html>')).toBeUndefined();
  });
});
