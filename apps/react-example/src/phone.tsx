import type { Call } from '@parley/client';
import {
  LocalVideo,
  RemoteAudio,
  RemoteVideo,
  useCall,
  useCallAnnouncer,
  useCallDuration,
  useCallShortcuts,
  useCallState,
  useDevice,
  useDeviceState,
  useLastEnd,
} from '@parley/react';
import type { FormEvent, ReactNode } from 'react';

/** The whole telephone: what there is decides what is shown. */
export function Phone(): ReactNode {
  const { state, identity } = useDeviceState((device) => ({
    state: device.state,
    identity: device.identity,
  }));
  const call = useCall();
  // Heard here, where it outlives what is shown during a call.
  const last = useLastEnd();
  const announcement = useCallAnnouncer();
  useCallShortcuts();
  return (
    <>
      <p>
        <strong>{identity ?? '…'}</strong> <span data-testid="state">{state}</span>
      </p>
      {call === null ? <Dialer /> : <Conversation call={call} />}
      {call === null && last !== null ? <p>The last call ended: {last.end.reason}</p> : null}
      <RemoteAudio>
        {(unlock) => <button onClick={() => void unlock()}>Turn the sound on</button>}
      </RemoteAudio>
      <p role="status">{announcement}</p>
    </>
  );
}

function Dialer(): ReactNode {
  const device = useDevice();
  const dial = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const to = new FormData(event.currentTarget).get('to');
    if (typeof to === 'string' && to !== '')
      void device.connect({ to, video: true, params: { Video: 'true' } });
  };
  return (
    <form onSubmit={dial}>
      <label>
        Whom? <input name="to" autoComplete="off" />
      </label>
      <button>Call</button>
    </form>
  );
}

function Conversation({ call }: { readonly call: Call }): ReactNode {
  const status = useCallState(call, (state) => state.status);
  const name = useCallState(call, (state) => state.other?.identity ?? state.parameters.To);
  const isMuted = useCallState(call, (state) => state.isMuted) ?? false;
  const seconds = useCallDuration(call);
  return (
    <section>
      <h1>
        {name} <small data-testid="status">{status}</small> {seconds === null ? null : `${seconds} s`}
      </h1>
      <div className="pictures">
        <RemoteVideo call={call} data-testid="remote" />
        <LocalVideo call={call} className="self" />
      </div>
      {status === 'pending' ? (
        <button onClick={() => void call.accept({ video: true })}>Answer</button>
      ) : null}
      <button aria-pressed={isMuted} onClick={() => call.mute(!isMuted)}>
        Mute
      </button>
      <button onClick={() => void call.disconnect()}>Hang up</button>
    </section>
  );
}
