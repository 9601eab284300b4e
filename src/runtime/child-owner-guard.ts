import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { childEnvironment } from './child-process-environment.ts';

/**
 * Reads `hold GROUP` and `release GROUP` until its input ends, which also happens when the process at the other end
 * is killed; then ends the groups that are left. A shell needs 1 MB and a millisecond where Node needs 40 and 50;
 * this text is constant and takes nothing but digits.
 */
const GUARD_SCRIPT = `
trap '' INT TERM HUP
groups=' '
while read -r order group; do
  case $group in '' | *[!0-9]*) continue ;; esac
  case $order in
    hold) groups="$groups$group " ;;
    release) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
[ "$groups" = ' ' ] && exit
for group in $groups; do kill -s TERM -- "-$group"; done
sleep 3
for group in $groups; do kill -s KILL -- "-$group"; done
`;

/** The groups that run now, by their leaders. */
const held = new Set<number>();
let guard: ChildProcess | undefined;

/**
 * Lets a process group die with this process, however this process ends: a small companion process ends the group
 * within seconds (SIGTERM, then SIGKILL). Where the system gives no companion, leftovers end at the next start.
 * @param leader the process id of the group's leader.
 */
export function holdGroup(leader: number): void {
  held.add(leader);
  if (guard === undefined) startGuard();
  else tell(guard, 'hold', leader);
}

/** The group has ended: its number may soon belong to somebody else. */
export function releaseGroup(leader: number): void {
  if (held.delete(leader) && guard !== undefined) tell(guard, 'release', leader);
}

function startGuard(): void {
  // A group of its own: Ctrl-C in a terminal must not reach it. A directory that nobody wants to remove.
  const started = spawn('/bin/sh', ['-c', GUARD_SCRIPT], {
    cwd: '/',
    detached: true,
    env: childEnvironment(),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard = started;
  const forget = (): void => {
    // The next child starts another guard, which then holds all groups.
    if (guard === started) guard = undefined;
  };
  started.once('error', forget);
  started.once('exit', forget);
  started.stdin.on('error', forget);
  // It watches this process; it is no reason for it to stay.
  started.unref();
  if (started.stdin instanceof Socket) started.stdin.unref();
  for (const leader of held) tell(started, 'hold', leader);
}

function tell(to: ChildProcess, order: 'hold' | 'release', leader: number): void {
  to.stdin?.write(`${order} ${String(leader)}\n`);
}
