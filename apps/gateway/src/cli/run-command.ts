import { CommandError, type Command, type Terminal } from './command.ts';
import { doctor } from './doctor.ts';
import { lint } from './lint.ts';
import { outbox } from './outbox.ts';
import { token } from './token.ts';

const COMMANDS: readonly Command[] = [lint, doctor, outbox, token];

/** Runs what stands on the command line, and answers the exit code; undefined: the gateway itself is wanted. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number | undefined> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'start') return undefined;
  if (name === 'help' || name === '--help' || name === '-h') {
    terminal.out(helpText());
    return 0;
  }
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) {
    terminal.error(`There is no command ${name}.\n\n${helpText()}`);
    return 2;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    terminal.error(`${error.message}\n`);
    return error.exitCode;
  }
}

function helpText(): string {
  const entries = [
    ['parley [start]', 'runs the gateway; docs/operating.md has its variables'],
    ...COMMANDS.map(({ name, usage, summary }) => [`parley ${name} ${usage}`.trim(), summary]),
  ];
  return entries.map(([call, what]) => `${call}\n    ${what}\n`).join('');
}
