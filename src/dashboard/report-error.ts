import type { ErrorRequestHandler } from 'express';
import { JobError, toJobError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { sendProblem } from './problem-page.ts';
import { readerOf } from './reader.ts';

/** Expected errors show what to do; the details of unexpected ones are only in the log. */
export function reportError(logger: Logger): ErrorRequestHandler {
  // Express recognises an error handler by its four parameters.
  return (thrown: unknown, request, response, _next) => {
    if (response.headersSent) {
      logger.error({ err: thrown, path: request.path }, 'An answer failed after its beginning');
      response.destroy();
      return;
    }
    const clientStatus = clientErrorStatus(thrown);
    const error = toJobError(thrown);
    const isExpected = thrown instanceof JobError;
    if (clientStatus === undefined) {
      logger.error({ err: thrown, path: request.path }, 'Rendering a page failed');
    }
    const status = clientStatus ?? (isExpected ? 503 : 500);
    const { messages } = readerOf(request);
    const { problems } = messages.frame;
    const text = isExpected
      ? `${error.message} ${messages.advice(error.errorClass)}`
      : clientStatus === undefined
        ? problems.unexpected
        : problems.unreadable;
    sendProblem(request, response, { status, title: problems.cannotBeShown, text });
  };
}

/** The HTTP status of an error that Express's own parsers raise about a bad request. */
function clientErrorStatus(thrown: unknown): number | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('status' in thrown)) return undefined;
  const { status } = thrown;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
