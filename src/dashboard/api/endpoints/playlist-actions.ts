import { z } from 'zod';
import { addLines } from '../../../operations/add-lines.ts';
import { forgetPlaylists, pausePlaylists, resumePlaylists } from '../../../operations/manage-playlists.ts';
import { changePlaylistSettings, playlistSettingsInput } from '../../../operations/playlist-settings.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { flag, playlistId } from '../fields.ts';
import { Problem } from '../problem.ts';
import { playlistSettings } from './playlists.ts';
import { requireMirror } from './video-actions.ts';

const MAX_LINES_LENGTH = 64 * 1024;

const addedLine = z
  .object({
    line: z.number(),
    text: z.string(),
    type: z.enum(['playlist', 'video', 'repeated', 'problem']),
    id: z.string().optional(),
    outcome: z
      .enum(['added', 'known', 'resumed', 'left_out', 'error'])
      .optional()
      .meta({ description: '`left_out`: a person skipped or deleted this video before.' }),
    first: z.number().optional().meta({ description: 'The line that names the same.' }),
    reason: z.string().optional().meta({ description: 'Why the line means nothing.' }),
  })
  .meta({ id: 'AddedLine' });

const nested = z
  .array(z.string())
  .meta({ description: 'The playlists that were found in it: the same was done with them.' });

const params = z.object({ id: playlistId });
const FORGOTTEN = 'It is forgotten: add it to take it up again.';

export const playlistActionEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'addPlaylists',
    ...{ method: 'post', path: '/playlists', subject: 'Playlists', role: 'operator' },
    summary: 'Adds playlists, channels and videos, written as in playlist.txt, and reads them now.',
    body: z.strictObject({
      lines: z
        .array(z.string().max(2_000))
        .min(1)
        .max(1_000)
        .transform((lines) => lines.join('\n'))
        .pipe(z.string().max(MAX_LINES_LENGTH))
        .meta({ examples: [['https://www.youtube.com/playlist?list=PLabcdefghijklmnop']] }),
    }),
    answer: z.object({ items: z.array(addedLine) }),
    handle: async ({ body: { lines }, actor }, services) => ({
      items: await addLines(lines, actor, services),
    }),
  }),
  endpoint({
    id: 'changePlaylistSettings',
    ...{ method: 'patch', path: '/playlists/{id}', subject: 'Playlists', role: 'operator' },
    summary: 'Changes settings of a playlist; those that are left out stay.',
    description:
      'Filters apply from the next reading on, profile and language to downloads that begin after this.',
    problems: ['conflict'],
    params,
    body: playlistSettingsInput,
    answer: z.object({ outcome: z.enum(['changed', 'unchanged']), settings: playlistSettings }),
    handle: async ({ params: { id }, body, actor }, { database }) => {
      const { outcome, settings } = await changePlaylistSettings(id, body, actor, { database });
      if (outcome === 'forgotten') throw new Problem('conflict', { detail: FORGOTTEN });
      if (outcome === 'contradictory')
        throw new Problem('conflict', {
          detail: 'One end of a range contradicts the other, which was set before.',
        });
      return outcome === 'unknown' || settings === undefined ? undefined : { outcome, settings };
    },
  }),
  endpoint({
    id: 'pausePlaylist',
    ...{ method: 'post', path: '/playlists/{id}/pause', subject: 'Playlists', role: 'operator' },
    summary: 'Pauses a playlist: it is not read until it is resumed. The videos found so far go on.',
    problems: ['conflict'],
    params,
    answer: z.object({ id: z.string(), outcome: z.literal('paused'), nested }),
    handle: async ({ params: { id }, actor }, services) => {
      const [done] = await pausePlaylists([id], actor, services);
      return answerOf(done, 'paused');
    },
  }),
  endpoint({
    id: 'resumePlaylist',
    ...{ method: 'post', path: '/playlists/{id}/resume', subject: 'Playlists', role: 'operator' },
    summary: 'Reads a playlist now; a paused one is read again from now on.',
    problems: ['conflict'],
    params,
    answer: z.object({ id: z.string(), outcome: z.literal('resumed'), nested }),
    handle: async ({ params: { id }, actor }, services) => {
      const [done] = await resumePlaylists([id], actor, services);
      return answerOf(done, 'resumed');
    },
  }),
  endpoint({
    id: 'forgetPlaylist',
    ...{ method: 'delete', path: '/playlists/{id}', subject: 'Playlists', role: 'operator' },
    summary: 'Forgets a playlist: no line of a file brings it back, `POST /playlists` does.',
    description:
      'To delete thousands of videos takes minutes. A request that was cut off is continued by the same request.',
    problems: ['conflict'],
    params,
    query: z.strictObject({
      withVideos: flag.meta({ description: 'Also deletes the audio that only it contains.' }),
      everywhere: flag.meta({ description: 'With `withVideos`: also the copies in Azure.' }),
      dryRun: flag.meta({ description: 'Only counts.' }),
    }),
    answer: z.object({
      ...{ id: z.string(), outcome: z.literal('forgotten'), nested },
      videos: z.number().meta({ description: 'Videos deleted with it.' }),
    }),
    handle: async ({ params: { id }, query, actor, signal }, services) => {
      requireMirror(query.everywhere, services);
      const { database, queues, store } = services;
      const dependencies = { database, queues, store, mirror: undefined, signal };
      const [done] = await forgetPlaylists([id], query, actor, dependencies);
      if (done === undefined || done.outcome === 'unknown') return undefined;
      return { id, outcome: done.outcome, nested: [...done.nested], videos: done.videos };
    },
  }),
];

/** @returns undefined for an unknown playlist. @throws Problem for a forgotten one. */
function answerOf<Outcome extends string>(
  done: { readonly id: string; readonly outcome: string; readonly nested: readonly string[] } | undefined,
  outcome: Outcome,
) {
  if (done?.outcome === 'forgotten') throw new Problem('conflict', { detail: FORGOTTEN });
  return done?.outcome === outcome ? { id: done.id, outcome, nested: [...done.nested] } : undefined;
}
