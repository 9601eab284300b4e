import type { ErrorRequestHandler } from 'express';
import { JobError } from '../../domain/job-errors.ts';
import { isDatabaseUnavailable } from '../../database/database.ts';
import type { Logger } from '../../runtime/logger.ts';
import { Problem, sendProblem, type ProblemDetails, type ProblemName } from './problem.ts';

/** Errors that Express and its parsers raise about a request, by their status. */
const OF_STATUS: ReadonlyMap<unknown, ProblemName> = new Map([
  [400, 'invalid-request'],
  [413, 'too-large'],
  [415, 'unsupported-type'],
]);

/** Answers whatever is thrown with a problem; the details of unexpected errors are only in the log. */
export function reportProblem(logger: Logger): ErrorRequestHandler {
  // Express recognises an error handler by its four parameters.
  return (thrown: unknown, request, response, _next) => {
    if (response.headersSent) {
      logger.error({ err: thrown, path: request.path }, 'An answer failed after its beginning');
      response.destroy();
      return;
    }
    const [name, details] = problemOf(thrown);
    if (name === 'unexpected' && !(thrown instanceof Problem))
      logger.error({ err: thrown, path: request.path }, 'A request to the API failed');
    sendProblem(response, name, details);
  };
}

function problemOf(thrown: unknown): readonly [ProblemName, ProblemDetails] {
  if (thrown instanceof Problem) return [thrown.problem, thrown.details];
  if (thrown instanceof JobError) return ['unavailable', { detail: `${thrown.message} ${thrown.advice}` }];
  if (isDatabaseUnavailable(thrown)) return ['unavailable', { detail: 'MongoDB does not answer.' }];
  const status =
    typeof thrown === 'object' && thrown !== null && 'status' in thrown ? thrown.status : undefined;
  const known = OF_STATUS.get(status);
  if (known === undefined) return ['unexpected', {}];
  return [known, known === 'invalid-request' ? { detail: 'The request could not be read.' } : {}];
}
