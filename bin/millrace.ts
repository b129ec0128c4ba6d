import { main } from '../local/cli/main.ts';

process.exitCode = await main(process.argv.slice(2));
