import type { PasswordHash } from './password-hash.ts';

/** Viewers see everything; operators also change something. */
export const ROLES = ['viewer', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** A line of the users file. */
export interface UserEntry {
  readonly name: string;
  readonly role: Role;
  readonly hash: PasswordHash;
}

/** Somebody who may log in. */
export interface User extends UserEntry {
  /** Changes with the password: sessions of another one have ended. */
  readonly passwordVersion: string;
}
