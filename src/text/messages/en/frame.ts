/** The frame around every page of the dashboard, and the pages that stand for one that cannot be shown. */
export const frame = {
  skipLink: 'Skip to the content',
  navigationLabel: 'Pages',
  navigation: {
    overview: 'Overview',
    videos: 'Videos',
    playlists: 'Playlists',
    feeds: 'Feeds',
    queues: 'Queues',
    health: 'Collection',
    reports: 'Reports',
    metrics: 'Metrics',
    api: 'API',
  },
  roles: { viewer: 'viewer', operator: 'operator' },
  logOut: 'Log out',
  languageLabel: 'Language',
  /** Said when parts of a page can no longer be refreshed. */
  connection: {
    lost: 'The dashboard does not answer: what this page shows may be out of date.',
    loggedOut: 'Your login has ended. Load the page again to log in.',
  },
  login: {
    title: 'Log in',
    name: 'Name',
    password: 'Password',
    submit: 'Log in',
    incomplete: 'Name and password are needed.',
    wrong: 'The name or the password is wrong.',
    tooEarly: (waitSeconds: number) =>
      `Several logins with this name from your address have failed. Try again in ${String(waitSeconds)} s.`,
    needed: 'Please log in at /login or with HTTP Basic.',
  },
  problems: {
    notFound: 'Page not found',
    notFoundText: 'There is nothing at this address. What it showed may have been deleted.',
    notAllowed: 'Not allowed',
    viewersOnlyRead: 'Only operators may change something; this login is that of a viewer.',
    foreignOrigin: 'The request came from a page of another site and was rejected.',
    localOnly:
      'Without a login the dashboard answers on localhost only. Set DASHBOARD_USER and DASHBOARD_PASSWORD, or DASHBOARD_USERS_FILE.',
    cannotBeShown: 'This page cannot be shown',
    unexpected: 'An unexpected error occurred. The log of the dashboard has the details.',
    unreadable: 'The request could not be read.',
    home: 'Go to the overview',
  },
};
