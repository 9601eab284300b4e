import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { AzureAccount } from './azure-account.ts';
import { signWithSharedKey } from './azure-shared-key.ts';
import { orForget } from './renewed-credential.ts';
import { StoreConnection, type StoreRequest, type StoreResponse } from './store-connection.ts';

/** A request for a blob of the container, or for the container itself. */
export interface AzureRequest {
  readonly method: StoreRequest['method'];
  /** Left out: the container. */
  readonly blob?: string;
  /** Decoded; names in lower case. */
  readonly query?: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly content: Buffer | Readable; readonly sizeBytes: number };
  /** What is being done, for error messages. */
  readonly what: string;
}

/** Understood by every Azurite since 3.27; the newest feature in use are names that XML cannot hold (2021-02-12). */
const API_VERSION = '2023-11-03';
const MAX_SMALL_RESPONSE_BYTES = 1024 ** 2;

/** Signs requests for a container and sends them. */
export class AzureRequests {
  readonly #account: AzureAccount;
  readonly #connection: StoreConnection;

  constructor(account: AzureAccount) {
    this.#account = account;
    this.#connection = new StoreConnection(account.origin);
  }

  /** See `StoreConnection.send`. */
  async send(request: AzureRequest, signal: AbortSignal): Promise<StoreResponse> {
    const signed = await this.#signed(request);
    return await this.#orForgetToken(this.#connection.send(signed, signal));
  }

  /** For requests whose response has no content that matters. @returns its headers */
  async sendForHead(request: AzureRequest, signal: AbortSignal): Promise<IncomingHttpHeaders> {
    const signed = await this.#signed(request);
    const sent = this.#connection.sendForBody(signed, MAX_SMALL_RESPONSE_BYTES, signal);
    return (await this.#orForgetToken(sent)).headers;
  }

  async sendForText(request: AzureRequest, maxBytes: number, signal: AbortSignal): Promise<string> {
    const signed = await this.#signed(request);
    const sent = this.#connection.sendForBody(signed, maxBytes, signal);
    return (await this.#orForgetToken(sent)).content.toString('utf8');
  }

  close(): void {
    this.#connection.close();
  }

  #orForgetToken<T>(sent: Promise<T>): Promise<T> {
    const { proof } = this.#account;
    return proof.kind === 'identity' ? orForget(proof.token, sent) : sent;
  }

  async #signed({ method, blob, query = {}, headers: own, body, what }: AzureRequest): Promise<StoreRequest> {
    const { basePath, container, proof } = this.#account;
    const place = `${basePath}/${container}`;
    const path = blob === undefined ? place : `${place}/${encodeBlobName(blob)}`;
    const headers: Record<string, string> = {
      'x-ms-date': new Date().toUTCString(),
      'x-ms-version': API_VERSION,
      ...own,
    };
    if (method === 'PUT') headers['content-length'] = String(body?.sizeBytes ?? 0);
    const parameters = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    switch (proof.kind) {
      case 'key':
        headers['authorization'] = signWithSharedKey(
          { method, path, query, headers },
          proof.account,
          proof.key,
        );
        break;
      case 'identity':
        headers['authorization'] = `Bearer ${await proof.token.get()}`;
        break;
      case 'sas':
        parameters.push(proof.query);
        break;
    }
    return {
      method,
      path: parameters.length === 0 ? path : `${path}?${parameters.join('&')}`,
      headers,
      what,
      ...(body && { body: body.content }),
    };
  }
}

function encodeBlobName(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}
