/**
 * The rooms of `src`, from the ground up (docs/architecture.md): each may import those above it in this list, never one
 * below. So there is one direction, and no two rooms that import each other.
 */
const ROOMS = [
  'domain',
  'runtime',
  'text',
  'config',
  'database',
  'storage',
  'queues',
  'media',
  'staging',
  'egress',
  'mirror',
  'backlog',
  'collectors',
  'producers',
  'reports',
  'snapshots',
  'alerts',
  'reconcile',
  'operations',
  'workers',
  'dashboard',
  'cli',
];
/** Rooms that know nothing of each other. */
const APART = [
  ['database', 'storage', 'queues', 'media'],
  ['staging', 'egress', 'mirror', 'backlog'],
  ['workers', 'dashboard'],
];

const inRooms = (rooms) => `^src/(${rooms.join('|')})/`;
const oneDirection = ROOMS.slice(0, -1).map((room, index) => ({
  name: `${room}-imports-one-way`,
  severity: 'error',
  from: { path: inRooms([room]) },
  to: { path: inRooms(ROOMS.slice(index + 1)) },
}));
const apart = APART.flatMap((rooms) =>
  rooms.map((room) => ({
    name: `${room}-apart-from-its-neighbours`,
    severity: 'error',
    from: { path: inRooms([room]) },
    to: { path: inRooms(rooms.filter((other) => other !== room)) },
  })),
);

module.exports = {
  forbidden: [
    ...oneDirection,
    ...apart,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'only-known-rooms',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: inRooms(ROOMS) },
    },
    {
      name: 'domain-imports-nothing-of-ours-or-of-node',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'work-knows-nothing-of-bullmq',
      severity: 'error',
      from: { path: '^src/(media|storage|mirror|collectors|database)/' },
      to: { path: 'node_modules/bullmq' },
    },
    {
      name: 'kinds-of-sources-only-read',
      severity: 'error',
      from: { path: '^src/collectors/kinds/' },
      to: { path: '^src/(database|queues|media|storage|collectors/engine)/' },
    },
    {
      name: 'production-knows-nothing-of-local-or-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(local|test|bench)/' },
    },
    {
      name: 'only-fluent-ffmpeg-in-one-file',
      severity: 'error',
      from: { pathNot: '^src/media/ffmpeg\\.ts$' },
      to: { path: 'node_modules/(@types/)?fluent-ffmpeg' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.test\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
