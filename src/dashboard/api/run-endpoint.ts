import { json, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import type { Logger } from '../../runtime/logger.ts';
import { visitorOf } from '../access.ts';
import { leavingSignal } from '../leaving-signal.ts';
import { publicBase } from '../feeds/feed-links.ts';
import type { ApiServices, Endpoint } from './endpoint.ts';
import { Problem, type FieldError } from './problem.ts';
import { nextLink, sendJson } from './send-json.ts';

/** 10,000 ids of videos. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Reads a body: JSON only, bounded, and not compressed, so that few bytes cannot become many. */
export const readBody: RequestHandler = json({
  limit: MAX_BODY_BYTES,
  inflate: false,
  type: 'application/json',
});

const NOTHING = z.strictObject({});
const withNext = z.object({ next: z.string() });

/** Validates a request, does what the endpoint is for, and sends its answer. */
export async function runEndpoint(
  endpoint: Endpoint,
  services: ApiServices,
  logger: Logger,
  request: Request,
  response: Response,
): Promise<void> {
  if (endpoint.answer !== undefined && request.accepts('application/json') === false)
    throw new Problem('not-acceptable');
  const input = {
    ...readInput(endpoint, request),
    actor: actorOf(request),
    base: publicBase(request, services.publicUrl),
    signal: leavingSignal(response),
  };
  const result = await endpoint.run(input, services, request, response);
  if (result === undefined) throw new Problem('not-found');
  if (endpoint.answer === undefined) return;
  // Only declared fields leave, whatever a record or an operation has besides.
  const answer = endpoint.answer.safeParse(result);
  if (!answer.success) {
    logger.error(
      { endpoint: endpoint.id, issues: answer.error.issues },
      'An answer of the API is not as declared',
    );
    throw new Problem('unexpected');
  }
  const { data: page } = withNext.safeParse(answer.data);
  if (page !== undefined) response.set('link', nextLink(request, page.next));
  sendJson(request, response.status(endpoint.status ?? 200), answer.data);
}

function readInput({ params, query, body }: Endpoint, request: Request) {
  const parsed = {
    path: (params ?? NOTHING).safeParse({ ...request.params }),
    query: (query ?? NOTHING).safeParse({ ...request.query }),
    body: (body ?? NOTHING).safeParse(bodyOf(request, body !== undefined)),
  };
  const errors = (['path', 'query', 'body'] as const).flatMap((place) =>
    (parsed[place].error?.issues ?? []).map(({ path, message }): FieldError => ({
      in: place,
      field: path.join('.'),
      detail: message,
    })),
  );
  if (errors.length > 0) throw new Problem('invalid-request', { errors });
  return { params: parsed.path.data ?? {}, query: parsed.query.data ?? {}, body: parsed.body.data };
}

function bodyOf(request: Request, isWanted: boolean): unknown {
  const isSent =
    request.get('transfer-encoding') !== undefined || Number(request.get('content-length') ?? 0) > 0;
  if (isSent && request.is('application/json') === false) throw new Problem('unsupported-type');
  return isSent ? request.body : isWanted ? undefined : {};
}

function actorOf(request: Request) {
  return { user: visitorOf(request).name ?? null, via: 'api' } as const;
}
