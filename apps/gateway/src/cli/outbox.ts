import { CommandError, type Command, type Terminal } from './command.ts';
import { accessOf, askGateway, isRecord } from './gateway-access.ts';

const USAGE = 'parley outbox [list [CALL_SID] | replay CALL_SID | replay --all]';

/** Shows the callbacks that were given up, and sends them again. */
export const outbox: Command = {
  name: 'outbox',
  usage: '[list [CALL_SID] | replay CALL_SID | replay --all]',
  summary: 'lists callbacks that were given up, and takes them up again',
  async run([verb = 'list', which, ...more], terminal) {
    if (more.length > 0) throw new CommandError(USAGE, 2);
    switch (verb) {
      case 'list':
        return list(which, terminal);
      case 'replay':
        return replay(which, terminal);
      default:
        throw new CommandError(USAGE, 2);
    }
  },
};

async function list(callSid: string | undefined, terminal: Terminal): Promise<number> {
  const query = new URLSearchParams({ State: 'dead', PageSize: '1000' });
  if (callSid !== undefined) query.set('CallSid', callSid);
  const page = await askGateway(accessOf(terminal), `/Callbacks.json?${query.toString()}`);
  const callbacks = Array.isArray(page['callbacks']) ? page['callbacks'].filter(isRecord) : [];
  for (const { date_created, call_sid, sequence_number, attempts, url, last_error } of callbacks) {
    terminal.out(
      `${String(date_created)}  ${String(call_sid)} #${String(sequence_number)}  ${String(attempts)} attempts  ${String(url)}  ${String(last_error)}\n`,
    );
  }
  const total = Number(page['total']);
  const shown = total > callbacks.length ? `, of which the newest ${callbacks.length} are shown` : '';
  terminal.out(total === 0 ? 'No callback was given up.\n' : `${total} given up${shown}.\n`);
  return 0;
}

async function replay(which: string | undefined, terminal: Terminal): Promise<number> {
  // Everything at once is asked for by name: a server that was down for a week is told all of it.
  if (which === undefined) throw new CommandError(`${USAGE}: say which call, or --all`, 2);
  const form = which === '--all' ? {} : { CallSid: which };
  const { replayed } = await askGateway(accessOf(terminal), '/Callbacks/Replay.json', form);
  terminal.out(`${String(replayed)} taken up again.\n`);
  return 0;
}
