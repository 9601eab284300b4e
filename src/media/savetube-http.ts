import path from 'node:path';
import type { z } from 'zod';
import type { MediaConfig } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { TransientError, toJobError, type JobError } from '../domain/job-errors.ts';
import { createHttpClient } from '../runtime/http-client/create-http-client.ts';
import type { HttpRequest, HttpResponse } from '../runtime/http-client/http-client.ts';
import { isPrivateHost } from '../runtime/http-client/private-addresses.ts';
import { parseJson } from '../runtime/json.ts';
import type { MediaContext } from './audio-downloader.ts';
import { audioTooLarge } from './media-errors.ts';
import { announcedBytes, saveBody } from './save-body.ts';

export type SaveTubeConfig = Pick<MediaConfig, 'saveTube' | 'maxSizeBytes' | 'stallMs' | 'deadlineMs'>;

const CALL_DEADLINE_MS = 30_000;
const MAX_RESPONSE_BYTES = 1024 * 1024;

/** The requests to SaveTube. */
export interface SaveTubeHttp {
  /**
   * Calls the API: GET, or POST with `body` as JSON.
   * @throws TransientError or InterruptedError
   */
  call<S extends z.ZodType>(
    address: string,
    schema: S,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<z.output<S>>;
  /**
   * Downloads the file into the directory.
   * @returns its absolute path.
   * @throws JobError
   */
  download(url: URL, directory: string, context: MediaContext): Promise<string>;
}

/** The service limits its use. It says nothing of the site, so no egress address rests for it. */
export class SaveTubeLimit extends TransientError {
  constructor(message: string) {
    super('server_error', `${message} It limits the rate.`);
  }
}

/**
 * The service chooses addresses: of its other hosts, of files, of redirects. None of them may be in a private network,
 * unless the configured API is in one itself.
 */
export function createSaveTubeHttp(config: SaveTubeConfig): SaveTubeHttp {
  const { apiUrl, cdnScheme } = config.saveTube;
  const api = new URL(apiUrl);
  const http = createHttpClient({
    timeoutMs: CALL_DEADLINE_MS,
    stallMs: config.stallMs,
    httpsOnly: cdnScheme === 'https',
    allowPrivateAddresses: isPrivateHost(api),
    trustedOrigin: api.origin,
  });

  async function fetch(
    url: URL,
    request: Omit<HttpRequest, 'label' | 'acceptedStatuses'>,
  ): Promise<HttpResponse> {
    const response = await http.fetch(url, { ...request, label: 'SaveTube', acceptedStatuses: [429, 503] });
    const { status } = response;
    if (status < 300) return response;
    await response.discard();
    const message = `SaveTube answered with status ${String(status)}.`;
    throw status === 429 ? new SaveTubeLimit(message) : new TransientError('server_error', message);
  }

  return {
    async call(address, schema, signal, body) {
      const post = {
        method: 'POST' as const,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      try {
        const response = await fetch(new URL(address), {
          ...(body === undefined ? {} : post),
          redirects: 'same-host',
          maxBytes: MAX_RESPONSE_BYTES,
          signal,
        });
        const parsed = schema.safeParse(parseJson(await response.text()));
        if (parsed.success) return parsed.data;
        throw new TransientError('extraction', 'SaveTube sent a response of an unknown form.', {
          cause: parsed.error,
        });
      } catch (error) {
        throw toSaveTubeError(toJobError(error));
      }
    },

    async download(url, directory, { signal, onProgress }) {
      try {
        const response = await fetch(url, {
          maxBytes: config.maxSizeBytes,
          timeoutMs: config.deadlineMs,
          signal,
        });
        const contentType = response.headers.get('content-type') ?? '';
        const file = path.join(directory, `audio.${extensionOf(contentType)}`);
        await saveBody(response, file, {
          totalBytes: announcedBytes(response.headers),
          maxSizeBytes: config.maxSizeBytes,
          onProgress: (percent) => {
            onProgress(definedFields({ stage: 'fetch' as const, source: 'savetube' as const, percent }));
          },
        });
        return file;
      } catch (thrown) {
        const error = toJobError(thrown);
        throw error.errorClass === 'too_large' ? audioTooLarge(error) : toSaveTubeError(error);
      }
    },
  };
}

/** The advice of the `source_…` classes is about sources.yaml, which has nothing to do with SaveTube. */
function toSaveTubeError(error: JobError): JobError {
  const { errorClass, message } = error;
  if (errorClass === 'source_missing' || errorClass === 'source_refused') {
    return new TransientError('server_error', message, { cause: error });
  }
  if (errorClass === 'source_format' || errorClass === 'too_large') {
    return new TransientError('extraction', message, { cause: error });
  }
  if (errorClass !== 'address_refused') return error;
  return new TransientError('extraction', 'SaveTube named an address that is not fetched.', { cause: error });
}

/** Needed for the profile `original` only; ffmpeg itself looks at the content. */
function extensionOf(contentType: string): string {
  if (/mp4|m4a|aac/.test(contentType)) return 'm4a';
  return contentType.includes('webm') ? 'webm' : 'mp3';
}
