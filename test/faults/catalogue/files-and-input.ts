import type { FaultRow } from './fault-row.ts';

const MEDIA = 'test/integration/media.test.ts';
const PROGRAMS = 'test/faults/media-programs.test.ts';
const LISTING = 'test/integration/playlist-yt-dlp.test.ts';
const ENQUEUE = 'test/integration/producer-enqueue.test.ts';
const DASHBOARD = 'test/integration/dashboard.test.ts';

/** Disks, titles, URLs, playlists, media, programs, the dashboard and the command line. */
export const FILES_AND_INPUT: readonly FaultRow[] = [
  {
    number: 28,
    fault: 'The disk is full while a file is downloaded or converted',
    injected: 'a small tmpfs that fills up; a program that reports no space left',
    behaviour:
      'The queue pauses with the reason, work files are removed, it resumes by itself; no truncated file in the bucket.',
    proofs: {
      'test/faults/operator-disk.test.ts': [
        'during a download pauses downloads, and leaves nothing incomplete',
        'below its minimum of free space because of foreign files is an operator error; no download is started',
      ],
      [PROGRAMS]: ['has no space left'],
      'test/integration/stages.test.ts': [
        'an operator error pauses the queue, is probed, and no attempt is counted',
      ],
    },
  },
  {
    number: 29,
    fault: 'A file is deleted or becomes unreadable during its upload',
    injected:
      'a file that is truncated, removed or overwritten while it is sent, in one request and in parts',
    behaviour: 'The job fails and is retried; the process continues.',
    proofs: {
      'test/faults/changed-midway.test.ts': ['%s: one that %s fails, and no object is left'],
      'test/faults/storage.test.ts': [
        'a file that no longer exists gives another error than a store that fails',
      ],
    },
  },
  {
    number: 30,
    fault: 'Titles with path segments, terminal escapes or device names, and empty or very long titles',
    injected: 'the odd titles of the sample channel',
    behaviour:
      'Files and objects are named by the id only; the title is stored, encoded, as metadata and tag.',
    proofs: {
      'test/faults/odd-titles.test.ts': [
        'with any title, file and object are named by the id, and the title is kept as it is',
      ],
      [MEDIA]: ['a title %s is kept and does not change the file name'],
      [LISTING]: ['titles with any characters are kept'],
      'src/storage/metadata.test.ts': [
        'fits into headers and limits, whatever it contains',
        'is cut between code points',
      ],
      'src/staging/directory-staging.test.ts': ['neither an invalid id nor a link leads out of it'],
    },
  },
  {
    number: 31,
    fault: 'Two titles, or two ids, that are equal for a file system',
    injected: 'titles that differ only by accents and case, on ids that differ only by letter case',
    behaviour: 'Two files and two objects.',
    proofs: {
      'test/faults/odd-titles.test.ts': [
        'with any title, file and object are named by the id, and the title is kept as it is',
      ],
      [MEDIA]: ['ids that differ only by letter case give two files'],
      'src/staging/directory-staging.test.ts': [
        'differ for different ids even where letter case is ignored, and read back',
      ],
    },
  },
  {
    number: 32,
    fault: 'Ids and URLs that look like options, or contain a line break',
    injected: 'such lines, ids and jobs',
    behaviour: 'They are refused or come after `--`; they are never read as an option.',
    proofs: {
      [ENQUEUE]: [
        'without arguments: adds every valid line of playlist.txt, and reports each invalid one with its number and reason',
      ],
      [MEDIA]: [
        'an invalid id is passed to no program and used in no path',
        'an id that begins with a hyphen',
        'that looks like an option',
      ],
      'src/media/yt-dlp-arguments.test.ts': [
        'the address is the canonical one, at the end',
        'neither the configuration of this machine nor the site decides what is run or where files are written',
      ],
      'src/queues/payloads.test.ts': ['%s refuses %j for good'],
    },
  },
  {
    number: 33,
    fault: 'URLs of the private network',
    injected: 'lines with all forms of such URLs, and a server that must not be reached',
    behaviour: 'Only hosts of YouTube are accepted, and URLs are built from validated ids.',
    proofs: {
      'test/faults/private-addresses.test.ts': [
        'no line of a playlist file leads to an address of the private network',
        'an address of the site that names another one is rebuilt from the id alone',
      ],
      'src/producers/playlist-reference.test.ts': [
        '%s is refused',
        'any text gives a safe reference or a reason, never an exception',
      ],
      'src/media/savetube-protocol.test.ts': ['an IP address has no sibling hosts'],
    },
    note: 'The responses of a provider are trusted as far as yt-dlp trusts them: it follows their media URLs, except file://.',
  },
  {
    number: 34,
    fault: 'Playlists that are broken, endless, repeated or invalid',
    injected: 'lists of the sample channel, a local Data API, a program with invalid output',
    behaviour:
      'Limits of number, size and time; invalid entries are skipped with a reason and the rest continues.',
    proofs: {
      'test/faults/poisoned-playlists.test.ts': [
        'are skipped one by one, and the valid one among them is accepted',
        'endless lines do not fill the memory',
        '%s: yt-dlp lists instead',
        'a body without end',
        'a gzip bomb',
      ],
      [LISTING]: [
        'repeated entries are listed each time',
        'a broken page is a problem, and earlier entries are kept',
        'an endless list ends at the cap with a problem',
        'a list with repeating pages ends',
        'a program with invalid output gives problems and no entries',
      ],
      'test/integration/playlist-data-api.test.ts': [
        'ends with a problem when pages repeat',
        '%s: yt-dlp lists instead, the key is in no log line',
      ],
      'test/integration/producer-schedule.test.ts': ['repeated entries keep their first position'],
      'src/producers/playlist-lines.test.ts': ['a very long line is truncated and the next one is complete'],
      'src/runtime/child-process.test.ts': [
        'a line without an end is cut at the limit, and the next one is complete',
      ],
    },
  },
  {
    number: 35,
    fault: 'Media that are live, endless, empty, truncated, corrupt, protected, or not media',
    injected: 'the faulty videos of the sample channel',
    behaviour: 'Each has its error class; only temporary failures are retried; no broken file is kept.',
    proofs: {
      [MEDIA]: [
        '%s fails as %s and leaves no files',
        'a video that is larger than allowed is not fetched',
        'a premiere is retried when it is due',
      ],
      'src/media/probe.test.ts': ['shorter than the site announced', 'the original may have any codec'],
      'test/integration/media-savetube.test.ts': [
        'a file without a content-length is not fetched beyond the limit',
      ],
      'test/integration/stages.test.ts': [
        'a permanent failure fails at once and never enters the retry queue',
      ],
    },
  },
  {
    number: 36,
    fault: 'yt-dlp or ffmpeg hangs, prints too much, reports false results, is missing or too old',
    injected: 'small programs in their place',
    behaviour: 'Deadlines, stall limits, limited logs, a check of the result; versions are checked at start.',
    proofs: {
      'test/faults/operator-tools.test.ts': ['downloads pause when %s suddenly, and resume after the repair'],
      [PROGRAMS]: [
        'a missing %s is an operator error',
        'yt-dlp that %s is reported as a failure',
        'endless error output neither fills the memory nor counts as progress',
        'a download that restarts again and again is a stall',
        'the deadline ends an endless download',
        'ffmpeg that %s is reported as a failure',
        'a yt-dlp that is too old, or another program in its place, is refused',
      ],
    },
  },
  {
    number: 37,
    fault: 'The dashboard is attacked',
    injected:
      'requests without a login, from other sites, with wrong passwords, forged sessions; titles with scripts',
    behaviour:
      'A login for everything except health, origin checks and roles for every change, escaped output, growing delays after failed logins, sessions that can be ended.',
    proofs: {
      'test/faults/dashboard-attacks.test.ts': [
        '%s leads to no file',
        'an endless path and endless headers are refused, and the next request is answered',
        'thousands of failures give one page of limited size',
        'the data of a job has ids and no secrets',
      ],
      [DASHBOARD]: [
        '%s needs a login',
        'a request that changes something and comes from %s is refused',
        'titles and messages are escaped',
        'an unreadable form is a client error',
        'a foreign host name that resolves to this machine is refused',
      ],
      'test/integration/dashboard-login.test.ts': [
        'are slowed down for their own name and client only, and the right password gets in after the delay',
        'cannot pretend to come from elsewhere when no proxy is trusted',
        'sent all at once are looked at one after another',
        'is good at all dashboards, and at none after its logout',
        'ends when nobody uses it, and in any case after its time',
        'cannot be made or changed by others',
        'has a cookie that browsers keep to this host over TLS',
        'each login, failure, delay, logout and change has one line with its address, and a counter',
      ],
      'src/dashboard/login/local-path.test.ts': ['whatever is given, a browser stays on this server'],
      'test/browser/access.test.ts': [
        'no page violates a rule of WCAG 2.2 AA or scrolls sideways, in both themes, on a desk and on a phone: %s',
      ],
      'src/config/parse-config.test.ts': [
        'the dashboard stays on this machine, without a login whatever DASHBOARD_HOST says',
      ],
      'src/queues/payloads.test.ts': ['%s refuses %j for good'],
    },
  },
  {
    number: 38,
    fault: 'Mistakes in the configuration and on the command line',
    injected: 'missing and invalid variables, unknown options',
    behaviour:
      'All problems are reported at once in one line each, exit 2, no stack trace, nothing is started.',
    proofs: {
      'test/faults/configuration.test.ts': [
        '%s without its servers says which variables to set and exits with 2',
        'all problems are reported at once, without the values of secrets',
        '%s %j exits with 2 and names the problem',
      ],
      'src/config/parse-config.test.ts': ['all problems are listed at once'],
      [ENQUEUE]: ['%j exits with %i', 'without a playlist file it says what to do'],
      'test/integration/mirror.test.ts': ['with a bad number', 'with two modes'],
    },
    note: 'An unhandled rejection ends the process as in Node, with its stack and status 1; its jobs are recovered as after a SIGKILL (rows 1 to 4).',
  },
];
