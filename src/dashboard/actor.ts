import type { Request } from 'express';
import type { Actor } from '../operations/audited.ts';
import { visitorOf } from './access.ts';

/** Who does something on a page, for the audit. */
export function actorOf(request: Request): Actor {
  return { user: visitorOf(request).name ?? null, via: 'page' };
}

/** Whether forms that change something are shown; `guardChanges` decides about the requests. */
export function mayChange(request: Request): boolean {
  return visitorOf(request).role === 'operator';
}
