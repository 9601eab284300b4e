/** The channel of all sample videos; ids have the form of YouTube's. */
export const CHANNEL = {
  id: 'UCsampleChannel000000000',
  handle: '@sample-channel',
  title: 'Sample Channel',
  /** The playlist of all uploads; YouTube derives its id from the channel's. */
  uploadsPlaylistId: 'UUsampleChannel000000000',
} as const;

/** The target of a link to the channel, in the form of InnerTube. */
export const CHANNEL_ENDPOINT = {
  browseEndpoint: { browseId: CHANNEL.id, canonicalBaseUrl: `/${CHANNEL.handle}` },
} as const;
