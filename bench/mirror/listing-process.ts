/**
 * A server that lists a bucket and a container with many equal objects, in the forms of S3 and of Azure, and keeps none of
 * them. Started by `startListingServer`.
 *
 *   node bench/mirror/listing-process.ts OBJECTS
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import process from 'node:process';
import { listenOnFreePort } from '../../test/support/free-listener.ts';

const objects = Number(process.argv[2]);
const DIRECTORY = 'audio/youtube/';
const DATE = new Date(0);
const nameOf = (index: number) => `${DIRECTORY}${String(index).padStart(9, '0')}.mp3`;
const md5Of = (index: number) => createHash('md5').update(String(index)).digest();
/** The first index whose name is after this one. */
const after = (name: string) => Math.max(0, Number(/(\d{9})/.exec(name)?.[1] ?? -1) + 1);

function s3Page(query: URLSearchParams): string {
  const first = after(query.get('continuation-token') ?? query.get('start-after') ?? '');
  const end = Math.min(objects, first + Number(query.get('max-keys') ?? 1000));
  const contents = range(first, end, (index) => {
    const key = encodeURIComponent(nameOf(index));
    return `<Contents><Key>${key}</Key><LastModified>${DATE.toISOString()}</LastModified><ETag>&#34;${md5Of(index).toString('hex')}&#34;</ETag><Size>10000</Size></Contents>`;
  });
  const more = end < objects;
  return `<?xml version="1.0"?><ListBucketResult><Name>b</Name><EncodingType>url</EncodingType><KeyCount>${String(end - first)}</KeyCount><IsTruncated>${String(more)}</IsTruncated>${more ? `<NextContinuationToken>${nameOf(end - 1)}</NextContinuationToken>` : ''}${contents}</ListBucketResult>`;
}

function azurePage(query: URLSearchParams): string {
  const first = after(query.get('marker') ?? '');
  const end = Math.min(objects, first + Number(query.get('maxresults') ?? 5000));
  const blobs = range(first, end, (index) => {
    const md5 = md5Of(index);
    return `<Blob><Name>${nameOf(index)}</Name><Properties><Last-Modified>${DATE.toUTCString()}</Last-Modified><Etag>0x1</Etag><Content-Length>10000</Content-Length><Content-Type>audio/mpeg</Content-Type><Content-MD5>${md5.toString('base64')}</Content-MD5><BlobType>BlockBlob</BlobType></Properties><Metadata><srcetag>${md5.toString('hex')}</srcetag><srcsize>10000</srcsize></Metadata></Blob>`;
  });
  const marker = end < objects ? nameOf(end - 1) : '';
  return `<?xml version="1.0"?><EnumerationResults ContainerName="c"><Blobs>${blobs}</Blobs><NextMarker>${marker}</NextMarker></EnumerationResults>`;
}

function range(first: number, end: number, text: (index: number) => string): string {
  return Array.from({ length: Math.max(0, end - first) }, (_value, offset) => text(first + offset)).join('');
}

const server = createServer((request, response) => {
  const { searchParams: query, pathname } = new URL(request.url ?? '', 'http://x');
  request.resume();
  // Our own question whether the container is there, and rclone's whether the directory is an object.
  const isUnused = query.get('prefix')?.startsWith('is-the-') === true;
  const isListing = request.method === 'GET' && (query.has('list-type') || query.get('comp') === 'list');
  if (!isListing && pathname.split('/').length > 3) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/xml' });
  if (!isListing) response.end();
  else if (query.get('comp') === 'list')
    response.end(isUnused ? '<EnumerationResults></EnumerationResults>' : azurePage(query));
  else response.end(s3Page(query));
});
process.on('disconnect', () => process.exit());
process.send?.({ port: await listenOnFreePort(server) });
