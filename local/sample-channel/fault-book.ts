import { FIXED_VIDEO_FAULTS, type PlaylistFault, type VideoFault } from './faults.ts';
import type { SamplePlaylist } from './playlists.ts';

/** Which faults are switched on, and how often each has struck. */
export class FaultBook {
  readonly #initial: ReadonlyMap<string, VideoFault>;
  readonly #videoFaults = new Map<string, VideoFault | null>();
  readonly #playlistFaults = new Map<string, PlaylistFault | null>();
  readonly #runs = new Map<string, number>();
  readonly #playlistStrikes = new Map<string, number>();

  /** @param initial Faults that are there from the start and after every reset. */
  constructor(initial: ReadonlyMap<string, VideoFault>) {
    this.#initial = initial;
  }

  /** Switches a fault on, or with `null` off, also a fixed one; its runs are counted from here. */
  setVideoFault(videoId: string, fault: VideoFault | null): void {
    this.#videoFaults.set(videoId, fault);
    this.#runs.delete(videoId);
  }

  setPlaylistFault(playlistId: string, fault: PlaylistFault | null): void {
    this.#playlistFaults.set(playlistId, fault);
    this.#playlistStrikes.delete(playlistId);
  }

  /** Begins a run of a video: its number, from 1. */
  beginRun(videoId: string): number {
    const run = (this.#runs.get(videoId) ?? 0) + 1;
    this.#runs.set(videoId, run);
    return run;
  }

  /** The fault that spoils this run of a video. */
  videoFault(videoId: string, run: number): VideoFault | undefined {
    const set = this.#videoFaults.get(videoId);
    const fault = set === undefined ? (this.#initial.get(videoId) ?? FIXED_VIDEO_FAULTS.get(videoId)) : set;
    if (fault === null || fault === undefined) return undefined;
    return fault.times === undefined || run <= fault.times ? fault : undefined;
  }

  /**
   * The fault that spoils this request for a list: its address being resolved, or a page. One that has struck
   * often enough is over.
   */
  playlistFault(playlist: SamplePlaylist, request: 'resolve' | number): PlaylistFault | undefined {
    const set = this.#playlistFaults.get(playlist.id);
    const fault = set === undefined ? playlist.fault : set;
    if (fault === null || fault === undefined) return undefined;
    if ((fault.kind === 'unresolvable') !== (request === 'resolve')) return undefined;
    if ('page' in fault && fault.page !== request) return undefined;
    const strikes = (this.#playlistStrikes.get(playlist.id) ?? 0) + 1;
    if (fault.times !== undefined && strikes > fault.times) return undefined;
    this.#playlistStrikes.set(playlist.id, strikes);
    return fault;
  }

  /** Back to the start: initial faults only, nothing counted. */
  reset(): void {
    this.#videoFaults.clear();
    this.#playlistFaults.clear();
    this.#runs.clear();
    this.#playlistStrikes.clear();
  }
}
