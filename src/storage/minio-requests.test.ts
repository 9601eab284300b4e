import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { minioAt } from '../../test/support/minio-keys.ts';
import { MinioRequests } from './minio-requests.ts';
import { s3KeysOf } from './s3-keys.ts';

const { signal } = new AbortController();
const content = randomBytes(300_000);
const servers: net.Server[] = [];
const clients: MinioRequests[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function clientOf(server: Server | net.Server): Promise<MinioRequests> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const minio = minioAt(port);
  const client = new MinioRequests(minio, s3KeysOf(minio));
  clients.push(client);
  return client;
}

function put(client: MinioRequests, stream: Readable) {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const body = { stream, sizeBytes: content.byteLength, sha256 };
  return client.sendForText({ method: 'PUT', name: 'x', body, what: 'storing x' }, signal);
}

describe('a large body', () => {
  test('is not sent to a server that answers with an error, and the connection is closed', async () => {
    const server = createServer();
    const connectionClosed = new Promise((resolve) => {
      server.on('connection', (socket) => socket.on('close', resolve));
    });
    let bodyBytes = 0;
    server.on('checkContinue', (request, response) => {
      request.on('data', (chunk: Buffer) => (bodyBytes += chunk.byteLength));
      response.writeHead(507, { 'content-type': 'application/xml' });
      response.end('<Error><Code>XMinioStorageFull</Code></Error>');
    });
    const client = await clientOf(server);
    const stream = Readable.from([content]);
    await expect(put(client, stream)).rejects.toMatchObject({ errorClass: 'storage_full' });
    await connectionClosed;
    expect(bodyBytes).toBe(0);
    expect(stream.destroyed).toBe(true);
  });

  test('is sent after a delay to a server that does not know `100-continue`', async () => {
    let received = 0;
    const server = net.createServer((socket) => {
      socket.on('data', (chunk) => {
        received += chunk.byteLength;
        if (received > content.byteLength) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    });
    const client = await clientOf(server);
    await put(client, Readable.from([content]));
    expect(received).toBeGreaterThan(content.byteLength);
  });

  test('that fails while it is read ends the request with its error', async () => {
    const server = createServer((request) => request.resume());
    const client = await clientOf(server);
    const stream = new Readable({ read: () => undefined });
    stream.push(content.subarray(0, 1000));
    const promise = put(client, stream);
    stream.destroy(Object.assign(new Error('gone'), { code: 'EIO' }));
    await expect(promise).rejects.toMatchObject({ errorClass: 'unknown' });
  });
});
