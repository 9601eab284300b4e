import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Client } from 'minio';
import { minioAt } from '../../test/support/minio-keys.ts';
import { MinioRequests } from './minio-requests.ts';
import { s3KeysOf } from './s3-keys.ts';

const { signal } = new AbortController();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(server: Server): Promise<{ requests: MinioRequests; connections: () => number }> {
  let connections = 0;
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const minio = minioAt(port);
  const requests = new MinioRequests(minio, s3KeysOf(minio));
  closing.push(async () => {
    requests.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { requests, connections: () => connections };
}

const answering = (listener: RequestListener) => serve(createServer(listener));

describe('an error response', () => {
  test.each<[string, (client: Client, bucket: string) => Promise<unknown>]>([
    ['HEAD', (client, bucket) => client.bucketExists(bucket)],
    ['DELETE', (client, bucket) => client.removeObject(bucket, 'x')],
    ['GET', (client, bucket) => client.listIncompleteUploadsQuery(bucket, 'x', '', '', '')],
    ['POST', (client, bucket) => client.initiateNewMultipartUpload(bucket, 'x', {})],
  ])('to a %s by minio-js keeps its code and Retry-After and is not retried there', async (_method, work) => {
    const warn = jest.spyOn(console, 'warn');
    let asked = 0;
    const { requests, connections } = await answering((request, response) => {
      asked += 1;
      const code = 'XMinioServerNotInitialized';
      const text = request.method === 'HEAD' ? '' : `<Error><Code>${code}</Code></Error>`;
      response.setHeader('content-length', text.length);
      response.writeHead(503, { 'retry-after': '7', 'x-minio-error-code': code }).end(text);
    });
    for (let time = 0; time < 3; time += 1) {
      await expect(requests.call({ what: 'asking', signal }, work)).rejects.toMatchObject({
        errorClass: 'server_error',
        retryAfterMs: 7000,
        message: 'asking: the store answered XMinioServerNotInitialized (status 503).',
      });
    }
    expect(asked).toBe(3);
    // The response is read to its end, so that the connection can be reused.
    expect(connections()).toBe(1);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test.each([
    ['whole', '<Error><Code>XMinioStorageFull</Code></Error>', 45],
    ['cut itself', '<Error>', 45],
  ])('during an upload is not lost when the connection is cut after it, %s', async (_how, text, length) => {
    const server = createServer();
    server.on('checkContinue', (request, response) => {
      response.writeContinue();
      request.once('data', () => {
        response.writeHead(507, { 'content-length': length });
        response.write(text, () => request.socket.end());
      });
    });
    const { requests } = await serve(server);
    const chunk = Buffer.alloc(64 * 1024);
    const stream = new Readable({
      read() {
        setImmediate(() => this.push(chunk));
      },
    });
    const body = { stream, sizeBytes: 2 ** 40, sha256: '0'.repeat(64) };
    const promise = requests.send({ method: 'PUT', name: 'x', body, what: 'storing x' }, signal);
    await expect(promise).rejects.toMatchObject({ errorClass: 'storage_full' });
    expect(stream.destroyed).toBe(true);
  });

  test('with the status 200 is an error too', async () => {
    const { requests } = await answering((request, response) => {
      request.resume();
      response.end('<Error><Code>XMinioStorageFull</Code><Message>full</Message></Error>');
    });
    const promise = requests.call({ what: 'completing', signal }, (client, bucket) =>
      client.completeMultipartUpload(bucket, 'x', 'id', [{ part: 1, etag: 'e' }]),
    );
    await expect(promise).rejects.toMatchObject({ errorClass: 'storage_full' });
  });
});

describe('an aborted signal', () => {
  test.each([
    ['before the response', () => undefined],
    [
      'in the middle of a response that minio-js reads',
      (write: (text: string) => void) => {
        write('<ListMultipartUploadsResult>');
      },
    ],
  ])('%s ends the call and its connection', async (_when, begin) => {
    const controller = new AbortController();
    const server = createServer((_request, response) => {
      begin((text) => response.write(text));
      setImmediate(() => {
        controller.abort();
      });
    });
    const connectionClosed = new Promise((resolve) => {
      server.on('connection', (socket) => socket.on('close', resolve));
    });
    const { requests } = await serve(server);
    const promise = requests.call({ what: 'looking', signal: controller.signal }, (client, bucket) =>
      client.listIncompleteUploadsQuery(bucket, 'x', '', '', ''),
    );
    await expect(promise).rejects.toMatchObject({ outcome: 'interrupted' });
    await connectionClosed;
  });
});
