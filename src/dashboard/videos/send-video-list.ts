import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { Database } from '../../database/database.ts';
import { exportVideoList, LIST_TYPES, type ListFormat } from '../../operations/export-video-list.ts';
import type { VideoQuery } from '../../operations/video-query.ts';
import { fileTimestamp } from '../../text/units.ts';

/**
 * Sends the list of a query as a file.
 * @throws what the database throws. After the first piece the connection is cut before the end of the chunks (RFC 9112,
 *   section 7.1), so that no client takes a part for the whole.
 */
export async function sendVideoList(
  { query, format }: { readonly query: VideoQuery; readonly format: ListFormat },
  database: Database,
  request: Request,
  response: Response,
): Promise<void> {
  const pieces = exportVideoList(query, format, database);
  const first = await pieces.next();
  response
    .attachment(`videos-${fileTimestamp(new Date())}.${format}`)
    .set('content-type', LIST_TYPES[format]);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    await pipeline(async function* () {
      if (first.done !== true) yield first.value;
      yield* pieces;
    }, response);
  } catch (error) {
    // A client that leaves is no failure.
    if (!request.destroyed) throw error;
  }
}
