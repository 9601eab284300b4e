import { userInfo } from 'node:os';
import type { Actor } from '../../operations/audited.ts';

/** The user who runs a command on this machine. */
export function commandActor(): Actor {
  try {
    return { user: userInfo().username, via: 'command' };
  } catch {
    // In a container the user id may have no name.
    return { user: null, via: 'command' };
  }
}
