import { createFormats } from '../formats.ts';

const { count, number, plural } = createFormats('en');

const videos = (value: number) => count(value, { one: 'video', other: 'videos' });
const of = (value: number, one: string, other: string) => `${number(value)} ${plural(value, { one, other })}`;

/** The list of videos, and what can be done with many of them. */
export const videoTexts = {
  title: 'Videos',
  count: (value: number, isExact: boolean) => (isExact ? videos(value) : `${number(value)}+ videos`),
  /** Before a time: smaller ones are of now. */
  countedAt: 'Large numbers are as of',
  statuses: {
    discovered: 'discovered',
    downloaded: 'downloaded',
    stored: 'stored',
    mirrored: 'mirrored',
    retrying: 'retrying',
    failed: 'failed',
    skipped: 'skipped',
  },
  /** Why a video is skipped. */
  skipReasons: {
    too_short: 'too short',
    too_long: 'too long',
    title_not_included: 'its title has none of the wanted words',
    title_excluded: 'its title has an unwanted word',
    too_old: 'too old',
    too_new: 'too new',
    was_live: 'was a live event',
    short: 'a short',
    beyond_newest: 'not among the newest',
    unavailable: 'not available',
    ignored: 'skipped by a person',
    deleted: 'deleted by a person',
  },
  filters: {
    label: 'Filter the videos',
    text: 'Title, id or address',
    status: 'Status',
    playlist: 'Playlist',
    class: 'Reason',
    language: 'Language',
    channel: 'Channel id',
    all: 'all',
    submit: 'Filter',
    active: 'Active filters',
    /** The filter that a button takes away, for screen readers. */
    remove: (filter: string) => `Remove the filter ${filter}`,
    clear: 'Clear all filters',
    chip: (name: string, value: string) => `${name}: ${value}`,
  },
  sorts: {
    label: 'Sort by',
    changed: 'latest change',
    published: 'date of publication',
    title: 'title',
    duration: 'length',
    size: 'size',
  },
  orders: { label: 'Order', asc: 'ascending', desc: 'descending', usual: 'usual' },
  columns: {
    select: 'select',
    video: 'video',
    status: 'status',
    reason: 'reason',
    length: 'length',
    size: 'size',
    published: 'published',
    changed: 'changed',
  },
  select: (title: string) => `Select ${title}`,
  selectAll: 'Select all on this page',
  pages: {
    label: 'Pages of the list',
    first: 'First page',
    previous: 'Previous page',
    next: 'Next page',
  },
  empty: {
    noMatch: 'No video matches these filters.',
    remove: 'Take one away, or clear them all.',
    none: 'There are no videos yet.',
    add: 'Add a playlist, a channel or a video on the page of playlists; its videos appear here once it has been read.',
    playlists: 'Go to the playlists',
    pastTheEnd: 'There is nothing on this page any more.',
  },
  exports: {
    label: 'Download the list:',
    csv: 'as CSV',
    jsonLines: 'as JSON Lines',
    wrongFilter: 'A filter in this address is wrong. Choose the filters in the list of videos again.',
  },
  actions: {
    retry: 'Retry now',
    skip: 'Skip',
    unskip: 'Archive after all',
    redownload: 'Download again',
    remirror: 'Copy to Azure again',
  },
  bulk: {
    legend: 'What to do',
    selected: 'with the selected videos',
    matching: (howMany: string) => `with all that match: ${howMany}`,
    /** The questions of the page that asks for a confirmation. */
    questions: {
      retry: (value: number) => `Retry ${videos(value)} now?`,
      skip: (value: number) => `Skip ${videos(value)}?`,
      unskip: (value: number) => `Archive ${videos(value)} after all?`,
      redownload: (value: number) => `Download ${videos(value)} again?`,
      remirror: (value: number) => `Copy ${videos(value)} to Azure again?`,
    },
    effects: {
      retry: 'Each starts again at the stage that failed, and its rounds are counted from zero.',
      skip: 'They are not archived, and no later listing takes them up. Nothing that is archived is removed. This can be undone.',
      unskip: 'They are downloaded, those that a filter had left out and those that were deleted included.',
      redownload:
        'They are downloaded once more; each file in the bucket is replaced when the new one is complete.',
      remirror: 'Each is compared with its copy in Azure, which is replaced where it differs.',
    },
    scope: (confirmed: number) => `No more than ${videos(confirmed)} are changed, whatever matches by then.`,
    filters: 'Which videos',
    allVideos: 'All videos, without a filter',
    byStatus: 'The videos that match, by status',
    columns: { status: 'status', videos: 'videos', happens: 'what happens' },
    changes: 'is changed',
    staysAsItIs: 'stays as it is',
    confirm: 'Yes, do it',
    cancel: 'No, go back',
    nothing: 'None of these videos is in a state in which this could be done.',
    busy: 'Two such operations are running. Wait until one of them has finished, then try again.',
    audioDeleted: 'Its audio is deleted. The record stays, so that no listing brings it back.',
    deletionPending:
      'Its audio is being deleted: what is left, such as the copy in Azure, is removed in the background.',
    nothingSelected: 'Nothing was done: select videos first.',
    notUnderstood: 'Nothing was done: the request was not understood. Choose again in the list.',
    tooMany: (limit: number) =>
      `Nothing was done: at most ${videos(limit)} can be selected. Use “with all that match” for more.`,
  },
  run: {
    titles: {
      'videos.retry': 'Retry of videos',
      'videos.skip': 'Skip of videos',
      'videos.unskip': 'Archiving after all',
      'videos.redownload': 'New download of videos',
      'videos.remirror': 'New copies in Azure',
      'videos.undo skip': 'Undo of a skip',
    },
    progress: (done: number, total: number) => `${number(done)} of ${videos(total)}`,
    states: {
      running: 'It is running. This page may be left: the operation goes on.',
      finished: 'It is finished.',
      interrupted: 'It was interrupted. What is done stays done; the same operation again does the rest.',
      failed: 'It was stopped by an error. What is done stays done; the same operation again does the rest.',
    },
    by: (user: string) => `Started by ${user}`,
    somebody: 'somebody',
    back: 'Go to the videos',
    undo: 'Undo this skip',
    undoEffect:
      'An undo brings back exactly the videos that this skip changed: those that had failed are failed again, the others are downloaded.',
    error: 'Error',
  },
  /** How many videos had which outcome: `3 skipped`. */
  outcomes: {
    retried: (value: number) => `${number(value)} retried`,
    skipped: (value: number) => `${number(value)} skipped`,
    unskipped: (value: number) => of(value, 'is downloaded now', 'are downloaded now'),
    restored: (value: number) => of(value, 'is as it was before', 'are as they were before'),
    restarted: (value: number) => `${number(value)} started again`,
    refused: (value: number) => `${number(value)} left alone: neither failed nor waiting for a retry`,
    archived: (value: number) => `${number(value)} left alone: already archived`,
    deleted: (value: number) => `${number(value)} left alone: deleted before`,
    not_skipped: (value: number) => `${number(value)} left alone: not skipped`,
    on_its_way: (value: number) => `${number(value)} left alone: being archived`,
    not_stored: (value: number) => `${number(value)} left alone: not stored`,
    unknown: (value: number) => `${number(value)} unknown`,
    error: (value: number) => `${number(value)} could not be changed now; try again`,
  },
  /** Stands for an outcome of another version of the program. */
  otherOutcome: (value: number, outcome: string) => `${number(value)} ${outcome}`,
};
