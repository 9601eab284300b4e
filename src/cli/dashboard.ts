import { createCommand, runService } from './command/run-command.ts';

const command = createCommand(
  'dashboard',
  'Serves the overview, Bull Board and the metrics until it is stopped.',
  ['npm run dashboard', 'DASHBOARD_USER=ama DASHBOARD_PASSWORD=… DASHBOARD_PORT=8080 npm run dashboard'],
);

await runService(async ({ stop }, closeAtEnd) => {
  command.parse();
  const { dashboard } = await import('./dashboard/dashboard-command.ts');
  await dashboard(stop, closeAtEnd);
});
