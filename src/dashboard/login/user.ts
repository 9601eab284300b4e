import type { Role } from '../../domain/role.ts';
import type { PasswordHash } from './password-hash.ts';

export { ROLES, type Role } from '../../domain/role.ts';

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
