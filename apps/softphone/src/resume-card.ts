import type { Device, ResumableCall } from '@parley/client';
import { icon } from './icons.ts';
import { el, keepRows, type Scope } from './view.ts';

/** After a reload: the calls this tab was in, which the gateway keeps for a while. Each is taken up again, or ended. */
export function createResumeCard(
  device: Device,
  onProblem: (error: unknown) => void,
  scope: Scope,
): HTMLElement {
  const list = el('ul', {
    class: 'resumable',
    'aria-label': 'Calls to take up again',
    hidden: true,
    'data-testid': 'resumable',
  });
  let offered: readonly ResumableCall[] = [];
  const write = keepRows<ResumableCall>(list, ({ callId }) => callId, makeRow, scope);
  const show = (calls: readonly ResumableCall[]): void => {
    offered = calls;
    list.hidden = calls.length === 0;
    write(calls);
  };
  const settle = (call: ResumableCall): void => show(offered.filter((each) => each !== call));
  function makeRow(call: ResumableCall) {
    void call.ended.then(() => settle(call));
    const who = call.other?.identity ?? call.parameters.To;
    const element = el('li', { class: 'notice-line' }, [
      el('p', { class: 'who' }, [`You were in a call with ${who}.`]),
      el('button', { type: 'button', class: 'button', 'data-testid': 'resume' }, [icon('phone'), 'Go on'], {
        click: () => {
          settle(call);
          call.resume({ signal: scope }).catch(onProblem);
        },
      }),
      el(
        'button',
        {
          type: 'button',
          class: 'round',
          'aria-label': `Hang up ${who}`,
          title: 'Hang up',
          'data-testid': 'resume-hangup',
        },
        [icon('hangup')],
        {
          click: () => {
            settle(call);
            call.hangup().catch(onProblem);
          },
        },
      ),
    ]);
    return { element, update: () => undefined };
  }
  device.resumable().then((calls) => {
    if (!scope.aborted) show(calls);
  }, onProblem);
  return list;
}
