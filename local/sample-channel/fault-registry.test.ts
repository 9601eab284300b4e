import { describe, expect, test } from '@jest/globals';
import { FaultRegistry } from './fault-registry.ts';
import type { VideoFault } from './faults.ts';
import { playlistOfRows } from './playlists.ts';

const twice: VideoFault = { kind: 'media-status', status: 503, times: 2 };

describe('faults of a video', () => {
  test('apply to as many runs as they say, again after a reset', () => {
    const faults = new FaultRegistry(new Map([['sampleFlaky', twice]]));
    for (const round of [1, 2]) {
      const runs = [1, 2, 3].map(() => faults.beginRun('sampleFlaky'));
      expect([round, ...runs.map((run) => faults.videoFault('sampleFlaky', run)?.kind)]).toEqual([
        round,
        'media-status',
        'media-status',
        undefined,
      ]);
      faults.reset();
    }
  });

  test('null switches off a fixed one, a reset restores it', () => {
    const faults = new FaultRegistry(new Map());
    expect(faults.videoFault('err-private', 1)?.kind).toBe('playability');
    faults.setVideoFault('err-private', null);
    expect(faults.videoFault('err-private', 1)).toBeUndefined();
    faults.reset();
    expect(faults.videoFault('err-private', 1)?.kind).toBe('playability');
  });
});

describe('faults of a playlist', () => {
  const list = playlistOfRows({ id: 'PLx', title: 'x', layout: 'list', pageSize: 4 }, []);

  test('apply to their own page only, as often as they say', () => {
    const faults = new FaultRegistry(new Map());
    faults.setPlaylistFault('PLx', { kind: 'page-status', page: 1, status: 500, times: 1 });
    const found = (['resolve', 0, 1, 1] as const).map((request) => faults.playlistFault(list, request)?.kind);
    expect(found).toEqual([undefined, undefined, 'page-status', undefined]);
  });

  test('an unresolvable URL fails when it is resolved', () => {
    const faults = new FaultRegistry(new Map());
    faults.setPlaylistFault('PLx', { kind: 'unresolvable' });
    expect(faults.playlistFault(list, 'resolve')?.kind).toBe('unresolvable');
    expect(faults.playlistFault(list, 0)).toBeUndefined();
  });
});
