/**
 * Gets the Temporal command line by the SDK's own download into a folder: `temporal-download.ts VERSION FOLDER`. The SDK
 * downloads as part of starting a server, so one is started and stopped.
 */
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [version, downloadDir] = process.argv.slice(2);
if (version === undefined || downloadDir === undefined)
  throw new Error('Usage: temporal-download.ts VERSION FOLDER');
const environment = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'cached-download', version, downloadDir }, ip: '127.0.0.1' },
});
await environment.teardown();
