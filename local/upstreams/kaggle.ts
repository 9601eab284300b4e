import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { sendJson, type JsonResponse, type Upstream } from './upstream.ts';
import { zipArchive } from './zip-archive.ts';

export interface KaggleRequest {
  readonly service: 'api' | 'storage';
  readonly path: string;
  readonly authorization: string | undefined;
}

/** A version of a dataset: its files in an archive, or any bytes. */
export interface KaggleVersion {
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly packing?: 'zip' | 'tar.gz';
  /** Sent in place of an archive of the files. */
  readonly content?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** The file name at the end of the URL. */
  readonly name?: string;
  /** `right` by default; `wrong` is the checksum of other bytes, `none` sends no checksum. */
  readonly checksum?: 'right' | 'wrong' | 'none';
}

interface PublishedVersion {
  readonly bytes: Buffer;
  readonly version: KaggleVersion;
}

/**
 * The API of Kaggle and the store to which it redirects downloads, in memory. They must run on two servers, because
 * credentials for the API may not reach the store; it answers requests that contain them with 400.
 */
export class KaggleUpstream {
  readonly requests: KaggleRequest[] = [];
  licence = 'CC0-1.0';
  /** The URL of the store, once it is listening: `http://127.0.0.1:PORT/kaggle-storage`. */
  storageAddress = '';
  /** When set, the API answers requests with any other `Authorization` with 401. */
  expectedAuthorization: string | undefined;
  readonly #datasets = new Map<string, PublishedVersion[]>();
  readonly #failures: Record<'view' | 'download' | 'storage', JsonResponse[]> = {
    view: [],
    download: [],
    storage: [],
  };

  readonly api: Upstream = {
    name: 'kaggle',
    handle: (request, response, path) => {
      this.#record('api', request, path);
      this.#answerApi(request, response, path);
    },
  };

  readonly storage: Upstream = {
    name: 'kaggle-storage',
    handle: (request, response, path) => {
      this.#record('storage', request, path);
      this.#answerStorage(request, response, path);
    },
  };

  /** Publishes the next version of a dataset. @returns its number */
  async publish(ref: string, version: KaggleVersion): Promise<number> {
    const versions = this.#datasets.get(ref) ?? [];
    versions.push({ version, bytes: version.content ?? (await archiveOf(version)) });
    this.#datasets.set(ref, versions);
    return versions.length;
  }

  /** Sets the response to the next request for a dataset, for a download or to the store. */
  failNext(what: 'view' | 'download' | 'storage', failure: JsonResponse): void {
    this.#failures[what].push(failure);
  }

  #record(service: 'api' | 'storage', request: IncomingMessage, path: URL): void {
    const { authorization } = request.headers;
    this.requests.push({ service, path: `${path.pathname}${path.search}`, authorization });
  }

  #answerApi(request: IncomingMessage, response: ServerResponse, path: URL): void {
    const { expectedAuthorization } = this;
    if (expectedAuthorization !== undefined && request.headers.authorization !== expectedAuthorization) {
      sendJson(response, { status: 401, body: { code: 401, message: 'Unauthenticated' } });
      return;
    }
    const [, action, ref = ''] = /^\/datasets\/(view|download)\/([^/]+\/[^/]+)$/.exec(path.pathname) ?? [];
    const versions = this.#datasets.get(ref);
    const failure =
      action === undefined ? undefined : this.#failures[action === 'view' ? 'view' : 'download'].shift();
    if (failure !== undefined) {
      sendJson(response, failure);
    } else if (versions === undefined) {
      sendJson(response, { status: 404, body: { code: 404, message: 'Not Found' } });
    } else if (action === 'view') {
      sendJson(response, { status: 200, body: this.#viewOf(ref, versions) });
    } else {
      const number = path.searchParams.get('datasetVersionNumber') ?? String(versions.length);
      const name = versions[Number(number) - 1]?.version.name ?? 'archive.zip';
      const location = `${this.storageAddress}/${ref}/${number}/${name}?X-Goog-Signature=0123abcd`;
      response.writeHead(302, { Location: location }).end();
    }
  }

  #viewOf(ref: string, versions: readonly PublishedVersion[]) {
    return {
      ref,
      title: `The dataset ${ref}`,
      currentVersionNumber: versions.length,
      totalBytes: versions.at(-1)?.bytes.length ?? 0,
      licenseName: this.licence,
      lastUpdated: '2026-11-16T03:00:00Z',
      isPrivate: false,
    };
  }

  #answerStorage(request: IncomingMessage, response: ServerResponse, path: URL): void {
    const [, ref = '', number] = /^\/([^/]+\/[^/]+)\/(\d+)\//.exec(path.pathname) ?? [];
    const published = this.#datasets.get(ref)?.[Number(number) - 1];
    const failure = this.#failures.storage.shift();
    if (failure !== undefined) {
      sendJson(response, failure);
    } else if (request.headers.authorization !== undefined) {
      response.writeHead(400).end();
    } else if (published === undefined) {
      response.writeHead(404).end();
    } else {
      const { bytes, version } = published;
      response.writeHead(200, {
        'Content-Type': 'application/octet-stream',
        'Content-Length': bytes.length,
        'Accept-Ranges': 'bytes',
        ...checksumHeader(bytes, version.checksum ?? 'right'),
        ...version.headers,
      });
      response.end(bytes);
    }
  }
}

/** A CSV file of generated reviews; the same number of rows gives the same file. */
export function generatedReviews(rows: number): string {
  const lines = Array.from({ length: rows }, (_value, index) => {
    const day = String((index % 28) + 1).padStart(2, '0');
    return `${String(index + 1)},2026-10-${day},"Review ${String(index + 1)}, in short","It was ""number ${String(index + 1)}""."`;
  });
  return ['id,date,title,text', ...lines, ''].join('\n');
}

async function archiveOf({ files = {}, packing = 'zip' }: KaggleVersion): Promise<Buffer> {
  const entries = Object.entries(files).map(([name, content]) => ({ name, content: Buffer.from(content) }));
  if (packing === 'zip') return zipArchive(entries);
  const archive = pack();
  for (const { name, content } of entries) archive.entry({ name }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks));
}

function checksumHeader(bytes: Buffer, checksum: 'right' | 'wrong' | 'none'): Record<string, string> {
  if (checksum === 'none') return {};
  const content = checksum === 'right' ? bytes : Buffer.concat([bytes, Buffer.from('x')]);
  return { 'x-goog-hash': `crc32c=AAAAAA==, md5=${createHash('md5').update(content).digest('base64')}` };
}
