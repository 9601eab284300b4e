import type { FaultRow } from './fault-row.ts';

const MEDIA = 'test/integration/media.test.ts';
const PROGRAMS = 'test/faults/media-programs.test.ts';
const LISTING = 'test/integration/playlist-yt-dlp.test.ts';
const ENQUEUE = 'test/integration/producer-enqueue.test.ts';
const DASHBOARD = 'test/integration/dashboard.test.ts';

/** Disks, titles, addresses, playlists, media, programs, the web and the command line. */
export const FILES_AND_INPUT: readonly FaultRow[] = [
  {
    number: 28,
    fault: 'The disk is full while a file is fetched or converted',
    injected: 'a small tmpfs that fills up; a program that says that there is no room',
    behaviour:
      'Intake pauses with its reason, work files go, it resumes by itself; never a cut file in the bucket.',
    proofs: {
      'test/faults/operator-disk.test.ts': [
        'in the middle of a download pauses downloads, and leaves nothing half-done',
        'below its floor by other files than ours is a fault; nothing is begun',
      ],
      [PROGRAMS]: ['has no room'],
      'test/integration/stages.test.ts': [
        'a fault for a person pauses the intake, is probed, and no attempt is counted',
      ],
    },
  },
  {
    number: 29,
    fault: 'A file vanishes or cannot be read during its upload',
    injected: 'a file that is cut short, removed or written over while it is sent, in one piece and in parts',
    behaviour: 'An error of that job, which is tried again; the process lives.',
    proofs: {
      'test/faults/changed-midway.test.ts': ['%s: one that %s is an error, and no object is left'],
      'test/faults/storage.test.ts': ['a file that is gone is told apart from a store that fails'],
    },
  },
  {
    number: 30,
    fault: 'Titles that climb directories, steer terminals, name devices, are empty or endless',
    injected: 'the odd titles of the sample channel',
    behaviour:
      'Files and objects are named by the id alone; the title is kept, encoded, as metadata and tag.',
    proofs: {
      'test/faults/odd-titles.test.ts': [
        'whatever a title holds, file and object are named by the id, and the title is told as it is',
      ],
      [MEDIA]: ['a title %s does no harm'],
      [LISTING]: ['titles with anything in them arrive whole'],
      'src/storage/metadata.test.ts': [
        'fits into headers and limits, whatever it is made of',
        'is cut between code points',
      ],
      'src/staging/staging.test.ts': ['neither an odd id nor a link leads out of it'],
    },
  },
  {
    number: 31,
    fault: 'Two titles, or two ids, that a file system takes for the same',
    injected: 'titles that are equal but for accents and case, on ids that differ by letter case alone',
    behaviour: 'Two files and two objects.',
    proofs: {
      'test/faults/odd-titles.test.ts': [
        'whatever a title holds, file and object are named by the id, and the title is told as it is',
      ],
      [MEDIA]: ['ids that differ by letter case alone give two files'],
      'src/staging/staging.test.ts': [
        'differ for different ids even where letter case is ignored, and read back',
      ],
    },
  },
  {
    number: 32,
    fault: 'Ids and addresses that look like options, or hold a line break',
    injected: 'such lines, ids and jobs',
    behaviour: 'They are refused or stand behind `--`; they are never an option.',
    proofs: {
      [ENQUEUE]: [
        'without arguments: every good line of playlist.txt, each bad one with its number and reason',
      ],
      [MEDIA]: [
        'a name that is no id reaches neither a program nor a path',
        'an id that begins with a hyphen',
        'that looks like an option',
      ],
      'src/media/yt-dlp-arguments.test.ts': [
        'the address is the canonical one and stands alone behind --',
        'nothing of this machine or of the site decides what is run or where it is written',
      ],
      'src/queues/payloads.test.ts': ['%s refuses %j for good'],
    },
  },
  {
    number: 33,
    fault: 'Addresses that lead into the private network',
    injected: 'lines of all such forms, and a server that nobody may reach',
    behaviour: 'Only YouTube’s own hosts are taken, and addresses are rebuilt from checked ids.',
    proofs: {
      'test/faults/private-addresses.test.ts': [
        'no line of a playlist file leads to an address of the private network',
        'an address of the site that names another one is rebuilt from the id alone',
      ],
      'src/producers/playlist-reference.test.ts': [
        '%s is refused',
        'whatever the text: no exception, only the safe forms',
      ],
      'src/media/savetube-protocol.test.ts': ['below an address of numbers, only itself'],
    },
    note: 'What a provider answers is trusted as far as yt-dlp trusts it: its addresses of media are followed, file:// is off.',
  },
  {
    number: 34,
    fault: 'Playlists that are broken, endless, repeated or nonsense',
    injected: 'lists of the sample channel, a Data API of the test’s own, a program that prints nonsense',
    behaviour: 'Caps of number, size and time; what is bad is left out with its reason and the rest goes on.',
    proofs: {
      'test/faults/poisoned-playlists.test.ts': [
        'are left out, each for itself, and the good one among them is taken',
        'lines without end do not fill the memory',
        '%s: yt-dlp lists in its place',
        'a body without end',
        'a gzip bomb',
      ],
      [LISTING]: [
        'repeated entries are listed each time',
        'a broken page is a problem, not the end of all',
        'an endless list ends at the cap with a problem',
        'a list whose pages repeat ends',
        'a program that prints nonsense gives problems and no entries',
      ],
      'test/integration/playlist-data-api.test.ts': [
        'pages that repeat end with a problem',
        '%s: yt-dlp lists, the key is nowhere',
      ],
      'test/integration/producer-schedule.test.ts': ['repeated entries keep their first place'],
      'src/producers/playlist-lines.test.ts': ['an endless line is cut and the next one is whole'],
      'src/runtime/child-process.test.ts': [
        'a line without end is cut at the limit and the next one is whole',
      ],
    },
  },
  {
    number: 35,
    fault: 'Media that is live, endless, empty, cut, corrupt, protected or not media at all',
    injected: 'the faulty videos of the sample channel',
    behaviour: 'Each is told apart; only those that may get better are tried again; nothing broken is kept.',
    proofs: {
      [MEDIA]: [
        '%s fails as %s and leaves nothing behind',
        'what is larger than allowed is not fetched',
        'a premiere is tried again when it should be there',
      ],
      'src/media/probe.test.ts': ['shorter than the site announced', 'the original may have any codec'],
      'test/integration/media-savetube.test.ts': [
        'a file without announced size is not fetched beyond the limit',
      ],
      'test/integration/stages.test.ts': [
        'a permanent failure fails at once and never enters the retry queue',
      ],
    },
  },
  {
    number: 36,
    fault: 'yt-dlp or ffmpeg hangs, floods, lies, is missing or too old',
    injected: 'small programs in their place',
    behaviour:
      'Deadlines, stall limits, bounded logs, a check of the result; versions are checked before work begins.',
    proofs: {
      'test/faults/operator-tools.test.ts': [
        'downloads pause when %s all at once, and go on when it is mended',
      ],
      [PROGRAMS]: [
        'a missing %s is a matter for the operator',
        'yt-dlp that %s is a failure',
        'errors without end neither fill the memory nor pass for progress',
        'a download that starts again and again is a stall',
        'the deadline ends what makes progress for ever',
        'ffmpeg that %s is a failure',
        'a yt-dlp that is too old or another program is refused',
      ],
    },
  },
  {
    number: 37,
    fault: 'The dashboard is attacked',
    injected: 'requests without login, from other sites, with wrong passwords; titles with scripts',
    behaviour:
      'A login for all but health, origin checks on every change, everything escaped, guessing is slowed down.',
    proofs: {
      'test/faults/dashboard-attacks.test.ts': [
        '%s leads to no file',
        'one without end and headers without end are refused, and the next request is answered',
        'thousands of failures make one page of bounded size',
        'the data of a job holds ids and nothing that is secret',
      ],
      [DASHBOARD]: [
        '%s is closed to those who are not logged in',
        'the right password opens a session that only the server can read, make or prolong',
        'the login does not lead to %s',
        'a request that changes something and comes from %s is refused',
        'titles and messages are shown, never run',
        'a form that cannot be read is the fault of the sender',
        'wrong passwords are refused, and after ten the right one too for a while',
        'a name of another site that points here gets nothing',
      ],
      'test/browser/dashboard.test.ts': ['the overview fits %i pixels and runs nothing of a title'],
      'src/config/parse-config.test.ts': [
        'without a login the dashboard stays on this machine, whatever DASHBOARD_HOST says',
      ],
      'src/queues/payloads.test.ts': ['%s refuses %j for good'],
    },
  },
  {
    number: 38,
    fault: 'Mistakes in the configuration and on the command line',
    injected: 'variables left out or wrong, unknown options',
    behaviour: 'All problems at once in plain lines, exit 2, no stack, nothing half started.',
    proofs: {
      'test/faults/configuration.test.ts': [
        '%s without its servers says which variables to set and ends with 2',
        'all that is wrong is said at once, without the values of secrets',
        '%s %j ends with 2 and says what is wrong',
      ],
      'src/config/parse-config.test.ts': ['all problems are listed at once, in plain words'],
      [ENQUEUE]: ['%j ends with %i', 'without a playlist file it says what to do'],
      'test/integration/mirror.test.ts': ['with a bad number', 'with two modes'],
    },
    note: 'An unhandled rejection ends the process as Node does, with its stack and status 1; its jobs come back as after a SIGKILL (rows 1 to 4).',
  },
];
