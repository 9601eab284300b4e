import { stat } from 'node:fs/promises';
import { UserError } from '../../runtime/user-error.ts';
import { formatPasswordHash } from './password-hash.ts';
import type { User } from './user.ts';
import { readUsersFile } from './users-file.ts';

/** How often the file is looked at, at most. */
const LOOK_INTERVAL_MS = 1_000;
const MISSING = 'missing';

/** The users file of a running dashboard, read again when it has changed. */
export class WatchedUsersFile {
  readonly #file: string;
  readonly #reserved: string | undefined;
  readonly #onProblem: (message: string) => void;
  readonly #now: () => number;
  #users: ReadonlyMap<string, User>;
  #seen: string;
  #lookedAt = Number.NEGATIVE_INFINITY;

  private constructor(
    file: string,
    reserved: string | undefined,
    onProblem: (message: string) => void,
    now: () => number,
    read: { readonly users: ReadonlyMap<string, User>; readonly seen: string },
  ) {
    this.#file = file;
    this.#reserved = reserved;
    this.#onProblem = onProblem;
    this.#now = now;
    this.#users = read.users;
    this.#seen = read.seen;
  }

  /**
   * @param reserved the name that the environment has already
   * @throws UserError with all problems of the file, also when there is none: its path is then probably wrong.
   */
  static async open(
    file: string,
    reserved: string | undefined,
    onProblem: (message: string) => void,
    now: () => number = Date.now,
  ): Promise<WatchedUsersFile> {
    const seen = await versionOf(file);
    if (seen === MISSING)
      throw new UserError(
        `There is no users file ${file}. \`npm run users -- set NAME --role operator\` writes it.`,
        { exitCode: 2 },
      );
    return new WatchedUsersFile(file, reserved, onProblem, now, { users: await read(file, reserved), seen });
  }

  /** The users as of now. With a file that has problems those before stay, and its problems are told once. */
  async users(): Promise<ReadonlyMap<string, User>> {
    const now = this.#now();
    if (now - this.#lookedAt < LOOK_INTERVAL_MS) return this.#users;
    this.#lookedAt = now;
    const seen = await versionOf(this.#file);
    if (seen === this.#seen) return this.#users;
    this.#seen = seen;
    try {
      if (seen === MISSING) throw new UserError(`The users file ${this.#file} is gone.`);
      this.#users = await read(this.#file, this.#reserved);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#onProblem(`${error.message} The users that were read before stay.`);
    }
    return this.#users;
  }
}

/** Changes whenever the file does. */
async function versionOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file);
    return [ino, size, mtimeMs, ctimeMs].join(' ');
  } catch {
    return MISSING;
  }
}

async function read(file: string, reserved: string | undefined): Promise<ReadonlyMap<string, User>> {
  const entries = await readUsersFile(file);
  if (entries.some(({ name }) => name === reserved))
    throw new UserError(
      `${String(reserved)} stands in ${file} and is DASHBOARD_USER; remove one of the two.`,
      { exitCode: 2 },
    );
  return new Map(
    entries.map((entry) => [entry.name, { ...entry, passwordVersion: formatPasswordHash(entry.hash) }]),
  );
}
