import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { childEnvironment } from './child-process-environment.ts';

/**
 * Reads `hold GROUP` and `release GROUP` until its input ends, which also happens when the process at the other end
 * is killed; then ends the groups that are left. A shell needs 1 MB and 1 ms where Node needs 40 MB and 50 ms; the
 * script is constant and accepts nothing but digits.
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

/** The running groups, by the process ids of their leaders. */
const held = new Set<number>();
let guard: ChildProcess | undefined;

/**
 * Makes a process group end with this process, however this process ends: a small companion process ends the group
 * within seconds (SIGTERM, then SIGKILL). Where no companion can be started, leftovers are ended at the next start.
 * @param leader the process id of the group's leader.
 */
export function holdGroup(leader: number): void {
  held.add(leader);
  if (guard === undefined) startGuard();
  else send(guard, 'hold', leader);
}

/** Call it when the group has ended: its id may be reused soon. */
export function releaseGroup(leader: number): void {
  if (held.delete(leader) && guard !== undefined) send(guard, 'release', leader);
}

function startGuard(): void {
  // Its own group, so that Ctrl-C in a terminal does not reach it; a working directory that nobody removes.
  const started = spawn('/bin/sh', ['-c', GUARD_SCRIPT], {
    cwd: '/',
    detached: true,
    env: childEnvironment(),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard = started;
  const forget = (): void => {
    // The next child starts a new guard, which then holds all groups.
    if (guard === started) guard = undefined;
  };
  started.once('error', forget);
  started.once('exit', forget);
  started.stdin.on('error', forget);
  // It must not keep this process alive.
  started.unref();
  if (started.stdin instanceof Socket) started.stdin.unref();
  for (const leader of held) send(started, 'hold', leader);
}

function send(to: ChildProcess, order: 'hold' | 'release', leader: number): void {
  to.stdin?.write(`${order} ${String(leader)}\n`);
}
