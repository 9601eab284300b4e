/** The channel that every sample video belongs to; ids have the form of YouTube's. */
export const CHANNEL = {
  id: 'UCsampleChannel000000000',
  handle: '@sample-channel',
  title: 'Sample Channel',
  /** The list of all uploads, which YouTube names after the channel. */
  uploadsPlaylistId: 'UUsampleChannel000000000',
} as const;

/** Where a channel's name leads to, as InnerTube says it. */
export const CHANNEL_ENDPOINT = {
  browseEndpoint: { browseId: CHANNEL.id, canonicalBaseUrl: `/${CHANNEL.handle}` },
} as const;
