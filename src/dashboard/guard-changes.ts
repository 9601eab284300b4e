import type { RequestHandler } from 'express';
import { sourceOf, type AccessLog } from './access-log.ts';
import { isSafe, visitorOf } from './access.ts';
import { sendProblem } from './problem-page.ts';
import { readerOf } from './reader.ts';

/** Notes each request that may change something, with its outcome, and refuses those of viewers. */
export function guardChanges(log: AccessLog): RequestHandler {
  return (request, response, next) => {
    if (isSafe(request)) {
      next();
      return;
    }
    const { name: user, role } = visitorOf(request);
    const source = sourceOf(request);
    response.on('finish', () => {
      const { statusCode: status } = response;
      log.note(status === 403 || status === 405 ? 'change_refused' : 'change', source, {
        user,
        role,
        status,
      });
    });
    if (role === 'operator') next();
    else {
      const { notAllowed: title, viewersOnlyRead: text } = readerOf(request).messages.frame.problems;
      sendProblem(request, response, { status: 403, title, text });
    }
  };
}
