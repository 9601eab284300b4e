import { expect, test } from '@jest/globals';
import { playlistIdsInput, videoKeysInput } from './inputs.ts';

const ID = 'dQw4w9WgXcQ';
const LIST = 'PL0123456789abcdef';

test.each([
  [ID, `youtube.${ID}`],
  [`youtube.${ID}`, `youtube.${ID}`],
  [`https://youtu.be/${ID}?t=3`, `youtube.${ID}`],
  [`http.${'a'.repeat(64)}`, `http.${'a'.repeat(64)}`],
  ['not an id', undefined],
  [`https://www.youtube.com/playlist?list=${LIST}`, undefined],
  ['../../etc', undefined],
])('%j names the video %j', (text, id) => {
  const key = videoKeysInput.safeParse([text]).data?.[0];
  expect(key && `${key.provider}.${key.videoId}`).toBe(id);
});

test.each([
  [LIST, `playlist.${LIST}`],
  [`playlist.${LIST}`, `playlist.${LIST}`],
  [`https://www.youtube.com/playlist?list=${LIST}`, `playlist.${LIST}`],
  ['@Some-Channel', 'handle.some-channel'],
  ['handle.some-channel', 'handle.some-channel'],
  [ID, undefined],
  ['youtube.com/', undefined],
])('%j names the playlist %j', (text, id) => {
  expect(playlistIdsInput.safeParse([text]).data?.[0]).toBe(id);
});
