import { createCipheriv, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

/** How the server differs from its usual behaviour. */
export interface SaveTubeBehaviour {
  /** Answers this many calls of `random-cdn` with 503 first. */
  failures?: number;
  cdn?: string;
  infoStatus?: number;
  refusal?: string;
  downloadRefusal?: string;
  downloadUrl?: string;
  duration?: number;
  id?: string;
  /** The path `/file` redirects here. */
  redirectTo?: string;
  /** `cut`: half the bytes, then the connection ends; `stall`: half, then nothing; `unsized`: without a length. */
  transfer?: 'whole' | 'cut' | 'stall' | 'unsized';
  /** An info response of this many bytes. */
  longAnswerBytes?: number;
}

/** A local server that speaks the protocol of SaveTube, as public clients do. */
export interface SaveTubeServer {
  readonly apiUrl: string;
  readonly origin: string;
  readonly keyHex: string;
  /** Method and path of every request, in order. */
  readonly requests: readonly string[];
  behaviour: SaveTubeBehaviour;
  close(): Promise<void>;
}

/** Starts the server on a free port of 127.0.0.1; it serves this audio for every video. */
export async function startSaveTubeServer(
  audio: Buffer,
  contentType = 'audio/mpeg',
): Promise<SaveTubeServer> {
  const key = randomBytes(16);
  const requests: string[] = [];
  let behaviour: SaveTubeBehaviour = {};
  let origin = '';

  const encrypt = (value: unknown): string => {
    const iv = randomBytes(16);
    const cipher = createCipheriv('aes-128-cbc', key, iv);
    return Buffer.concat([iv, cipher.update(JSON.stringify(value)), cipher.final()]).toString('base64');
  };
  const answer = (response: ServerResponse, value: unknown, status = 200): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  const serveFile = (response: ServerResponse): void => {
    const transfer = behaviour.transfer ?? 'whole';
    response.writeHead(200, {
      'content-type': contentType,
      ...(transfer === 'unsized' ? {} : { 'content-length': audio.length }),
    });
    if (transfer === 'whole' || transfer === 'unsized') {
      response.end(audio);
      return;
    }
    response.write(audio.subarray(0, audio.length / 2), () => {
      if (transfer === 'cut') response.destroy();
    });
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    switch (String(request.url)) {
      case '/api/random-cdn':
        if ((behaviour.failures ?? 0) > 0) {
          behaviour.failures = (behaviour.failures ?? 0) - 1;
          answer(response, {}, 503);
        } else {
          answer(response, { cdn: behaviour.cdn ?? origin.replace('http://', '') });
        }
        return;
      case '/v2/info': {
        const { url } = (await json(request)) as { url: string };
        const id = behaviour.id ?? new URL(url).searchParams.get('v');
        if (behaviour.infoStatus !== undefined) answer(response, {}, behaviour.infoStatus);
        else if (behaviour.refusal !== undefined)
          answer(response, { status: false, message: behaviour.refusal });
        else {
          const filler = 'x'.repeat(behaviour.longAnswerBytes ?? 0);
          const video = {
            id,
            key: `key-of-${String(id)}`,
            title: 'From SaveTube',
            duration: behaviour.duration ?? 10,
          };
          answer(response, { status: true, message: filler, data: encrypt(video) });
        }
        return;
      }
      case '/download': {
        const requested = (await json(request)) as Record<string, unknown>;
        const isValid =
          requested['downloadType'] === 'audio' && requested['key'] === `key-of-${String(requested['id'])}`;
        if (!isValid || behaviour.downloadRefusal !== undefined) {
          answer(response, { status: false, message: behaviour.downloadRefusal ?? 'bad request' });
        } else {
          answer(response, {
            status: true,
            data: { downloadUrl: behaviour.downloadUrl ?? `${origin}/file` },
          });
        }
        return;
      }
      case '/file':
        if (behaviour.redirectTo === undefined) serveFile(response);
        else response.writeHead(302, { location: behaviour.redirectTo }).end();
        return;
      case '/moved':
        serveFile(response);
        return;
      default:
        answer(response, {}, 404);
    }
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  origin = `http://127.0.0.1:${String(address.port)}`;
  return {
    apiUrl: `${origin}/api`,
    origin,
    keyHex: key.toString('hex'),
    requests,
    get behaviour() {
      return behaviour;
    },
    set behaviour(changed) {
      behaviour = changed;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
