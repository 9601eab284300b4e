import type { PlaylistDefinition, VideoDefinition } from './definitions.ts';
import { FIXED_VIDEO_FAULTS, WEBM_FAULT_ID } from './faults.ts';
import { FIXED_PLAYLISTS, PLAYLIST_IDS } from './fixed-playlists.ts';
import { ODD_ROWS, ODD_TITLES } from './odd-rows.ts';
import {
  endlessPlaylist,
  GENERATED_VIDEO_ID,
  generatedPlaylist,
  playlistOfRows,
  type PlaylistRow,
  type SamplePlaylist,
} from './playlists.ts';
import { PRIVATE_VIDEO_ID, SAMPLE_VIDEOS } from './sample-videos.ts';

export { PLAYLIST_IDS };

/** Seconds that a row shows until the true length of generated audio is known. */
const UNKNOWN_DURATION_SECONDS = 12;

/** All that the channel has; tests add their own videos and playlists while it runs. */
export class Catalogue {
  readonly #videos = new Map<string, VideoDefinition>();
  readonly #playlists = new Map<string, SamplePlaylist>();
  readonly #durationsSeconds = new Map<string, number>();

  constructor() {
    for (const video of SAMPLE_VIDEOS) this.#videos.set(video.id, video);
    for (const [id, title] of Object.entries(ODD_TITLES)) this.addVideo(copyOf(id, title));
    for (const id of FIXED_VIDEO_FAULTS.keys()) {
      // The second of the dozen is a webm file, the first an m4a.
      this.addVideo(copyOf(id, `A video that fails: ${id}`, WEBM_FAULT_ID.test(id) ? 1 : 0));
    }
    this.addVideo(copyOf(PRIVATE_VIDEO_ID, 'A recording that became private'));
    this.#addFixedPlaylists();
  }

  /** The video of an id; generated ids share the audio of the dozen. */
  video(id: string): VideoDefinition | undefined {
    const known = this.#videos.get(id);
    const number = GENERATED_VIDEO_ID.exec(id)?.[1];
    if (known !== undefined || number === undefined) return known;
    return copyOf(id, `Generated recording ${Number(number) + 1}`, Number(number));
  }

  /** The playlist of an id, also a generated one. */
  playlist(id: string): SamplePlaylist | undefined {
    return this.#playlists.get(id) ?? generatedPlaylist(id, (videoId) => this.#row(videoId));
  }

  /** Ids of the videos that the two playlists of the demo hold, each once. */
  get demoVideoIds(): readonly string[] {
    return [...SAMPLE_VIDEOS.map((video) => video.id), PRIVATE_VIDEO_ID];
  }

  /**
   * Adds or replaces a video; one that shares the audio of another shares its container.
   * @throws RangeError when that other one is not known.
   */
  addVideo(definition: VideoDefinition): void {
    const { audio, id } = definition;
    if (audio.kind !== 'same-as') {
      this.#videos.set(id, definition);
      return;
    }
    const other = this.video(audio.videoId);
    if (other === undefined) throw new RangeError(`there is no video ${audio.videoId} to share the audio of`);
    // Led to the one that has audio of its own, so that no chain or circle of copies comes about.
    const own = other.audio.kind === 'same-as' ? other.audio : audio;
    this.#videos.set(id, { ...definition, container: other.container, audio: own });
  }

  /** Adds or replaces a playlist; each id may be any known or generated video. */
  addPlaylist(definition: PlaylistDefinition): void {
    const { videoIds, ...about } = definition;
    this.#add({ ...about }, videoIds);
  }

  /** Remembers the true length of a video, shown by every row from then on. */
  setDuration(videoId: string, durationSeconds: number): void {
    this.#durationsSeconds.set(videoId, durationSeconds);
  }

  #add(about: Parameters<typeof playlistOfRows>[0], videoIds: readonly string[]): void {
    const rows = videoIds.map((videoId) => this.#row(videoId));
    this.#playlists.set(about.id, playlistOfRows(about, rows));
  }

  #row(videoId: string): PlaylistRow {
    const video = this.video(videoId);
    const durations = this.#durationsSeconds;
    const audioId = video?.audio.kind === 'same-as' ? video.audio.videoId : videoId;
    return {
      videoId,
      title: video?.title ?? null,
      hasChannel: true,
      // Read when the page is made: lengths are known only after the audio has been generated.
      get durationSeconds() {
        return Math.round(durations.get(audioId) ?? UNKNOWN_DURATION_SECONDS);
      },
    };
  }

  #addFixedPlaylists(): void {
    for (const { videoIds, ...about } of FIXED_PLAYLISTS) this.#add(about, videoIds);
    const endless = endlessPlaylist(PLAYLIST_IDS.endless, (videoId) => this.#row(videoId));
    this.#playlists.set(endless.id, endless);
    const oddRows = ODD_ROWS.map((row) => {
      const { durationSeconds, ...usual } = this.#row(row.videoId);
      const hasDuration = row.badge === 'was-live' || row.badge === 'short';
      return {
        ...usual,
        ...row,
        ...(hasDuration && durationSeconds !== undefined ? { durationSeconds } : {}),
      };
    });
    const about = { id: PLAYLIST_IDS.oddRows, title: 'Odd rows', layout: 'list', pageSize: 4 } as const;
    this.#playlists.set(about.id, playlistOfRows(about, oddRows));
  }
}

/** A video that sounds like one of the dozen. */
function copyOf(id: string, title: string | null, number = 0): VideoDefinition {
  const original = SAMPLE_VIDEOS[number % SAMPLE_VIDEOS.length];
  if (original === undefined) throw new Error('there are no sample videos');
  return {
    id,
    title,
    container: original.container,
    audio: { kind: 'same-as', videoId: original.id },
  };
}
