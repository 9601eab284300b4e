import type { TokenDocument } from '../../database/collections/token.ts';
import { lesserRole, type Role } from '../../domain/role.ts';
import type { Visitor } from '../access.ts';

/** The role of a dashboard user now; undefined when there is no such user. */
export type FindRole = (name: string) => Promise<Role | undefined>;

/**
 * Who sends a request with this token; undefined when the token does not hold. A token never does more than the one who made it
 * could do now: it ends with its maker's name in the users file, and an operator who became a viewer has the tokens of a
 * viewer. Tokens of the command are those of the machine, which has no names of the dashboard: they hold until they are
 * revoked.
 * @param findRole undefined without a login: then everybody on this machine is an operator
 */
export async function visitorOfToken(
  { _id: name, role, made_by: maker, made_via: via, expires_at: expiresAt }: TokenDocument,
  findRole: FindRole | undefined,
  now: Date,
): Promise<Visitor | undefined> {
  if (expiresAt && expiresAt.getTime() <= now.getTime()) return undefined;
  const visitor = { name: maker ? `${name} (${maker})` : name, hasSession: false };
  if (findRole === undefined || via === 'command') return { ...visitor, role };
  // Made while the dashboard had no login: nobody answers for it now that it has one.
  const makersRole = maker ? await findRole(maker) : undefined;
  return makersRole === undefined ? undefined : { ...visitor, role: lesserRole(role, makersRole) };
}
