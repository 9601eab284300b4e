import { describe, expect, test } from '@jest/globals';
import { readListingLine } from './playlist-yt-dlp-output.ts';

const entry = (fields: object) => readListingLine(`E${JSON.stringify({ id: 'dQw4w9WgXcQ', ...fields })}`);

describe('an entry of a listing', () => {
  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'Private video'])(
    'with the title %s is available',
    (title) => {
      expect(entry({ title })).toMatchObject({
        type: 'entry',
        entry: { availability: 'available', metadata: { title } },
      });
    },
  );

  test.each([
    ['[Private video]', 'private'],
    ['[Deleted video]', 'deleted'],
  ])('with the title %s is %s, and has no title', (title, availability) => {
    const line = entry({ title });
    expect(line).toMatchObject({ entry: { availability } });
    expect(line).not.toHaveProperty('entry.metadata.title');
  });

  test('can be a playlist, of whose address only the id is used', () => {
    const id = 'PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf';
    expect(entry({ id, url: `https://elsewhere.example/playlist?list=${id}&x=1` })).toMatchObject({
      type: 'nested',
      playlist: {
        kind: 'playlist',
        id: `playlist.${id}`,
        url: `https://www.youtube.com/playlist?list=${id}`,
      },
    });
  });

  test.each([
    [{ id: 'UCuAXFkgsw1L7xaCfnd5JJOw', url: 'https://www.youtube.com/channel/UCuAXFkgsw1L7xaCfnd5JJOw' }],
    [{ id: 'PL', url: 'https://www.youtube.com/playlist?list=--exec=x' }],
    [{ id: 'PL', url: null }],
  ])('that is neither a video nor a playlist is a problem: %j', (fields) => {
    expect(entry(fields)).toMatchObject({ type: 'problem' });
  });
});
