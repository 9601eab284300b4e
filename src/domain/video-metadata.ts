/** What a source or a listing says about a video; unknown fields are left out. */
export interface VideoMetadata {
  readonly title?: string;
  readonly author?: string;
  readonly channelId?: string;
  readonly durationSeconds?: number;
  readonly publishedAt?: Date;
  readonly thumbnail?: string;
  /** As its author wrote it, with line breaks. */
  readonly description?: string;
  /** As the site names it, such as `Creative Commons Attribution license (reuse allowed)`. */
  readonly licence?: string;
  readonly tags?: readonly string[];
}
