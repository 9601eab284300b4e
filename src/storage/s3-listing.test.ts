import { describe, expect, test } from '@jest/globals';
import { parseListing } from './s3-listing.ts';

const page = (inner: string) => `<?xml version="1.0"?><ListBucketResult>${inner}</ListBucketResult>`;

describe('a listing of S3', () => {
  test('is parsed', () => {
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

  test.each(['007', '0x1F', 'false', '1.0', '-0', '1e5'])('the name %s stays as it is', (name) => {
    const entry = `<Contents><Key>${name}</Key><LastModified>2026-01-02T03:04:05Z</LastModified><ETag>e</ETag><Size>7</Size></Contents>`;
    expect(parseListing(page(entry)).objects).toMatchObject([{ name }]);
  });

  test.each([
    ['a page of a proxy', '<html>Bad gateway</html>'],
    ['nothing', ''],
    ['a response that was cut', '<ListBucketResult><Contents><Key>a</Key>'],
    [
      'an entry without a size',
      page('<Contents><Key>a</Key><LastModified>2026-01-01</LastModified></Contents>'),
    ],
    ['fewer entries than it announces', page('<KeyCount>1</KeyCount><Cpntents><Key>a</Key></Cpntents>')],
    ['more without a token', page('<IsTruncated>true</IsTruncated>')],
  ])('%s is not accepted as a listing', (_what, xml) => {
    expect(() => parseListing(xml)).toThrow();
  });
});
