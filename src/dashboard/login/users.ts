import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Config } from '../../config/config.ts';
import { FairTurns } from './fair-turns.ts';
import { hashPassword, matchesPassword, type PasswordHash } from './password-hash.ts';
import type { User } from './user.ts';
import { WatchedUsersFile } from './watched-users-file.ts';

/** Name and password of the environment. */
export type Credentials = NonNullable<Config['dashboard']['credentials']>;

/** Passwords that are checked at the same time: each takes a thread and 32 MiB. */
const MAX_CHECKS = 2;
/** Of one network. */
const MAX_WAITING = 60;

/** The people who may log in: the operator of the environment, and those of the users file. */
export class Users {
  readonly #fixed: User | undefined;
  readonly #file: WatchedUsersFile | undefined;
  readonly #nobody: PasswordHash;
  /** The last right password of each name, as a digest under a key of this process: programs log in with each request. */
  readonly #known = new Map<string, { readonly digest: Buffer; readonly passwordVersion: string }>();
  readonly #digestKey = randomBytes(32);
  readonly #turns = new FairTurns({ concurrency: MAX_CHECKS, maxWaiting: MAX_WAITING });

  private constructor(fixed: User | undefined, file: WatchedUsersFile | undefined, nobody: PasswordHash) {
    this.#fixed = fixed;
    this.#file = file;
    this.#nobody = nobody;
  }

  /**
   * @returns undefined when no login is configured.
   * @throws UserError with all problems of the users file.
   */
  static async open(
    {
      credentials,
      usersFile,
    }: { readonly credentials: Credentials | undefined; readonly usersFile: string | undefined },
    onProblem: (message: string) => void,
  ): Promise<Users | undefined> {
    if (credentials === undefined && usersFile === undefined) return undefined;
    const nobody = await hashPassword(randomBytes(16).toString('hex'));
    let fixed: User | undefined;
    if (credentials !== undefined) {
      const { user: name, password } = credentials;
      fixed = {
        name,
        role: 'operator',
        hash: await hashPassword(password),
        passwordVersion: `environment\n${password}`,
      };
    }
    const file =
      usersFile === undefined ? undefined : await WatchedUsersFile.open(usersFile, fixed?.name, onProblem);
    return new Users(fixed, file, nobody);
  }

  /** The user of this name as of now: the users file is read again when it has changed. */
  async find(name: string): Promise<User | undefined> {
    if (name === this.#fixed?.name) return this.#fixed;
    return (await this.#file?.users())?.get(name);
  }

  /**
   * The user when the password is right. Names that do not exist take as long as those that do.
   * @param network where the attempt comes from: those of one network wait for each other, and not for those of others
   * @throws TooManyWaitingError when it has too many attempts at once.
   */
  async withPassword(name: string, password: string, network: string): Promise<User | undefined> {
    const user = await this.find(name);
    const digest = createHmac('sha256', this.#digestKey).update(`${name}\n${password}`).digest();
    const known = this.#known.get(name);
    if (
      user !== undefined &&
      known?.passwordVersion === user.passwordVersion &&
      timingSafeEqual(known.digest, digest)
    )
      return user;
    const isRight = await this.#turns.run(network, () =>
      matchesPassword(password, user?.hash ?? this.#nobody),
    );
    if (!isRight || user === undefined) return undefined;
    this.#known.set(name, { digest, passwordVersion: user.passwordVersion });
    return user;
  }
}
