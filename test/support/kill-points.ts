import process from 'node:process';
import { z } from 'zod';

/** Where a process is killed: at one call of one method, before it, after it, or while its bytes are transferred. */
export const killPointSchema = z.object({
  method: z.string(),
  moment: z.enum(['before', 'during', 'after']),
  /** 1 for the first call (of `onBytes` for `during`). */
  call: z.number().int().positive().default(1),
});

type Call = (args: unknown[]) => unknown;
type Intercept = (method: string, args: unknown[], call: Call) => unknown;

/** The same object; each call of a method goes through `intercept`, which may make the call or not. */
function interceptCalls<T extends object>(object: T, intercept: Intercept): T {
  return new Proxy(object, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const call: Call = (args) => Reflect.apply(value, target, args);
      return (...args: unknown[]) => intercept(String(property), args, call);
    },
  });
}

/** Makes a call that the process does not survive. */
async function lastCall(
  moment: 'before' | 'after',
  call: () => unknown,
  kill: () => Promise<never>,
): Promise<never> {
  if (moment === 'after') await call();
  return await kill();
}

/** Kills this process with SIGKILL; the promise lasts until the signal arrives. */
export function killProcess(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined);
}

/** The same object, except that one call of it kills the process. */
export function killAt<T extends object>(point: z.output<typeof killPointSchema>, object: T): T {
  let calls = 0;
  return interceptCalls(object, (method, args, call) => {
    if (method !== point.method) return call(args);
    calls += 1;
    if (point.moment === 'during') return call(withKillAfterBytes(args, point.call));
    return calls === point.call ? lastCall(point.moment, () => call(args), killProcess) : call(args);
  });
}

/** Kills when the transfer reports moved bytes for the n-th time. */
function withKillAfterBytes(args: readonly unknown[], atCall: number): unknown[] {
  let calls = 0;
  const onBytes = () => {
    calls += 1;
    if (calls === atCall) void killProcess();
  };
  return [...args.slice(0, -1), { ...(args.at(-1) as object), onBytes }];
}

/** Which of all calls of a simulated process is its last one. */
export interface LastCall {
  /** 1 for the first call. */
  readonly call: number;
  readonly moment: 'before' | 'after';
}

/** A process that can die without ending the test: from some call on, all its calls fail. */
export class SimulatedProcess {
  readonly calls: string[] = [];
  readonly #lastCall: LastCall | undefined;
  #isDead = false;

  constructor(last?: LastCall) {
    this.#lastCall = last;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** The same object, as this process calls it. */
  part<T extends object>(name: string, object: T): T {
    return interceptCalls(object, async (method, args, call) => {
      if (this.#isDead) throw new Error('The process is dead.');
      this.calls.push(`${name}.${method}`);
      if (this.calls.length !== this.#lastCall?.call) return await call(args);
      return await lastCall(
        this.#lastCall.moment,
        () => call(args),
        () => this.#die(),
      );
    });
  }

  #die(): Promise<never> {
    this.#isDead = true;
    return Promise.reject(new Error('The process was killed.'));
  }
}
