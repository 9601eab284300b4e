import { CHANNEL, CHANNEL_ENDPOINT } from './channel.ts';
import type { PlaylistRow, SamplePlaylist } from './playlists.ts';

const NEXT_MONTH_SECONDS = 30 * 86_400;
const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
const runs = (text: string) => ({ runs: [{ text }] });

/** A row in YouTube's layout from before 2025. Fields that are undefined are omitted from the JSON. */
function playlistVideoRenderer(row: PlaylistRow, thumbnailUrl: string): object {
  const { badge, durationSeconds, hasChannel, title, videoId } = row;
  const startTime = () => String(Math.floor(Date.now() / 1000) + NEXT_MONTH_SECONDS);
  return {
    playlistVideoRenderer: {
      videoId,
      title: title === null ? undefined : runs(title),
      lengthSeconds: durationSeconds === undefined ? undefined : String(durationSeconds),
      shortBylineText: hasChannel
        ? { runs: [{ text: CHANNEL.title, navigationEndpoint: CHANNEL_ENDPOINT }] }
        : undefined,
      thumbnail: hasChannel ? { thumbnails: [{ url: thumbnailUrl, width: 640, height: 360 }] } : undefined,
      thumbnailOverlays:
        badge === 'live'
          ? [{ thumbnailOverlayTimeStatusRenderer: { style: 'LIVE', text: runs('LIVE') } }]
          : undefined,
      upcomingEventData: badge === 'upcoming' ? { startTime: startTime() } : undefined,
      videoInfo: badge === 'was-live' ? runs('120 views • Streamed 2 days ago') : undefined,
      navigationEndpoint:
        badge === 'short'
          ? { commandMetadata: { webCommandMetadata: { url: `/shorts/${videoId}` } } }
          : undefined,
    },
  };
}

/** A row in the layout that YouTube has been introducing since 2025. */
function lockupViewModel(row: PlaylistRow, thumbnailUrl: string): object {
  const { badge } = row;
  const duration = row.durationSeconds === undefined ? undefined : clock(row.durationSeconds);
  const badgeText = badge === 'live' ? 'LIVE' : badge === 'upcoming' ? 'UPCOMING' : duration;
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
          title: row.title === null ? undefined : { content: row.title },
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

/** An item in the grid of a tab. */
function gridItem(row: PlaylistRow, thumbnailUrl: string): object {
  if (row.isPlaylist === true) {
    return {
      lockupViewModel: {
        contentId: row.videoId,
        contentType: 'LOCKUP_CONTENT_TYPE_PLAYLIST',
        metadata: { lockupMetadataViewModel: { title: { content: row.title ?? '' } } },
      },
    };
  }
  if (row.badge !== 'short') return lockupViewModel(row, thumbnailUrl);
  return {
    shortsLockupViewModel: {
      entityId: `shorts-shelf-item-${row.videoId}`,
      overlayMetadata: { primaryText: { content: row.title ?? '' }, secondaryText: { content: '120 views' } },
      onTap: { innertubeCommand: { reelWatchEndpoint: { videoId: row.videoId } } },
    },
  };
}

/** A row in the layout of its playlist. */
export function rowItem(layout: SamplePlaylist['layout'], row: PlaylistRow, thumbnailUrl: string): object {
  switch (layout) {
    case 'list':
      return playlistVideoRenderer(row, thumbnailUrl);
    case 'lockup':
      return lockupViewModel(row, thumbnailUrl);
    case 'channel':
      return { richItemRenderer: { content: gridItem(row, thumbnailUrl) } };
  }
}
