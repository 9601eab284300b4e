import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Role } from '../../src/domain/role.ts';
import { hashPassword } from '../../src/dashboard/login/password-hash.ts';
import { writeUsersFile } from '../../src/dashboard/login/users-file.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { addToken } from '../../src/operations/manage-tokens.ts';
import { startTestDashboard } from './dashboard.ts';
import type { TestEnvironment } from './test-environment.ts';

export const OPERATOR = { user: 'ama', password: 'correct horse battery' };
export const VIEWER = { user: 'kofi', password: 'only looks at things' };

/** A dashboard with an operator and a viewer, as clients of its API see it. */
export interface TestApi {
  readonly dashboard: Dashboard;
  /** Writes the users file anew: the dashboard notices within a second. */
  writeUsers(users: readonly { readonly name: string; readonly role: Role }[]): Promise<void>;
  /** Sends a request that seems to come from an address of its own, so that no failure delays another. */
  send(target: string, init?: RequestInit & { readonly from?: string }): Promise<Response>;
  /** The cookie of a new session. */
  logIn(login: typeof OPERATOR): Promise<string>;
  close(): Promise<void>;
}

export async function startTestApi(environment: TestEnvironment): Promise<TestApi> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-api-'));
  const usersFile = path.join(directory, 'users.txt');
  const writeUsers = async (users: readonly { readonly name: string; readonly role: Role }[]) => {
    const hash = await hashPassword(VIEWER.password);
    await writeUsersFile(
      usersFile,
      users.map((user) => ({ ...user, hash })),
    );
  };
  await writeUsers([{ name: VIEWER.user, role: 'viewer' }]);
  const dashboard = await startTestDashboard(environment, OPERATOR, {
    usersFile,
    trustedProxies: ['loopback'],
  });
  let sent = 0;
  const send: TestApi['send'] = (target, { from, headers, ...init } = {}) => {
    sent += 1;
    const address = from ?? `10.${String(sent >> 16)}.${String((sent >> 8) & 255)}.${String(sent & 255)}`;
    return fetch(new URL(target, dashboard.url), {
      ...{ redirect: 'manual', ...init },
      headers: { 'x-forwarded-for': address, ...(headers as Record<string, string> | undefined) },
    });
  };
  return {
    dashboard,
    writeUsers,
    send,
    logIn: async (login) => {
      const answer = await send('/login', {
        method: 'POST',
        body: new URLSearchParams({ ...login, next: '/' }),
      });
      return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    },
    close: async () => {
      await dashboard.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** Makes a token as a user of the dashboard does on the page. @returns the header that sends it */
export async function tokenOf(
  { database }: Pick<TestEnvironment, 'database'>,
  name: string,
  role: Role,
  user: string | null = OPERATOR.user,
): Promise<{ readonly authorization: string }> {
  const added = await addToken({ name, role }, { user, via: 'page' }, { database });
  if (added.outcome !== 'added') throw new Error(`${name} is taken.`);
  return { authorization: `Bearer ${added.token}` };
}
