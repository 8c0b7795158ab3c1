import type { Command } from './command.ts';
import { accountFindings } from './doctor-account.ts';
import { announcedFindings } from './doctor-addresses.ts';
import { dataFindings, isGatewayRunning, nodeFinding, portFindings } from './doctor-machine.ts';
import { turnFindings } from './doctor-turn.ts';
import { applicationFindings } from './doctor-webhooks.ts';
import { mediaFindings } from './doctor-worker.ts';
import type { Finding } from './finding.ts';
import { configOf, urlOf } from './gateway-access.ts';

const MARKS = { well: 'ok   ', odd: 'look ', wrong: 'WRONG' } as const;

/** Looks at everything that a gateway needs, and says what to do where something is missing. Changes nothing. */
export const doctor: Command = {
  name: 'doctor',
  usage: '',
  summary: 'checks ports, addresses, the SFU worker, the account and the webhooks, and says what to do',
  async run(_args, terminal) {
    const config = configOf(terminal);
    const url = urlOf(config, terminal);
    const isRunning = await isGatewayRunning(url);
    let wrongs = 0;
    const tell = (finding: Finding): void => {
      terminal.out(`${MARKS[finding.is]}  ${finding.what}\n`);
      if (finding.is !== 'well') terminal.out(`       ${finding.remedy}\n`);
      if (finding.is === 'wrong') wrongs += 1;
    };
    tell(nodeFinding(process.versions.node));
    for (const finding of await portFindings(config, url, isRunning)) tell(finding);
    for (const finding of await dataFindings(config)) tell(finding);
    for (const finding of await mediaFindings(config, isRunning)) tell(finding);
    for (const finding of announcedFindings(config)) tell(finding);
    for (const finding of await turnFindings(config)) tell(finding);
    for (const finding of await accountFindings(config)) tell(finding);
    for (const finding of await applicationFindings(config)) tell(finding);
    terminal.out(wrongs === 0 ? '\nNothing is wrong.\n' : `\n${wrongs} to be put right.\n`);
    return wrongs === 0 ? 0 : 1;
  },
};
