import { z } from 'zod';
import { deleteVideos } from '../../../operations/delete-videos.ts';
import { videoKeysInput } from '../../../operations/inputs.ts';
import {
  VIDEO_ACTION_NAMES,
  VIDEO_ACTIONS,
  type ActionOutcome,
  type VideoActionName,
} from '../../../operations/video-actions.ts';
import { endpoint, type ApiServices, type Endpoint } from '../endpoint.ts';
import { flag, videoId } from '../fields.ts';
import { Problem } from '../problem.ts';

const SUMMARIES: Readonly<Record<VideoActionName, string>> = {
  retry: 'Retries a failed or waiting video now, at the stage that failed.',
  skip: 'Skips a video: no listing and no retry takes it up again.',
  unskip: 'Downloads a skipped or deleted video after all.',
  redownload: 'Downloads a video again; the object is replaced when the new file is complete.',
  remirror: 'Compares a stored video with its copy in Azure again, and copies it where they differ.',
};

/** What came of it for one video. */
const OUTCOMES = {
  retried: 'A job does it now.',
  refused: 'It has neither failed nor waits for a retry.',
  skipped: 'It is skipped, now or before.',
  archived: 'Nothing to skip: its audio is in the bucket.',
  deleted: 'A person deleted it before.',
  unskipped: 'It is downloaded now.',
  not_skipped: 'Nothing was changed: it is not skipped.',
  restarted: 'A job does it now.',
  on_its_way: 'It is being archived already.',
  not_stored: 'It has no object to copy.',
  restored: 'It is failed again, or skipped by its filter, as before a skip.',
  unknown: 'There is no such video.',
  error: 'It could not be changed now; doing it again is safe.',
} as const satisfies Readonly<Record<ActionOutcome, string>>;

const outcome = z.enum(Object.keys(OUTCOMES) as [ActionOutcome, ...ActionOutcome[]]).meta({
  id: 'VideoOutcome',
  description: Object.entries(OUTCOMES)
    .map(([name, text]) => `\`${name}\`: ${text}`)
    .join(' '),
});

const result = z.object({ id: z.string(), outcome }).meta({ id: 'VideoResult' });

/** In one request; a filter takes any number. */
const MAX_IDS = 200;

function actionEndpoint(name: VideoActionName): Endpoint {
  const { run, needsMirror } = VIDEO_ACTIONS[name];
  return endpoint({
    id: `${name}Video`,
    ...{ method: 'post', path: `/videos/{id}/${name}`, subject: 'Videos', role: 'operator' },
    summary: SUMMARIES[name],
    ...(needsMirror ? { problems: ['conflict'] } : {}),
    params: z.object({ id: videoId }),
    answer: result,
    handle: async ({ params: { id }, actor }, services) => {
      requireMirror(needsMirror ?? false, services);
      const [done] = await run([id], actor, services);
      if (done?.outcome === 'error')
        throw new Problem('unavailable', { detail: done.error ?? OUTCOMES.error });
      return done === undefined || done.outcome === 'unknown' ? undefined : done;
    },
  });
}

/** @throws Problem when something is about the copies in Azure and there are none. */
export function requireMirror(isNeeded: boolean, { hasMirror }: ApiServices): void {
  if (isNeeded && !hasMirror) throw new Problem('conflict', { detail: 'No Azure storage is configured.' });
}

export const videoActionEndpoints: readonly Endpoint[] = [
  ...VIDEO_ACTION_NAMES.map(actionEndpoint),
  endpoint({
    id: 'changeVideos',
    ...{ method: 'post', path: '/videos/changes', subject: 'Videos', role: 'operator' },
    summary: 'Does one of these with several videos. One that cannot be changed does not stop the others.',
    problems: ['conflict'],
    body: z.strictObject({
      action: z.enum(VIDEO_ACTION_NAMES),
      ids: z
        .array(z.string().max(300))
        .min(1)
        .max(MAX_IDS)
        .pipe(videoKeysInput)
        .meta({ description: 'Ids or addresses of videos.', examples: [['youtube.dQw4w9WgXcQ']] }),
    }),
    answer: z.object({ items: z.array(result.extend({ error: z.string().optional() })) }),
    handle: async ({ body: { action, ids }, actor }, services) => {
      const { run, needsMirror } = VIDEO_ACTIONS[action];
      requireMirror(needsMirror ?? false, services);
      return { items: [...(await run(ids, actor, services))] };
    },
  }),
  endpoint({
    id: 'deleteVideo',
    ...{ method: 'delete', path: '/videos/{id}', subject: 'Videos', role: 'operator' },
    summary: 'Deletes the audio of a video; its record stays, so that no listing brings it back.',
    problems: ['conflict'],
    params: z.object({ id: videoId }),
    query: z.strictObject({ everywhere: flag.meta({ description: 'Also the copy in Azure.' }) }),
    answer: z.object({
      id: z.string(),
      outcome: z
        .enum(['deleted', 'pending'])
        .meta({ description: '`pending`: reconcile removes what is left, such as the copy in Azure.' }),
    }),
    handle: async ({ params: { id }, query: { everywhere }, actor, signal }, services) => {
      requireMirror(everywhere, services);
      const { database, queues, store } = services;
      // Reconcile, which has the container, removes the copy.
      const dependencies = { database, queues, store, mirror: undefined, signal };
      const [done] = await deleteVideos([id], { everywhere }, actor, dependencies);
      const { outcome: became, error } = done ?? { outcome: 'unknown', error: undefined };
      if (became === 'error') throw new Problem('unavailable', { detail: error ?? OUTCOMES.error });
      return became === 'unknown' || done === undefined ? undefined : { id: done.id, outcome: became };
    },
  }),
];
