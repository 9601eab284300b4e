import type { Role } from '../../domain/role.ts';

export const USERS_ACTIONS = ['list', 'set', 'remove'] as const;
export type UsersAction = (typeof USERS_ACTIONS)[number];

export interface UsersOptions {
  readonly role?: Role;
  /** The users file. */
  readonly file?: string;
  readonly json?: boolean;
}
