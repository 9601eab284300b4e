import { parsePayload } from './catalogue.ts';
import { QUEUE_NAMES } from '../domain/queues.ts';
import { STAGES } from '../domain/video-status.ts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PermanentError } from '../domain/job-errors.ts';
import { retryJobId, stageJobId } from './job-ids.ts';

const AT = '2026-03-29T01:00:00.000Z';

describe('payloads', () => {
  test.each([
    ['download', { provider: 'youtube', videoId: 'dQw4w9WgXcQ', round: 0 }],
    ['retry', { stage: 'sync', provider: 'youtube', videoId: 'dQw4w9WgXcQ', round: 7 }],
    ['playlist', { playlistId: 'playlist.PL1' }],
    ['retry', { stage: 'collect', sourceId: 'le-monde', scheduledFor: AT, trigger: 'schedule', round: 0 }],
    ['collect', { sourceId: 'gdelt', scheduledFor: AT, trigger: 'catch_up', round: 2 }],
    ['maintenance', { task: 'expand-due-playlists' }],
    ['maintenance', { task: 'collect-tick', sourceId: 'weather-4' }],
  ] as const)('%s takes %j', (name, payload) => {
    expect(parsePayload(name, payload)).toEqual(payload);
  });

  test.each([
    ['download', undefined],
    ['download', { provider: 'youtube', videoId: 'dQw4w9WgXcQ' }],
    ['download', { provider: 'youtube', videoId: '--exec=evil', round: 0 }],
    ['download', { provider: 'http', videoId: 'dQw4w9WgXcQ', round: 0 }],
    ['download', { provider: 'youtube', videoId: 'dQw4w9WgXcQ', round: -1 }],
    ['download', { provider: 'youtube', videoId: 'dQw4w9WgXcQ', round: 0, title: 'no titles in jobs' }],
    ['retry', { stage: 'playlist', provider: 'youtube', videoId: 'dQw4w9WgXcQ', round: 0 }],
    ['retry', { stage: 'collect', provider: 'youtube', videoId: 'dQw4w9WgXcQ', round: 0 }],
    ['collect', { sourceId: '../etc', scheduledFor: AT, trigger: 'manual', round: 0 }],
    ['collect', { sourceId: 'gdelt', scheduledFor: 'yesterday', trigger: 'manual', round: 0 }],
    ['collect', { sourceId: 'gdelt', scheduledFor: AT, trigger: 'manual', round: 0, appid: 'a key' }],
    ['maintenance', { task: 'rm -rf' }],
    ['maintenance', { task: 'collect-tick' }],
    ['maintenance', { task: 'digest', sourceId: 'gdelt' }],
  ] as const)('%s refuses %j for good', (name, payload) => {
    expect(() => parsePayload(name, payload)).toThrow(PermanentError);
  });

  test('every queue refuses anything at all that is not its payload', () => {
    fc.assert(
      fc.property(fc.constantFrom(...QUEUE_NAMES), fc.anything(), (name, payload) => {
        expect(() => parsePayload(name, payload)).toThrow('Invalid payload for queue');
      }),
    );
  });
});

test('job ids tell stage, video and round apart, and BullMQ takes them', () => {
  const ids = new Set<string>();
  for (const stage of STAGES) {
    for (const videoId of ['12345678901', 'abcdefghijk', 'ABCDEFGHIJK']) {
      for (const round of [0, 1, 11]) {
        ids.add(stageJobId(stage, { provider: 'youtube', videoId }, round));
        ids.add(retryJobId(stage, { provider: 'youtube', videoId }, round));
      }
    }
  }
  expect(ids.size).toBe(54);
  for (const id of ids) expect(id).not.toMatch(/:|^\d+$/);
});
