import { readFile } from 'node:fs/promises';
import { validateRcml, type RcmlReport } from '../rest/rcml-validation.ts';
import { CommandError, type Command, type Terminal } from './command.ts';

/** Reads documents as a call would, and says what is wrong with them, one complaint a line, as compilers do. */
export const lint: Command = {
  name: 'lint',
  usage: 'FILE…',
  summary: 'says what is wrong with RCML documents, with line and column; - reads what is piped in',
  async run(args, terminal) {
    if (args.length === 0) throw new CommandError('parley lint FILE…: name at least one document', 2);
    let isWrong = false;
    for (const file of args) {
      const report = validateRcml(await read(file, terminal), 'text/xml');
      tell(file, report, terminal);
      isWrong ||= !report.valid || report.complaints.some(({ severity }) => severity === 'error');
    }
    return isWrong ? 1 : 0;
  },
};

async function read(file: string, terminal: Terminal): Promise<Buffer> {
  if (file === '-') return terminal.readInput();
  try {
    return await readFile(file);
  } catch (error) {
    throw new CommandError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      2,
    );
  }
}

function tell(file: string, { valid, complaints }: RcmlReport, terminal: Terminal): void {
  for (const { line, column, severity, code, message, remedy } of complaints) {
    terminal.out(`${file}:${line}:${column}: ${severity} ${code}: ${message} ${remedy}\n`);
  }
  if (complaints.length === 0) terminal.out(`${file}: ${valid ? 'fine' : 'not a document'}\n`);
}
