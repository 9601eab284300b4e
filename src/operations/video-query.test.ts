import { describe, expect, test } from '@jest/globals';
import { filterOf, isFiltered, orderOf, queryStringOf, videoQuerySchema } from './video-query.ts';

const ID = 'dQw4w9WgXcQ';

describe('the text of a query', () => {
  test.each([
    ['rain and wind', { title: 'rain and wind' }],
    ['programming', { id: 'youtube.programming', title: 'programming' }],
    [ID, { id: `youtube.${ID}`, title: ID }],
    [`youtube.${ID}`, { id: `youtube.${ID}` }],
    [`https://www.youtube.com/watch?v=${ID}&t=3`, { id: `youtube.${ID}` }],
    [`https://music.youtube.com/watch?v=${ID}&list=PLaaaaaaaaaaaaaaaa`, { id: `youtube.${ID}` }],
    [`www.youtube.com/watch?list=PLaaaaaaaaaaaaaaaa&v=${ID}`, { id: `youtube.${ID}` }],
    [`youtu.be/${ID}`, { id: `youtube.${ID}` }],
    [`  https://www.youtube.com/shorts/${ID} `, { id: `youtube.${ID}` }],
    ['f'.repeat(64), { id: `http.${'f'.repeat(64)}`, title: 'f'.repeat(64) }],
    ['AC/DC', { title: 'AC/DC' }],
    ['https://example.org/a', { title: 'https://example.org/a' }],
  ])('%j finds %j', (text, filter) => {
    expect(filterOf(videoQuerySchema.parse({ text }))).toEqual(filter);
  });
});

describe('a query', () => {
  test('has the usual order of its sort', () => {
    expect(orderOf({})).toEqual({ sort: 'changed', direction: 'desc' });
    expect(orderOf({ sort: 'title' })).toEqual({ sort: 'title', direction: 'asc' });
    expect(orderOf({ sort: 'title', order: 'desc' })).toEqual({ sort: 'title', direction: 'desc' });
  });

  test('that only sorts is no filter', () => {
    expect(isFiltered({ sort: 'size', order: 'asc' })).toBe(false);
    expect(isFiltered({ language: 'fr' })).toBe(true);
  });

  test('is written into an address and read from it', () => {
    const query = { status: 'failed', text: 'a&b=ç', class: 'private', sort: 'title' } as const;
    const address = new URLSearchParams(queryStringOf(query, { after: undefined }).slice(1));
    expect(videoQuerySchema.parse(Object.fromEntries(address))).toEqual(query);
    expect(queryStringOf({})).toBe('');
  });

  test.each([
    { status: 'x' },
    { class: 'constructor' },
    { sort: '__proto__' },
    { order: 'up' },
    { text: '' },
    { text: 'a'.repeat(201) },
    { channel: ['a', 'b'] },
    { text: { $gt: '' } },
  ])('with %j is refused', (fields) => {
    expect(videoQuerySchema.safeParse(fields).success).toBe(false);
  });
});
