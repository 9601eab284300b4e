import { z } from 'zod';
import type { KaggleCredentials } from '../../../config/config.ts';
import type { HttpClient } from '../../../runtime/http-client/http-client.ts';
import { LaterError, PermanentError, TransientError } from '../../../domain/job-errors.ts';

/** What is used of the API of Kaggle. */
export interface KaggleApi {
  /** The address that a version of a dataset is downloaded from. */
  downloadAddress(ref: string, version: number): URL;
  /** The value of `Authorization` that goes with every request to it; undefined without credentials. */
  readonly authorization: string | undefined;
  /** @throws JobError when the dataset is not there, may not be seen, or the answer makes no sense. */
  view(ref: string, signal: AbortSignal): Promise<DatasetView>;
}

/** What Kaggle says of a dataset. */
export interface DatasetView {
  readonly version: number;
  /** Each dataset has its own, and a new version may have another. */
  readonly licence: string | undefined;
}

const MAX_VIEW_BYTES = 4 * 1024 ** 2;

/**
 * The answer of `datasets/view`. Generated clients of Kaggle have each optional field a second time with `Nullable`
 * behind its name (github.com/Kaggle/kaggle-cli).
 */
const viewSchema = z.object({
  currentVersionNumber: z.int().positive().nullish(),
  currentVersionNumberNullable: z.int().positive().nullish(),
  licenseName: z.string().nullish(),
  licenseNameNullable: z.string().nullish(),
});

/** Errors in both of the forms that Kaggle writes them (github.com/Kaggle/kaggle-cli, issue 931). */
const errorSchema = z.union([
  z.object({ code: z.int(), message: z.string() }),
  z.object({ error: z.object({ code: z.int(), message: z.string() }) }).transform(({ error }) => error),
]);

/** Speaks to the API of Kaggle (version 1, https://www.kaggle.com/docs/api). */
export function createKaggleApi(
  http: HttpClient,
  access: { readonly url: string; readonly credentials: KaggleCredentials | undefined },
): KaggleApi {
  const baseUrl = access.url.replace(/\/+$/, '');
  const authorization = authorizationOf(access.credentials);
  return {
    authorization,
    downloadAddress(ref, version) {
      return new URL(`${baseUrl}/datasets/download/${ref}?datasetVersionNumber=${String(version)}`);
    },
    async view(ref, signal) {
      const answer = await http.fetch(new URL(`${baseUrl}/datasets/view/${ref}`), {
        ...(authorization === undefined ? {} : { authorization }),
        maxBytes: MAX_VIEW_BYTES,
        signal,
      });
      return readView(ref, await answer.json());
    },
  };
}

/** @throws JobError when it is an error in spite of its status, or without a version. */
function readView(ref: string, answer: unknown): DatasetView {
  const failure = errorSchema.safeParse(answer).data;
  if (failure !== undefined) throw failureOf(ref, failure.code, failure.message);
  const view = viewSchema.safeParse(answer).data;
  const version = view?.currentVersionNumber ?? view?.currentVersionNumberNullable;
  if (typeof version !== 'number') {
    throw new TransientError('source_format', `Kaggle does not say which version ${ref} has.`);
  }
  return { version, licence: view?.licenseName ?? view?.licenseNameNullable ?? undefined };
}

function failureOf(ref: string, code: number, message: string): Error {
  const text = `Kaggle answers for ${ref}: ${message.slice(0, 200)} (${String(code)}).`;
  if (code === 429) return new LaterError('source_limited', text);
  if (code === 404) return new PermanentError('source_missing', text);
  return code >= 500 ? new TransientError('server_error', text) : new PermanentError('source_refused', text);
}

function authorizationOf(credentials: KaggleCredentials | undefined): string | undefined {
  switch (credentials?.kind) {
    case undefined:
      return undefined;
    case 'basic':
      return `Basic ${Buffer.from(`${credentials.username}:${credentials.key}`).toString('base64')}`;
    case 'bearer':
      return `Bearer ${credentials.token}`;
  }
}
