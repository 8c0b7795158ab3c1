import type { OpenOutput } from '../core/call-state.ts';
import type { CallRunner } from './call-runner.ts';

/** Carries out what a call decides that does not only ring. */
export function perform(runner: CallRunner, output: OpenOutput): void {
  const { call, callId, host, state } = runner;
  switch (output.type) {
    case 'request':
      if (output.request === 'accept') runner.sendAccept();
      else void host.link.request({ type: 'hangup', callId });
      break;
    case 'event':
      if (output.name === 'accept') call.emit('accept', call);
      else if (output.name === 'ringing') call.emit('ringing', state.hasEarlyMedia);
      else call.emit(output.name);
      break;
    case 'reconnecting':
      call.emit('reconnecting', output.error);
      break;
    case 'reconnected':
      call.emit('reconnected', { gapMs: output.gapMs });
      break;
  }
}
