import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { SUBJECTS, type Endpoint } from './endpoint.ts';
import { API_PATH, PROBLEM_NAMES, PROBLEMS, type ProblemName } from './problem.ts';

/** Of the addresses and the meaning of what they answer; a field that is added changes only the last figure. */
const API_VERSION = '1.0.0';

export type ApiDocument = ReturnType<typeof describeApi>;

/** RFC 9457. */
const problem = z
  .object({
    type: z.string().meta({ description: 'The section of the documentation about it.' }),
    title: z.string(),
    status: z.number(),
    detail: z.string().optional(),
    errors: z
      .array(z.object({ in: z.enum(['path', 'query', 'body']), field: z.string(), detail: z.string() }))
      .optional()
      .meta({ description: 'The fields of the request that are not valid.' }),
  })
  .meta({ id: 'Problem' });

/** What may go wrong with each request. */
const USUAL = ['login-required', 'not-acceptable', 'too-many-attempts', 'unexpected', 'unavailable'] as const;

/** The document (OpenAPI 3.1) of the endpoints, from their own schemas. */
export function describeApi(endpoints: readonly Endpoint[]) {
  const paths: ZodOpenApiPathsObject = {};
  for (const endpoint of endpoints)
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: describeOperation(endpoint) };
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Sonothèque',
        version: API_VERSION,
        summary: 'Everything that the pages of the dashboard show and do, as JSON.',
        description:
          'Times are ISO 8601 in UTC. Lists come in pages: `next` is the cursor of the page that follows, and so is the header `Link` (rel="next"). Answers to GET have an `ETag`; with `If-None-Match`, what has not changed is answered with 304. Whatever goes wrong is a problem document (RFC 9457).',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: API_PATH }],
      security: [{ token: [] }, { password: [] }, { session: [] }],
      tags: SUBJECTS.map((name) => ({ name })),
      paths,
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'A token, made on the page /tokens or by the command `npm run tokens`.',
          },
          password: { type: 'http', scheme: 'basic', description: 'Name and password of a user.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'sonotheque_session',
            description: 'The session of the pages, which open the API in a browser.',
          },
        },
      },
    },
    {
      // JSON has no dates.
      override: ({ jsonSchema, zodSchema, io }) => {
        if (zodSchema._zod.def.type !== 'date' || io !== 'output') return;
        jsonSchema.type = 'string';
        jsonSchema.format = 'date-time';
      },
    },
  );
}

function describeOperation(endpoint: Endpoint): ZodOpenApiOperationObject {
  const { id, summary, description, subject, role, params, query, body } = endpoint;
  const note = role === 'operator' ? 'For operators.' : 'For viewers and operators.';
  return {
    operationId: id,
    tags: [subject],
    summary,
    description: description === undefined ? note : `${description} ${note}`,
    requestParams: { ...(params && { path: params }), ...(query && { query }) },
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: describeResponses(endpoint),
  };
}

function describeResponses({ answer, file, method, problems = [], ...endpoint }: Endpoint) {
  const status = endpoint.status ?? 200;
  const { params, query, body, role } = endpoint;
  const names = new Set<ProblemName>([
    ...USUAL,
    ...(params || query || body ? (['invalid-request'] as const) : []),
    ...(params ? (['not-found'] as const) : []),
    ...(role === 'operator' ? (['operators-only'] as const) : []),
    ...(method === 'get' ? [] : (['another-site'] as const)),
    ...(body ? (['too-large', 'unsupported-type'] as const) : []),
    ...problems,
  ]);
  const byStatus = Map.groupBy(
    PROBLEM_NAMES.filter((name) => names.has(name)),
    (name) => String(PROBLEMS[name].status),
  );
  const responses: ZodOpenApiResponsesObject = {
    [status]: {
      description: answer === undefined ? 'The file.' : status === 202 ? 'Begun.' : 'Done.',
      content:
        answer === undefined
          ? { [file ?? 'application/octet-stream']: { schema: { type: 'string', format: 'binary' } } }
          : { 'application/json': { schema: answer } },
    },
  };
  for (const [code, found] of byStatus) {
    responses[code as '400'] = {
      description: found.map((name) => `${PROBLEMS[name].title}.`).join(' '),
      content: { 'application/problem+json': { schema: problem } },
    };
  }
  return responses;
}
