import type { Request } from 'express';
import { parseVideoDocumentId, type VideoKey } from '../../domain/video-key.ts';

/** The video that the address of a page names; undefined when it is no id of one. */
export function keyOf(request: Request): VideoKey | undefined {
  return parseVideoDocumentId(String(request.params['id']));
}
