import { chooseLanguage } from '@menglian/cli/language';
import { runProgram } from './commands/program.js';

const args = process.argv.slice(2);
await runProgram(args, chooseLanguage(args, process.env));
