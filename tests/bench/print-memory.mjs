// Preloaded into a process that is measured: prints the most memory it ever held when it ends.
process.on('exit', () => {
  const { maxRSS } = process.resourceUsage(); // kilobytes
  process.stderr.write(`peak ${Math.ceil(maxRSS / 1024)} MB\n`);
});
