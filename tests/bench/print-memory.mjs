// Preloaded into a process that is measured: prints the most memory it ever held when it ends, threads included.
import { readFileSync } from 'node:fs';

/** In kilobytes: VmHWM where there is Linux, else what the system counts for the process. */
function peakKb() {
  const { maxRSS } = process.resourceUsage();
  if (process.platform !== 'linux') return maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

process.on('exit', () => process.stderr.write(`peak ${Math.ceil(peakKb() / 1024)} MB\n`));
