import { createSecretKey } from 'node:crypto';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { signWithSharedKey } from './azure-shared-key.ts';

const ACCOUNT = 'account';
const KEY = createSecretKey(Buffer.from('a key of the account'));

interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
}

/** A container of the SDK that keeps its requests instead of sending them. */
function sdk(origin: string) {
  const sent: Sent[] = [];
  const credential = new StorageSharedKeyCredential(ACCOUNT, KEY.export().toString('base64'));
  const service = new BlobServiceClient(origin, credential, {
    retryOptions: { maxTries: 1 },
    httpClient: {
      sendRequest: (request) => {
        const headers = Object.fromEntries(
          Object.entries(request.headers.rawHeaders()).map(([name, value]) => [name.toLowerCase(), value]),
        );
        sent.push({ method: request.method, url: new URL(request.url), headers });
        return Promise.reject(new Error('not sent'));
      },
    },
  });
  return { container: service.getContainerClient('container'), sent };
}

function expectSameSignature({ method, url, headers }: Sent): void {
  const { authorization, ...rest } = headers;
  const query = Object.fromEntries(url.searchParams);
  const signable = { method, path: url.pathname, query, headers: rest };
  expect(signWithSharedKey(signable, ACCOUNT, KEY)).toBe(authorization);
}

describe.each(['https://account.blob.core.windows.net', 'http://127.0.0.1:10000/account'])(
  'the signature for %s is that of the SDK',
  (origin) => {
    const key = fc.stringMatching(/^[a-z_][a-z0-9_]{0,12}$/);
    const value = fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/);

    test('for writes with any metadata and conditions', async () => {
      await fc.assert(
        fc.asyncProperty(fc.dictionary(key, value, { maxKeys: 8 }), fc.boolean(), async (metadata, isNew) => {
          const { container, sent } = sdk(origin);
          const write = container.getBlockBlobClient('a/b é+%&=😀.mp3').upload('content', 7, {
            metadata,
            conditions: isNew ? { ifNoneMatch: '*' } : { ifMatch: '"0x1"' },
            blobHTTPHeaders: { blobContentType: 'audio/mpeg', blobContentMD5: Buffer.alloc(16, 1) },
          });
          await expect(write).rejects.toThrow();
          sent.forEach(expectSameSignature);
          expect(sent).toHaveLength(1);
        }),
        { numRuns: 50 },
      );
    });

    test('for reads, listings, blocks and removals', async () => {
      const { container, sent } = sdk(origin);
      const blob = container.getBlockBlobClient('x y/z');
      const requests = [
        () => blob.download(0, undefined, { conditions: { ifMatch: '"0x1"' } }),
        () => blob.getProperties(),
        () => blob.delete(),
        () => blob.stageBlock('aWQ=', 'content', 7, { transactionalContentMD5: Buffer.alloc(16, 2) }),
        () => blob.commitBlockList(['aWQ=']),
        () => blob.setMetadata({ b_1: 'x', b1: 'y' }),
        () => container.create(),
        () =>
          container
            .listBlobsFlat({ prefix: 'a b+é/', includeMetadata: true, startFrom: 'a b+é/Z' })
            .byPage({ maxPageSize: 9 })
            .next(),
      ];
      for (const request of requests) await expect(request()).rejects.toThrow();
      expect(sent).toHaveLength(requests.length);
      sent.forEach(expectSameSignature);
    });
  },
);
