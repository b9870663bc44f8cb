/** Where logs go: standard output, which is a file under `perennial start`. */
import { type DestinationStream, destination } from 'pino';

/** More than this is not kept while nothing can be written. */
const WAITING_MOST_BYTES = 1_000_000;

/**
 * A destination that outlives a full disk: what can not be written waits and goes out once there is room, the rest is dropped.
 * Without this a process would end because it could not say something.
 */
export function logOutput(fd = 1): DestinationStream {
  const output = destination({ fd, sync: false, maxLength: WAITING_MOST_BYTES });
  // There is nowhere to tell it: the log is what fails. The step that needed the disk tells its own failure.
  output.on('error', () => {});
  return output;
}
