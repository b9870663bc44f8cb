#!/usr/bin/env node
// The package's bin. The source is TypeScript: tsx translates it as it is imported, so a checkout needs no build step.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
