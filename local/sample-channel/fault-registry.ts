import { FIXED_VIDEO_FAULTS, type PlaylistFault, type VideoFault } from './faults.ts';
import type { SamplePlaylist } from './playlists.ts';

/** The active faults, and how often each was used. */
export class FaultRegistry {
  readonly #initial: ReadonlyMap<string, VideoFault>;
  readonly #videoFaults = new Map<string, VideoFault | null>();
  readonly #playlistFaults = new Map<string, PlaylistFault | null>();
  readonly #runs = new Map<string, number>();
  readonly #playlistUses = new Map<string, number>();

  /** @param initial faults that are active at the start and after every reset */
  constructor(initial: ReadonlyMap<string, VideoFault>) {
    this.#initial = initial;
  }

  /** Switches a fault on, or with `null` off (also a fixed one), and counts its runs from 0. */
  setVideoFault(videoId: string, fault: VideoFault | null): void {
    this.#videoFaults.set(videoId, fault);
    this.#runs.delete(videoId);
  }

  setPlaylistFault(playlistId: string, fault: PlaylistFault | null): void {
    this.#playlistFaults.set(playlistId, fault);
    this.#playlistUses.delete(playlistId);
  }

  /** Counts a new run of a video. @returns its number, from 1 */
  beginRun(videoId: string): number {
    const run = (this.#runs.get(videoId) ?? 0) + 1;
    this.#runs.set(videoId, run);
    return run;
  }

  /** The fault with which this run of a video fails. */
  videoFault(videoId: string, run: number): VideoFault | undefined {
    const set = this.#videoFaults.get(videoId);
    const fault = set === undefined ? (this.#initial.get(videoId) ?? FIXED_VIDEO_FAULTS.get(videoId)) : set;
    if (fault === null || fault === undefined) return undefined;
    return fault.times === undefined || run <= fault.times ? fault : undefined;
  }

  /**
   * The fault with which this request for a playlist fails: the resolution of its URL, or a page. A fault ends after the
   * number of requests that it names.
   */
  playlistFault(playlist: SamplePlaylist, request: 'resolve' | number): PlaylistFault | undefined {
    const set = this.#playlistFaults.get(playlist.id);
    const fault = set === undefined ? playlist.fault : set;
    if (fault === null || fault === undefined) return undefined;
    if ((fault.kind === 'unresolvable') !== (request === 'resolve')) return undefined;
    if ('page' in fault && fault.page !== request) return undefined;
    const uses = (this.#playlistUses.get(playlist.id) ?? 0) + 1;
    if (fault.times !== undefined && uses > fault.times) return undefined;
    this.#playlistUses.set(playlist.id, uses);
    return fault;
  }

  /** Restores the initial faults and resets all counters. */
  reset(): void {
    this.#videoFaults.clear();
    this.#playlistFaults.clear();
    this.#runs.clear();
    this.#playlistUses.clear();
  }
}
