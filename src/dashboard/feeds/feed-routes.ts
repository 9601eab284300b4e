import { Router, urlencoded, type Request, type Response } from 'express';
import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import { listFeedAddresses } from '../../operations/feed-addresses.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { actorOf, mayChange } from '../actor.ts';
import { sendPage } from '../page.ts';
import { readerOf } from '../reader.ts';
import { renderAddresses, type NewAddress } from './feed-addresses-view.ts';
import type { FeedContent, FeedRequest } from './feed-content.ts';
import { runFeedForm } from './feed-forms.ts';
import { feedLinks, publicBase } from './feed-links.ts';

interface FeedRoutesDependencies {
  readonly database: Database;
  readonly content: FeedContent;
  readonly publicUrl: string | undefined;
}

const PATH = '/feeds';
const MAX_FORM_BYTES = 8 * 1024;
const noticeSchema = z.enum(['revoked', 'gone']);

/** Feeds with a login: `/feeds/<playlist>.xml` and what they contain, the list of all as OPML, and the page about them. */
export function createFeedRoutes(dependencies: FeedRoutesDependencies): Router {
  const { content, publicUrl } = dependencies;
  const router = Router();

  const serve =
    (send: (file: string, feedRequest: FeedRequest) => Promise<boolean>) =>
    async (request: Request, response: Response, next: () => void): Promise<void> => {
      const links = feedLinks(`${publicBase(request, publicUrl)}${PATH}`);
      const feedRequest = { request, response, links, onlyPlaylist: undefined, isPrivate: false };
      if (!(await send(String(request.params['file']), feedRequest))) next();
    };

  router.get(
    `${PATH}.opml`,
    serve((_file, feedRequest) => content.opml(feedRequest)),
  );
  router.get(`${PATH}/audio/:file`, serve(content.audio));
  router.get(`${PATH}/cover/:file`, serve(content.cover));
  router.get(`${PATH}/:file`, serve(content.feed));
  router.get(PATH, async (request, response) => {
    await sendFeedsPage(request, response, undefined, dependencies);
  });
  router.post(
    PATH,
    urlencoded({ extended: false, limit: MAX_FORM_BYTES }),
    async (request, response, next) => {
      const result = await runFeedForm(request, null, actorOf(request), dependencies);
      switch (result.type) {
        case 'not_found':
          next();
          return;
        case 'revoked':
          response.redirect(303, `${PATH}?done=${result.isKnown ? 'revoked' : 'gone'}`);
          return;
        case 'made':
          // No redirect: the address is shown only now.
          await sendFeedsPage(request, response, result.made, dependencies);
      }
    },
  );
  return router;
}

async function sendFeedsPage(
  request: Request,
  response: Response,
  made: NewAddress | undefined,
  { database, publicUrl }: FeedRoutesDependencies,
): Promise<void> {
  const { messages } = readerOf(request);
  const notice = noticeSchema.safeParse(request.query['done']).data;
  const addresses = await listFeedAddresses(null, database);
  const body = renderFeedsPage(
    {
      opmlUrl: `${publicBase(request, publicUrl)}${PATH}.opml`,
      notice: notice && messages.feeds[notice],
      addresses: renderAddresses(
        {
          ...{ addresses, made, path: PATH },
          ...{ canChange: mayChange(request), hint: messages.feeds.allSecretHint },
        },
        messages,
      ),
    },
    messages,
  );
  sendPage(request, response, messages.feeds.title, body);
}

interface FeedsPage {
  readonly opmlUrl: string;
  readonly notice: string | undefined;
  readonly addresses: Html;
}

function renderFeedsPage({ opmlUrl, notice, addresses }: FeedsPage, { feeds: texts }: Messages): Html {
  return html`<main>
    <h1>${texts.title}</h1>
    ${notice === undefined ? undefined : html`<p class="notice" role="status">${notice}</p>`}
    <p>${texts.intro}</p>
    <p><a href="/playlists">${texts.playlists}</a></p>
    <h2>${texts.allFeeds}</h2>
    <h3>${texts.withLogin}</h3>
    <p>${texts.withLoginHint}</p>
    <p><a href="${opmlUrl}">${texts.opml}</a></p>
    ${addresses}
  </main>`;
}
