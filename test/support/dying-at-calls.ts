import process from 'node:process';
import { z } from 'zod';

/** Where a process is killed: at one call of one method, before it, after it, or while its bytes move. */
export const callOfDeathSchema = z.object({
  method: z.string(),
  moment: z.enum(['before', 'during', 'after']),
  /** 1 for the first call (of `onBytes` for `during`). */
  call: z.number().int().positive().default(1),
});

type CallOfDeath = z.output<typeof callOfDeathSchema>;

/** Kills this process as nothing can prevent; the promise is for the moment until the signal arrives. */
export function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined);
}

/** The same object, except that one call of it kills the process. */
export function dyingAt<T extends object>(death: CallOfDeath, object: T): T {
  let calls = 0;
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = (args: unknown[]): unknown => Reflect.apply(value, target, args);
      if (name !== death.method) return (...args: unknown[]) => call(args);
      return async (...args: unknown[]) => {
        calls += 1;
        if (death.moment === 'during') return await call(withDeadlyBytes(args, death.call));
        if (death.moment === 'before' && calls === death.call) await die();
        const result = await call(args);
        if (death.moment === 'after' && calls === death.call) await die();
        return result;
      };
    },
  });
}

/** Kills when the transfer tells of moved bytes for the n-th time. */
function withDeadlyBytes(args: readonly unknown[], atCall: number): unknown[] {
  let calls = 0;
  const onBytes = () => {
    calls += 1;
    if (calls === atCall) void die();
  };
  return [...args.slice(0, -1), { ...(args.at(-1) as object), onBytes }];
}
