import { randomUUID } from 'node:crypto';
import { Router, urlencoded, type Request, type Response } from 'express';
import { videoDocumentId } from '../../domain/video-key.ts';
import { changeMatchingVideos, countMatching } from '../../operations/change-matching-videos.ts';
import { LIST_FORMATS, type ListFormat } from '../../operations/export-video-list.ts';
import {
  countVideos,
  listVideos,
  UnknownCursorError,
  videoPageSchema,
} from '../../operations/list-videos.ts';
import { VIDEO_ACTIONS } from '../../operations/video-actions.ts';
import { queryStringOf, type VideoQuery } from '../../operations/video-query.ts';
import { actorOf, mayChange } from '../actor.ts';
import { sendPage } from '../page.ts';
import { sendProblem } from '../problem-page.ts';
import { readerOf } from '../reader.ts';
import { renderConfirmation } from './bulk-pages.ts';
import { renderNotice, type Notice } from './notices.ts';
import { afterRun, createOperationRoutes, type OperationRoutesDependencies } from './operation-routes.ts';
import { sendVideoList } from './send-video-list.ts';
import { bulkSchema, selectedKeys, type BulkForm } from './video-actions.ts';
import { renderVideoList } from './video-list-page.ts';
import { filledFields, readLeniently, readStrictly } from './video-query.ts';

export interface VideoListDependencies extends OperationRoutesDependencies {
  readonly hasMirror: boolean;
}

/** 200 ids of episodes, with their names. */
const MAX_FORM_BYTES = 64 * 1024;

/** The list of videos, what can be done with many of them, and the list as a file. */
export function createVideoListRoutes(dependencies: VideoListDependencies): Router {
  const { database, queues, runs, hasMirror } = dependencies;
  const router = Router();
  const form = urlencoded({ extended: false, limit: MAX_FORM_BYTES });

  router.get('/', async (request, response) => {
    const query = readLeniently(request.query);
    const { list, place } = await readPage(request, query);
    const [count, playlists, notice] = await Promise.all([
      countVideos(query, list, database),
      playlistChoices(),
      renderNotice(request, database),
    ]);
    const { messages } = readerOf(request);
    const page = { query, place, list, count, playlists, notice, hasMirror, messages };
    const body = renderVideoList({ ...page, canChange: mayChange(request) });
    sendPage(request, response, messages.videos.title, body);
  });

  router.post('/', form, async (request, response) => {
    const parsed = bulkSchema.safeParse(request.body);
    const query = readStrictly(request.query);
    if (!parsed.success || query === undefined) {
      response.redirect(303, withNotice('/videos', 'notUnderstood'));
      return;
    }
    const { action, scope } = parsed.data;
    const list = `/videos${queryStringOf(query)}`;
    if (VIDEO_ACTIONS[action].needsMirror && !hasMirror) {
      response.redirect(303, withNotice(list, 'nothing'));
    } else if (scope === 'matching') {
      await changeMatching(parsed.data, query, request, response);
    } else {
      await changeSelected(parsed.data, query, request, response);
    }
  });

  for (const format of LIST_FORMATS) {
    router.get(`/export.${format}`, async (request, response) => {
      await sendList(format, request, response);
    });
  }

  router.use('/operations', createOperationRoutes(dependencies));

  async function readPage(request: Request, query: VideoQuery) {
    const { after, before } = videoPageSchema.safeParse({ ...query, ...placeOf(request) }).data ?? {};
    const place = { after, before };
    try {
      return { place, list: await listVideos({ ...query, ...place, limit: PAGE_SIZE }, database) };
    } catch (error) {
      // The list was sorted otherwise since: its first page is as good an answer as any.
      if (!(error instanceof UnknownCursorError)) throw error;
      return { place: {}, list: await listVideos({ ...query, limit: PAGE_SIZE }, database) };
    }
  }

  async function playlistChoices() {
    return (await database.playlists.all()).map(({ _id: id, title }) => ({ id, title: title ?? id }));
  }

  async function changeSelected(sent: BulkForm, query: VideoQuery, request: Request, response: Response) {
    const { action, confirmed } = sent;
    const list = `/videos${queryStringOf(query)}`;
    const keys = selectedKeys(sent);
    if (typeof keys === 'string') {
      response.redirect(303, withNotice(list, keys));
      return;
    }
    if (keys.length > 1 && confirmed === undefined) {
      const states = await database.videos.states(keys);
      const byStatus = new Map(
        Array.from(
          Map.groupBy(states, ({ status }) => status),
          ([status, videos]) => [status, videos.length],
        ),
      );
      await confirm({ action, query, selected: keys.map(videoDocumentId), byStatus }, request, response);
      return;
    }
    const operationId = randomUUID();
    const actor = { ...actorOf(request), operationId };
    await VIDEO_ACTIONS[action].run(keys, actor, { database, queues });
    response.redirect(303, afterRun(list, { operationId, isOver: true }));
  }

  async function changeMatching(sent: BulkForm, query: VideoQuery, request: Request, response: Response) {
    const { action, confirmed } = sent;
    if (confirmed === undefined) {
      const { byStatus } = await countMatching(action, query, database);
      await confirm({ action, query, selected: undefined, byStatus }, request, response);
      return;
    }
    const actor = actorOf(request);
    const run = await runs.start((operationId, signal) =>
      changeMatchingVideos(
        { action, query, confirmed },
        { ...actor, operationId },
        { database, queues, signal },
      ),
    );
    response.redirect(303, afterRun(`/videos${queryStringOf(query)}`, run));
  }

  async function confirm(
    asked: Omit<Parameters<typeof renderConfirmation>[0], 'affected' | 'playlists'>,
    request: Request,
    response: Response,
  ) {
    const { messages } = readerOf(request);
    const { statuses } = VIDEO_ACTIONS[asked.action];
    const affected = statuses.reduce((sum, status) => sum + (asked.byStatus.get(status) ?? 0), 0);
    const body = renderConfirmation({ ...asked, affected, playlists: await playlistChoices() }, messages);
    sendPage(request, response, messages.videos.bulk.questions[asked.action](affected), body);
  }

  async function sendList(format: ListFormat, request: Request, response: Response) {
    const query = readStrictly(request.query);
    if (query === undefined) {
      const { exports: texts, title } = readerOf(request).messages.videos;
      sendProblem(request, response, { status: 400, title, text: texts.wrongFilter });
      return;
    }
    await sendVideoList({ query, format }, database, request, response);
  }

  return router;
}

const PAGE_SIZE = 100;

function placeOf(request: Request) {
  const { after, before } = filledFields(request.query);
  return { after, before };
}

function withNotice(list: string, notice: Notice): string {
  return `${list}${list.includes('?') ? '&' : '?'}notice=${notice}`;
}
