import { CHANNEL, CHANNEL_ENDPOINT } from './channel.ts';
import type { PlaylistRow, SamplePlaylist } from './playlists.ts';

const NEXT_MONTH_SECONDS = 30 * 86_400;
const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
const runs = (text: string) => ({ runs: [{ text }] });

/** A row in the layout of the years before 2025. */
function playlistVideoRenderer(row: PlaylistRow, thumbnailUrl: string): object {
  const { badge, videoId } = row;
  return {
    playlistVideoRenderer: {
      videoId,
      ...(row.title === null ? {} : { title: runs(row.title) }),
      ...(row.durationSeconds === undefined ? {} : { lengthSeconds: String(row.durationSeconds) }),
      ...(row.hasChannel
        ? { shortBylineText: { runs: [{ text: CHANNEL.title, navigationEndpoint: CHANNEL_ENDPOINT }] } }
        : {}),
      ...(row.hasChannel
        ? { thumbnail: { thumbnails: [{ url: thumbnailUrl, width: 640, height: 360 }] } }
        : {}),
      ...(badge === 'live'
        ? {
            thumbnailOverlays: [
              { thumbnailOverlayTimeStatusRenderer: { style: 'LIVE', text: runs('LIVE') } },
            ],
          }
        : {}),
      ...(badge === 'upcoming'
        ? { upcomingEventData: { startTime: String(Math.floor(Date.now() / 1000) + NEXT_MONTH_SECONDS) } }
        : {}),
      ...(badge === 'was-live' ? { videoInfo: runs('120 views • Streamed 2 days ago') } : {}),
      ...(badge === 'short'
        ? { navigationEndpoint: { commandMetadata: { webCommandMetadata: { url: `/shorts/${videoId}` } } } }
        : {}),
    },
  };
}

/** A row in the layout that YouTube moves to since 2025. */
function lockupViewModel(row: PlaylistRow, thumbnailUrl: string): object {
  const { badge } = row;
  const badgeText =
    badge === 'live'
      ? 'LIVE'
      : badge === 'upcoming'
        ? 'UPCOMING'
        : row.durationSeconds === undefined
          ? undefined
          : clock(row.durationSeconds);
  const badgeStyle =
    badge === 'live' ? 'THUMBNAIL_OVERLAY_BADGE_STYLE_LIVE' : 'THUMBNAIL_OVERLAY_BADGE_STYLE_DEFAULT';
  const channelPart = {
    text: {
      content: CHANNEL.title,
      commandRuns: [{ onTap: { innertubeCommand: CHANNEL_ENDPOINT } }],
    },
  };
  const when = badge === 'was-live' ? 'Streamed 2 days ago' : '2 days ago';
  return {
    lockupViewModel: {
      contentId: row.videoId,
      contentType: 'LOCKUP_CONTENT_TYPE_VIDEO',
      contentImage: {
        thumbnailViewModel: {
          image: { sources: [{ url: thumbnailUrl, width: 640, height: 360 }] },
          overlays:
            badgeText === undefined
              ? []
              : [
                  {
                    thumbnailBottomOverlayViewModel: {
                      badges: [{ thumbnailBadgeViewModel: { text: badgeText, badgeStyle } }],
                    },
                  },
                ],
        },
      },
      metadata: {
        lockupMetadataViewModel: {
          ...(row.title === null ? {} : { title: { content: row.title } }),
          metadata: {
            contentMetadataViewModel: {
              metadataRows: row.hasChannel
                ? [
                    { metadataParts: [channelPart] },
                    {
                      metadataParts: [
                        { text: { content: '120 views' } },
                        { text: { content: when }, accessibilityLabel: when },
                      ],
                    },
                  ]
                : [],
            },
          },
        },
      },
    },
  };
}

/** One row in the layout of its list. */
export function rowItem(layout: SamplePlaylist['layout'], row: PlaylistRow, thumbnailUrl: string): object {
  switch (layout) {
    case 'list':
      return playlistVideoRenderer(row, thumbnailUrl);
    case 'lockup':
      return lockupViewModel(row, thumbnailUrl);
    case 'channel':
      return { richItemRenderer: { content: lockupViewModel(row, thumbnailUrl) } };
  }
}
