import { describe, expect, test } from '@jest/globals';
import { parseBlobListing } from './azure-listing.ts';

const page = (blobs: string, marker = '<NextMarker/>') =>
  `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://a/"><Prefix>x</Prefix><Blobs>${blobs}</Blobs>${marker}</EnumerationResults>`;
const properties =
  '<Properties><Creation-Time>x</Creation-Time><Last-Modified>Sat, 28 Nov 2026 12:00:00 GMT</Last-Modified><Etag>0x8D1</Etag>' +
  '<Content-Length>7</Content-Length><Content-Type>audio/mpeg</Content-Type><Content-MD5>1B2M2Y8AsgTpgAmY7PhCfg==</Content-MD5>' +
  '<AccessTier>Cool</AccessTier></Properties>';

describe('a listing of Azure', () => {
  test('is parsed', () => {
    const metadata = '<Metadata><SrcEtag>e%20&amp;</SrcEtag><name>inner</name><empty /></Metadata>';
    const blob = `<Blob><Name>a/b &amp; &#x1F600;&lt;é.mp3</Name>${properties}${metadata}<OrMetadata/></Blob>`;
    expect(parseBlobListing(page(blob, '<NextMarker>2!8&amp;</NextMarker>'))).toEqual({
      nextMarker: '2!8&',
      blobs: [
        {
          name: 'a/b & 😀<é.mp3',
          sizeBytes: 7,
          etag: '0x8D1',
          lastModified: new Date('2026-11-28T12:00:00Z'),
          contentType: 'audio/mpeg',
          md5: 'd41d8cd98f00b204e9800998ecf8427e',
          accessTier: 'Cool',
          metadata: { srcetag: 'e &', name: 'inner' },
        },
      ],
    });
  });

  test('may have names that XML cannot hold, blobs without MD5 and metadata, and several entries', () => {
    const bare =
      '<Properties><Last-Modified>Sat, 28 Nov 2026 12:00:00 GMT</Last-Modified><Etag>"0x2"</Etag><Content-Length>0</Content-Length></Properties>';
    const xml = page(
      `<Blob><Name Encoded="true">a%EF%BF%BE</Name>${bare}</Blob><Blob><Name>b</Name>${bare}</Blob>`,
    );
    expect(parseBlobListing(xml)).toMatchObject({
      nextMarker: undefined,
      blobs: [{ name: 'a\ufffe', etag: '0x2' }, { name: 'b' }],
    });
  });

  test.each([
    ['a page of a proxy', '<html></html>'],
    ['a response that was cut', '<EnumerationResults><Blobs><Blob>'],
    ['an entry without a size', page('<Blob><Name>a</Name><Properties><Etag>e</Etag></Properties></Blob>')],
  ])('%s is not accepted as a listing', (_what, xml) => {
    expect(() => parseBlobListing(xml)).toThrow();
  });
});
