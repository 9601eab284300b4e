import type { RequestHandler } from 'express';
import { html } from '../text/html.ts';
import { sourceOf, type AccessLog } from './access-log.ts';
import { isSafe, visitorOf } from './access.ts';
import { renderPage } from './page.ts';

const VIEWERS = 'Only operators may change something; this login is that of a viewer.';

/** Notes each request that may change something, with its outcome, and refuses those of viewers. */
export function guardChanges(log: AccessLog): RequestHandler {
  return (request, response, next) => {
    if (isSafe(request)) {
      next();
      return;
    }
    const visitor = visitorOf(request);
    const { name: user, role } = visitor;
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
      response.status(403);
      if (request.get('accept')?.includes('text/html')) {
        const body = html`<main>
          <h1>Not allowed</h1>
          <p class="problem">${VIEWERS}</p>
        </main>`;
        response.type('html').send(renderPage('Not allowed', body, { navigation: { visitor } }));
      } else response.json({ error: VIEWERS });
    }
  };
}
