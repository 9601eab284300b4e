import type { PlaylistDefinition, VideoDefinition } from './definitions.ts';
import { FIXED_VIDEO_FAULTS, WEBM_FAULT_ID } from './faults.ts';
import { channelTabs } from './channel-tabs.ts';
import { FIXED_PLAYLISTS, PLAYLIST_IDS, type FixedPlaylist } from './fixed-playlists.ts';
import { ODD_AUDIO } from './odd-audio.ts';
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

/** The duration that rows show until the audio has been generated and its true duration is known. */
const UNKNOWN_DURATION_SECONDS = 12;

/** The videos and playlists of the channel; tests add their own while it runs. */
export class Catalogue {
  readonly #videos = new Map<string, VideoDefinition>();
  readonly #playlists = new Map<string, SamplePlaylist>();
  readonly #durationsSeconds = new Map<string, number>();
  /** What the channel broadcasts at the moment: where its address with `/live` leads to. */
  broadcast: string | null = null;

  constructor() {
    for (const video of SAMPLE_VIDEOS) this.#videos.set(video.id, video);
    for (const video of ODD_AUDIO) this.addVideo(video);
    for (const [id, title] of Object.entries(ODD_TITLES)) this.addVideo(copyOf(id, title));
    for (const id of FIXED_VIDEO_FAULTS.keys()) {
      // The second sample video is a webm file, the first an m4a.
      this.addVideo(copyOf(id, `A video that fails: ${id}`, WEBM_FAULT_ID.test(id) ? 1 : 0));
    }
    this.addVideo(copyOf(PRIVATE_VIDEO_ID, 'A recording that became private'));
    this.#addFixedPlaylists();
  }

  /** The video with an id; generated videos share the audio of the sample videos. */
  video(id: string): VideoDefinition | undefined {
    const known = this.#videos.get(id);
    const number = GENERATED_VIDEO_ID.exec(id)?.[1];
    if (known !== undefined || number === undefined) return known;
    return copyOf(id, `Generated recording ${Number(number) + 1}`, Number(number));
  }

  /** The playlist with an id, including generated ones. */
  playlist(id: string): SamplePlaylist | undefined {
    return this.#playlists.get(id) ?? generatedPlaylist(id, (videoId) => this.#row(videoId));
  }

  /** Ids of the videos in the two playlists of the demo, each once. */
  get demoVideoIds(): readonly string[] {
    return [...SAMPLE_VIDEOS.map((video) => video.id), PRIVATE_VIDEO_ID];
  }

  /**
   * Adds or replaces a video; one that shares the audio of another shares its container.
   * @throws RangeError when the other video is unknown.
   */
  addVideo(definition: VideoDefinition): void {
    const { audio, id } = definition;
    if (audio.kind !== 'same-as') {
      this.#videos.set(id, definition);
      return;
    }
    const other = this.video(audio.videoId);
    if (other === undefined)
      throw new RangeError(`There is no video ${audio.videoId} whose audio could be shared.`);
    // Always refers to a video with its own audio, so that there are no chains or cycles.
    const own = other.audio.kind === 'same-as' ? other.audio : audio;
    this.#videos.set(id, { ...definition, container: other.container, audio: own });
  }

  /** Adds or replaces a playlist; each id may be any known or generated video. */
  addPlaylist(definition: PlaylistDefinition | FixedPlaylist): void {
    const { videoIds, ...playlist } = definition;
    this.#add(playlist, videoIds);
  }

  /** Sets the true duration of a video, which all rows show from now on. */
  setDuration(videoId: string, durationSeconds: number): void {
    this.#durationsSeconds.set(videoId, durationSeconds);
  }

  #add(playlist: Parameters<typeof playlistOfRows>[0], videoIds: readonly string[]): void {
    const rows = videoIds.map((videoId) => this.#row(videoId));
    this.#playlists.set(playlist.id, playlistOfRows(playlist, rows));
  }

  #row(videoId: string): PlaylistRow {
    const video = this.video(videoId);
    const durations = this.#durationsSeconds;
    const audioId = video?.audio.kind === 'same-as' ? video.audio.videoId : videoId;
    return {
      videoId,
      title: video?.title ?? null,
      hasChannel: true,
      // A getter, because durations are known only after the audio has been generated.
      get durationSeconds() {
        return Math.round(durations.get(audioId) ?? UNKNOWN_DURATION_SECONDS);
      },
    };
  }

  #addFixedPlaylists(): void {
    for (const playlist of FIXED_PLAYLISTS) this.addPlaylist(playlist);
    const endless = endlessPlaylist(PLAYLIST_IDS.endless, (videoId) => this.#row(videoId));
    this.#playlists.set(endless.id, endless);
    const oddRows = ODD_ROWS.map((row) => {
      const { durationSeconds, ...usual } = this.#row(row.videoId);
      const hasDuration = row.badge === 'was-live' || row.badge === 'short';
      return { ...usual, ...row, durationSeconds: hasDuration ? durationSeconds : undefined };
    });
    const titleOf = (id: string) => this.#playlists.get(id)?.title;
    for (const { rows, ...tab } of channelTabs((videoId) => this.#row(videoId), titleOf)) {
      this.#playlists.set(tab.id, playlistOfRows(tab, rows));
    }
    const playlist = { id: PLAYLIST_IDS.oddRows, title: 'Odd rows', layout: 'list', pageSize: 4 } as const;
    this.#playlists.set(playlist.id, playlistOfRows(playlist, oddRows));
  }
}

/** A video that shares the audio of a sample video. */
function copyOf(id: string, title: string | null, number = 0): VideoDefinition {
  const original = SAMPLE_VIDEOS[number % SAMPLE_VIDEOS.length];
  if (original === undefined) throw new Error('There are no sample videos.');
  return { id, title, container: original.container, audio: { kind: 'same-as', videoId: original.id } };
}
