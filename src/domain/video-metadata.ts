/** What can be learned about a video from its source or a listing; what stays unknown is left out. */
export interface VideoMetadata {
  readonly title?: string;
  readonly author?: string;
  readonly channelId?: string;
  readonly durationSeconds?: number;
  readonly publishedAt?: Date;
  readonly thumbnail?: string;
}
