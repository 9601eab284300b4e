import type { Catalogue } from './catalogue.ts';
import { generateMedia, type MediaTools, type SampleMedia } from './media-library.ts';

/** Few, because the servers of the demo start at the same time. */
const CONCURRENCY = 2;

/** Returns the audio of videos, and generates it when it is first needed. */
export class MediaLoader {
  readonly #catalogue: Catalogue;
  readonly #tools: MediaTools;
  readonly #media = new Map<string, Promise<SampleMedia>>();

  constructor(catalogue: Catalogue, tools: MediaTools) {
    this.#catalogue = catalogue;
    this.#tools = tools;
  }

  /** Undefined for a video that is not in the catalogue. @throws Error when it cannot be generated. */
  async mediaOf(videoId: string): Promise<SampleMedia | undefined> {
    const video = this.#catalogue.video(videoId);
    if (video === undefined) return undefined;
    const { audio } = video;
    if (audio.kind === 'same-as') {
      return audio.videoId === videoId ? undefined : this.mediaOf(audio.videoId);
    }
    const key = JSON.stringify([videoId, video.container, audio]);
    const known = this.#media.get(key);
    if (known !== undefined) return known;
    const made = generateMedia(this.#tools, videoId, video.container, audio);
    this.#media.set(key, made);
    try {
      const media = await made;
      this.#catalogue.setDuration(videoId, media.durationSeconds);
      return media;
    } catch (error) {
      this.#media.delete(key);
      throw error;
    }
  }

  async loadAll(videoIds: readonly string[]): Promise<void> {
    const waiting = [...videoIds];
    const work = async (): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await this.mediaOf(id);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  }
}
