import { Router, urlencoded, type Request, type Response } from 'express';
import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import {
  addToken,
  listTokens,
  revokeToken,
  tokenInput,
  tokenNameInput,
} from '../../operations/manage-tokens.ts';
import { actorOf, mayChange } from '../actor.ts';
import { sendPage } from '../page.ts';
import { sendProblem } from '../problem-page.ts';
import { readerOf } from '../reader.ts';
import { renderTokens, type TokenPage } from './token-page.ts';

const MAX_FORM_BYTES = 8 * 1024;

/** A form sends an empty field where the token has no end. */
const addForm = z
  .object({ name: z.unknown(), role: z.unknown(), days: z.union([z.literal(''), z.coerce.number()]) })
  .transform(({ name, role, days }) => ({ name, role, ...(days === '' ? {} : { expiresInDays: days }) }))
  .pipe(tokenInput);
const nameForm = z.object({ name: tokenNameInput });

/** The page of the tokens, for operators: who makes a token for an operator must be one. */
export function createTokenRoutes({ database }: { readonly database: Database }): Router {
  const router = Router();
  const form = urlencoded({ extended: false, limit: MAX_FORM_BYTES });

  async function send(
    request: Request,
    response: Response,
    { status = 200, ...said }: Omit<TokenPage, 'tokens'> & { readonly status?: number } = {},
  ): Promise<void> {
    const { messages } = readerOf(request);
    const page = renderTokens({ ...said, tokens: await listTokens(database) }, messages, new Date());
    sendPage(request, response, messages.tokens.title, page, { status, path: '/tokens' });
  }

  router.use((request, response, next) => {
    if (mayChange(request)) {
      next();
      return;
    }
    const { frame, tokens } = readerOf(request).messages;
    sendProblem(request, response, {
      status: 403,
      title: frame.problems.notAllowed,
      text: tokens.operatorsOnly,
    });
  });

  router.get('/', async (request, response) => {
    const { tokens: texts } = readerOf(request).messages;
    const { data: revoked } = tokenNameInput.safeParse(request.query['revoked']);
    await send(request, response, revoked === undefined ? {} : { notice: texts.revoked(revoked) });
  });

  // No redirect: the page that follows is the only one that shows the token.
  router.post('/', form, async (request, response) => {
    const { tokens: texts } = readerOf(request).messages;
    const { data } = addForm.safeParse(request.body);
    if (data === undefined) {
      await send(request, response, { status: 400, problem: texts.wrongName });
      return;
    }
    const added = await addToken(data, actorOf(request), { database });
    if (added.outcome === 'taken')
      await send(request, response, { status: 409, problem: texts.taken(data.name) });
    else await send(request, response, { notice: texts.made(data.name), made: added.token });
  });

  router.post('/revoke', form, async (request, response) => {
    const { data } = nameForm.safeParse(request.body);
    const isRevoked = data !== undefined && (await revokeToken(data.name, actorOf(request), { database }));
    if (isRevoked) response.redirect(303, `/tokens?revoked=${encodeURIComponent(data.name)}`);
    else {
      const { tokens: texts } = readerOf(request).messages;
      await send(request, response, { status: 404, problem: texts.unknown });
    }
  });

  return router;
}
