import type { Role } from '../../domain/role.ts';

export interface TokensOptions {
  readonly list?: boolean;
  readonly add?: string;
  readonly revoke?: string;
  readonly role?: Role;
  readonly days?: number;
  readonly json?: boolean;
}
