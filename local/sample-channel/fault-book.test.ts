import { describe, expect, test } from '@jest/globals';
import { FaultBook } from './fault-book.ts';
import type { VideoFault } from './faults.ts';
import { playlistOfRows } from './playlists.ts';

const twice: VideoFault = { kind: 'media-status', status: 503, times: 2 };

describe('faults of a video', () => {
  test('spoil as many runs as they say, and begin anew after a reset', () => {
    const book = new FaultBook(new Map([['sampleFlaky', twice]]));
    for (const round of [1, 2]) {
      const runs = [1, 2, 3].map(() => book.beginRun('sampleFlaky'));
      expect([round, ...runs.map((run) => book.videoFault('sampleFlaky', run)?.kind)]).toEqual([
        round,
        'media-status',
        'media-status',
        undefined,
      ]);
      book.reset();
    }
  });

  test('null switches off a fixed one, a reset brings it back', () => {
    const book = new FaultBook(new Map());
    expect(book.videoFault('err-private', 1)?.kind).toBe('playability');
    book.setVideoFault('err-private', null);
    expect(book.videoFault('err-private', 1)).toBeUndefined();
    book.reset();
    expect(book.videoFault('err-private', 1)?.kind).toBe('playability');
  });
});

describe('faults of a playlist', () => {
  const list = playlistOfRows({ id: 'PLx', title: 'x', layout: 'list', pageSize: 4 }, []);

  test('strike their own page only, as often as they say', () => {
    const book = new FaultBook(new Map());
    book.setPlaylistFault('PLx', { kind: 'page-status', page: 1, status: 500, times: 1 });
    const struck = (['resolve', 0, 1, 1] as const).map((request) => book.playlistFault(list, request)?.kind);
    expect(struck).toEqual([undefined, undefined, 'page-status', undefined]);
  });

  test('an address that leads nowhere is told when it is resolved', () => {
    const book = new FaultBook(new Map());
    book.setPlaylistFault('PLx', { kind: 'unresolvable' });
    expect(book.playlistFault(list, 'resolve')?.kind).toBe('unresolvable');
    expect(book.playlistFault(list, 0)).toBeUndefined();
  });
});
