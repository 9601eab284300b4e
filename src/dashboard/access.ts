import type { Request } from 'express';
import type { Role } from './login/user.ts';

/** Who sends a request. Without a login everybody on this machine is an operator without a name. */
export interface Visitor {
  readonly name: string | undefined;
  readonly role: Role;
  /** By session; else by HTTP Basic, or without a login. */
  readonly hasSession: boolean;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const ON_THIS_MACHINE: Visitor = { name: undefined, role: 'operator', hasSession: false };
const visitors = new WeakMap<Request, Visitor>();

/** Whether a request changes nothing, by its method. */
export function isSafe({ method }: Pick<Request, 'method'>): boolean {
  return SAFE_METHODS.has(method);
}

/** Called by the login. */
export function rememberVisitor(request: Request, visitor: Visitor): void {
  visitors.set(request, visitor);
}

export function visitorOf(request: Request): Visitor {
  return visitors.get(request) ?? ON_THIS_MACHINE;
}
