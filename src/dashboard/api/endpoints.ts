import type { Endpoint } from './endpoint.ts';
import { audioEndpoints } from './endpoints/audio.ts';
import { auditEndpoints } from './endpoints/audit.ts';
import { feedEndpoints } from './endpoints/feeds.ts';
import { operationEndpoints } from './endpoints/operations.ts';
import { overviewEndpoints } from './endpoints/overview.ts';
import { playlistActionEndpoints } from './endpoints/playlist-actions.ts';
import { playlistEndpoints } from './endpoints/playlists.ts';
import { queueEndpoints } from './endpoints/queues.ts';
import { reportEndpoints } from './endpoints/reports.ts';
import { sourceEndpoints } from './endpoints/sources.ts';
import { statusEndpoints } from './endpoints/status.ts';
import { tokenEndpoints } from './endpoints/tokens.ts';
import { videoActionEndpoints } from './endpoints/video-actions.ts';
import { videoEndpoints } from './endpoints/videos.ts';

/** Every endpoint of the API: router, validation, documentation and tests follow from this list. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...statusEndpoints,
  ...overviewEndpoints,
  ...videoEndpoints,
  ...audioEndpoints,
  ...videoActionEndpoints,
  ...operationEndpoints,
  ...playlistEndpoints,
  ...playlistActionEndpoints,
  ...queueEndpoints,
  ...sourceEndpoints,
  ...reportEndpoints,
  ...feedEndpoints,
  ...auditEndpoints,
  ...tokenEndpoints,
];
