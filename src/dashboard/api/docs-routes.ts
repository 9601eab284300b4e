import { Router } from 'express';
import type { Html } from '../../text/html.ts';
import { sendPage } from '../page.ts';
import { renderApiDocs } from './docs-page.ts';
import type { Endpoint } from './endpoint.ts';
import { describeApi, type ApiDocument } from './open-api.ts';
import { sendJson } from './send-json.ts';

/**
 * The documentation, for programs and for people. It is the same in every installation and needs no login, so that the types of
 * problems can be looked up by whoever meets one. It is made when it is asked for the first time.
 */
export function createApiDocs(endpoints: readonly Endpoint[]): Router {
  const router = Router();
  let made: { readonly document: ApiDocument; readonly page: Html } | undefined;
  const read = () => (made ??= make(endpoints));
  router.get('/openapi.json', (request, response) => {
    sendJson(request, response, read().document);
  });
  router.get('/docs', (request, response) => {
    sendPage(request, response, 'API', read().page, { hasNavigation: false });
  });
  return router;
}

function make(endpoints: readonly Endpoint[]) {
  const document = describeApi(endpoints);
  return { document, page: renderApiDocs(document) };
}
