'use strict';

/** Whether the service in this container should be given requests, for the container's health check. */
const port = process.env['YICHI_PORT'] || '3000';

fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(4000) }).then(
  ({ ok }) => process.exit(ok ? 0 : 1),
  () => process.exit(1),
);
