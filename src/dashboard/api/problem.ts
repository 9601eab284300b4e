import type { Response } from 'express';
import { plainText } from '../../text/plain-text.ts';

/** Where the API is. */
export const API_PATH = '/api/v1';
/** The page that explains the API; each problem has a section there. */
export const DOCS_PATH = `${API_PATH}/docs`;

/** The problems of the API (RFC 9457): the status of each, its title, and what a client does about it. */
export const PROBLEMS = {
  'invalid-request': {
    status: 400,
    title: 'The request is not valid',
    advice:
      'Change what `errors` names. A cursor is good for the list and the filters that it came with only.',
  },
  'login-required': {
    status: 401,
    title: 'A login is needed',
    advice:
      'Send a token (`Authorization: Bearer …`) or a name and a password (HTTP Basic). A token that was revoked, has expired, or whose maker is no user any more does not hold.',
  },
  'operators-only': {
    status: 403,
    title: 'Only operators may do this',
    advice: 'Use the login or the token of an operator.',
  },
  'another-site': {
    status: 403,
    title: 'The request came from a page of another site',
    advice: 'Programs send no `Origin` and no `Sec-Fetch-Site`, or use a token.',
  },
  'this-machine-only': {
    status: 403,
    title: 'Without a login the dashboard answers on localhost only',
    advice:
      'Use the address http://localhost, or give the dashboard a login (DASHBOARD_USER, DASHBOARD_USERS_FILE).',
  },
  'not-found': {
    status: 404,
    title: 'There is no such thing',
    advice: 'Check the address and the id. The lists have the ids of what exists.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This address does not take this method',
    advice: 'Use one of the methods in the header `Allow`.',
  },
  'not-acceptable': {
    status: 406,
    title: 'The answer is JSON',
    advice: 'Send `Accept: application/json`, or no such header.',
  },
  conflict: {
    status: 409,
    title: 'It cannot be done in this state',
    advice: 'Read the current state, then decide anew.',
  },
  'too-large': {
    status: 413,
    title: 'The body is too large',
    advice: 'Send fewer items in one request.',
  },
  'address-too-long': {
    status: 414,
    title: 'The address is too long',
    advice: 'Send shorter filters.',
  },
  'unsupported-type': {
    status: 415,
    title: 'The body must be JSON',
    advice: 'Send `Content-Type: application/json`, UTF-8, without compression.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many logins have failed',
    advice: 'Wait for as many seconds as `Retry-After` says.',
  },
  unexpected: {
    status: 500,
    title: 'An unexpected error occurred',
    advice: 'The log of the dashboard has the details.',
  },
  unavailable: {
    status: 503,
    title: 'A server that is needed does not answer',
    advice: 'Try again later; `npm run doctor` shows what can be reached.',
  },
} as const;

export type ProblemName = keyof typeof PROBLEMS;
export const PROBLEM_NAMES = Object.keys(PROBLEMS) as readonly ProblemName[];

/** One field of a request that is not valid. */
export interface FieldError {
  readonly in: 'path' | 'query' | 'body';
  /** Such as `limit`, or `ids.3`; empty for the whole. */
  readonly field: string;
  readonly detail: string;
}

export interface ProblemDetails {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

const MAX_DETAIL_LENGTH = 500;
const MAX_FIELD_LENGTH = 100;
const MAX_ERRORS = 20;

/** Ends a request with a problem. */
export class Problem extends Error {
  readonly problem: ProblemName;
  readonly details: ProblemDetails;

  constructor(problem: ProblemName, details: ProblemDetails = {}) {
    super(PROBLEMS[problem].title);
    this.name = 'Problem';
    this.problem = problem;
    this.details = details;
  }
}

/** Sends a problem document (RFC 9457). Its type is the section of our documentation that explains it. */
export function sendProblem(response: Response, name: ProblemName, details: ProblemDetails = {}): void {
  const { status, title } = PROBLEMS[name];
  const { detail, errors, headers = {} } = details;
  const body = {
    type: `${DOCS_PATH}#${name}`,
    title,
    status,
    ...(detail === undefined ? {} : { detail: plainText(detail, MAX_DETAIL_LENGTH) }),
    ...(errors === undefined ? {} : { errors: errors.slice(0, MAX_ERRORS).map(shown) }),
  };
  response.status(status).set({ ...headers, 'cache-control': 'no-store' });
  response.type('application/problem+json').send(JSON.stringify(body));
}

/** Names and messages may repeat what the client sent. */
function shown(error: FieldError): FieldError {
  return {
    in: error.in,
    field: plainText(error.field, MAX_FIELD_LENGTH),
    detail: plainText(error.detail, MAX_DETAIL_LENGTH),
  };
}
