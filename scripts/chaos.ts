/**
 * Runs the stacks on this machine under load while workers die, endpoints are cut, answers get lost and shards split, and accounts for
 * every event afterwards. Ends with 1 if anything is lost, counted twice or unaccounted for, or if a fault never bit.
 */
import { chaos } from '../local/chaos/command.ts';
import { Output } from '../local/cli/output.ts';

process.exitCode = await chaos(process.argv.slice(2), new Output());
