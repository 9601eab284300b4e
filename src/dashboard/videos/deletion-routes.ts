import { Router, urlencoded } from 'express';
import { z } from 'zod';
import type { VideoDocument } from '../../database/collections/video.ts';
import type { Database } from '../../database/database.ts';
import { deleteVideos } from '../../operations/delete-videos.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { actorOf, mayChange } from '../actor.ts';
import { leavingSignal } from '../leaving-signal.ts';
import { sendPage } from '../page.ts';
import { readerOf } from '../reader.ts';
import { keyOf } from './video-address.ts';

const MAX_FORM_BYTES = 1_024;
const MAX_TITLE_LENGTH = 200;

const deletionSchema = z.object({ everywhere: z.literal('yes').optional() });

export interface DeletionRoutesDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly store: ObjectStore;
  readonly hasMirror: boolean;
}

/** Whether a person can still delete it; a deleted one keeps its record. */
export function canBeDeleted({ skip_reason: reason }: Pick<VideoDocument, 'skip_reason'>): boolean {
  return reason !== 'deleted';
}

/** The page that asks before the audio of a video is deleted, and its answer. */
export function createDeletionRoutes(dependencies: DeletionRoutesDependencies): Router {
  const { database, queues, store, hasMirror } = dependencies;
  const router = Router();

  router.get('/:id/delete', async (request, response, next) => {
    const key = keyOf(request);
    const video = key && (await database.videos.find(key));
    if (video === undefined || !canBeDeleted(video) || !mayChange(request)) {
      next();
      return;
    }
    const { messages } = readerOf(request);
    const body = renderQuestion(video, hasMirror && (video.mirror ?? undefined) !== undefined, messages);
    sendPage(request, response, messages.video.deletion.title, body);
  });

  router.post(
    '/:id/delete',
    urlencoded({ extended: false, limit: MAX_FORM_BYTES }),
    async (request, response, next) => {
      const key = keyOf(request);
      const { data } = deletionSchema.safeParse(request.body);
      if (key === undefined || data === undefined) {
        next();
        return;
      }
      const everywhere = hasMirror && data.everywhere === 'yes';
      // Reconcile, which has the container, removes the copy.
      const [done] = await deleteVideos([key], { everywhere }, actorOf(request), {
        ...{ database, queues, store, mirror: undefined, signal: leavingSignal(response) },
      });
      const notice = done?.outcome === 'deleted' ? 'audioDeleted' : 'deletionPending';
      response.redirect(303, `/videos/${encodeURIComponent(request.params.id)}?notice=${notice}`);
    },
  );

  return router;
}

function renderQuestion(video: VideoDocument, hasCopy: boolean, messages: Messages): Html {
  const { deletion: texts } = messages.video;
  const address = `/videos/${encodeURIComponent(video._id)}`;
  return html`<main>
    <h1>${texts.title}</h1>
    <p><strong>${plainText(video.title ?? video._id, MAX_TITLE_LENGTH)}</strong></p>
    <p>${texts.effect}</p>
    <form method="post" action="${address}/delete">
      ${
        hasCopy
          ? html`<p>
              <label class="inline"
                ><input type="checkbox" name="everywhere" value="yes" /> ${texts.everywhere}</label
              >
            </p>`
          : undefined
      }
      <div class="actions">
        <button class="danger">${texts.confirm}</button>
        <a class="button quiet" href="${address}">${texts.cancel}</a>
      </div>
    </form>
  </main>`;
}
