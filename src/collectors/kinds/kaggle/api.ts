import { z } from 'zod';
import type { KaggleCredentials } from '../../../config/config.ts';
import type { HttpClient } from '../../../runtime/http-client/http-client.ts';
import { definedFields } from '../../../domain/defined-fields.ts';
import { LaterError, PermanentError, TransientError } from '../../../domain/job-errors.ts';
import { withoutEnd } from '../../../text/without-end.ts';

const MAX_INFO_BYTES = 4 * 1024 ** 2;

/**
 * The response of `datasets/view`. Generated clients of Kaggle have each optional field twice, once with the suffix
 * `Nullable` (github.com/Kaggle/kaggle-cli).
 */
const infoSchema = z.object({
  currentVersionNumber: z.int().positive().nullish(),
  currentVersionNumberNullable: z.int().positive().nullish(),
  licenseName: z.string().nullish(),
  licenseNameNullable: z.string().nullish(),
});

/** Kaggle sends errors in two forms (github.com/Kaggle/kaggle-cli, issue 931). */
const errorSchema = z.union([
  z.object({ code: z.int(), message: z.string() }),
  z.object({ error: z.object({ code: z.int(), message: z.string() }) }).transform(({ error }) => error),
]);

/** The API of Kaggle, version 1 (https://www.kaggle.com/docs/api). */
export function createKaggleApi(
  http: HttpClient,
  access: { readonly url: string; readonly credentials: KaggleCredentials | undefined },
) {
  const baseUrl = withoutEnd(access.url, '/');
  const authorization = definedFields({ authorization: authorizationOf(access.credentials) });
  return {
    /** A part of every request to the API. */
    authorization,
    downloadUrl(ref: string, version: number): URL {
      return new URL(`${baseUrl}/datasets/download/${ref}?datasetVersionNumber=${String(version)}`);
    },
    /** @throws JobError when the dataset does not exist, access is refused, or the response cannot be parsed. */
    async fetchInfo(ref: string, signal: AbortSignal) {
      const response = await http.fetch(new URL(`${baseUrl}/datasets/view/${ref}`), {
        ...authorization,
        maxBytes: MAX_INFO_BYTES,
        signal,
      });
      return readInfo(ref, await response.json());
    },
  };
}

export type KaggleApi = ReturnType<typeof createKaggleApi>;

/** @throws JobError when the body is an error despite its status 200, or has no version. */
function readInfo(ref: string, body: unknown) {
  const failure = errorSchema.safeParse(body).data;
  if (failure !== undefined) throw failureOf(ref, failure.code, failure.message);
  const info = infoSchema.safeParse(body).data;
  const version = info?.currentVersionNumber ?? info?.currentVersionNumberNullable;
  if (version === undefined || version === null) {
    throw new TransientError('source_format', `The response of Kaggle for ${ref} has no version.`);
  }
  // The licence may differ between the versions of a dataset.
  return { version, licence: info?.licenseName ?? info?.licenseNameNullable ?? undefined };
}

export type DatasetInfo = ReturnType<typeof readInfo>;

function failureOf(ref: string, code: number, message: string): Error {
  const text = `Kaggle answered for ${ref}: ${message.slice(0, 200)} (${String(code)}).`;
  if (code === 429) return new LaterError('source_limited', text);
  if (code === 404) return new PermanentError('source_missing', text);
  return code >= 500 ? new TransientError('server_error', text) : new PermanentError('source_refused', text);
}

function authorizationOf(credentials: KaggleCredentials | undefined): string | undefined {
  if (credentials === undefined) return undefined;
  if (credentials.kind === 'bearer') return `Bearer ${credentials.token}`;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.key}`).toString('base64')}`;
}
