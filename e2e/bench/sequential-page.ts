// A video call as most pages on mediasoup set one up: everything after the answer, one step after the other, as in
// mediasoup's own demo. Bundled for the browser by the bench. It is given what costs it nothing: the socket is open and the
// caller's devices are opened when she calls, not when she is answered.
import { Device, type types } from 'mediasoup-client';
import type { AnswerFrame, Method, Notice, RequestFrame, Requests } from './sequential-wire.ts';
import { PICTURE } from './picture.ts';

const socket = new WebSocket(`ws://${location.host}/socket${location.search}`);
const waiting = new Map<number, (answer: unknown) => void>();
let requests = 0;
let call: {
  transports: types.Transport[];
  recv: types.Transport | null;
  local: Promise<MediaStream>;
} | null = null;

function request<M extends Method>(method: M, data: Requests[M]['data']): Promise<Requests[M]['answer']> {
  const frame: RequestFrame = { id: (requests += 1), method, data };
  socket.send(JSON.stringify(frame));
  return new Promise((resolve) => {
    waiting.set(frame.id, resolve as (answer: unknown) => void);
  });
}

socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
  const frame = JSON.parse(data) as AnswerFrame | Notice;
  if ('notice' in frame) void onNotice(frame);
  else waiting.get(frame.id)?.(frame.answer);
});

async function onNotice(notice: Notice): Promise<void> {
  switch (notice.notice) {
    case 'incoming':
      show('incoming', true);
      break;
    case 'accepted':
      await join();
      break;
    case 'newConsumer': {
      const consumer = await call?.recv?.consume(notice.consumer);
      if (consumer === undefined) return;
      attach(consumer.track);
      await request('resume', { consumerId: consumer.id });
      break;
    }
    case 'ended':
      end();
      break;
  }
}

function openDevices(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ audio: true, video: PICTURE });
}

/** From here on it is the demo's `_joinRoom`: capabilities, both transports, then what this side sends. */
async function join(): Promise<void> {
  if (call === null) return;
  const device = new Device();
  await device.load({ routerRtpCapabilities: await request('routerCapabilities', {}) });
  const send = device.createSendTransport(await request('createTransport', { direction: 'send' }));
  serve(send);
  const recv = device.createRecvTransport(await request('createTransport', { direction: 'recv' }));
  serve(recv);
  call.transports = [send, recv];
  call.recv = recv;
  await request('joined', { rtpCapabilities: device.recvRtpCapabilities });
  const stream = await call.local;
  for (const track of [...stream.getAudioTracks(), ...stream.getVideoTracks()]) await send.produce({ track });
}

/** A transport asks its application to carry its two messages to the server. */
function serve(transport: types.Transport): void {
  const transportId = transport.id;
  // oxlint-disable promise/no-callback-in-promise -- mediasoup-client is told the outcome by callbacks.
  transport.on('connect', ({ dtlsParameters }, done) => {
    void request('connectTransport', { transportId, dtlsParameters }).then(() => done());
  });
  transport.on('produce', ({ kind, rtpParameters }, done) => {
    void request('produce', { transportId, kind, rtpParameters }).then((answer) => done(answer));
  });
  // oxlint-enable promise/no-callback-in-promise
}

function attach(track: MediaStreamTrack): void {
  const element = document.querySelector<HTMLMediaElement>(track.kind === 'video' ? 'video' : 'audio');
  if (element === null) return;
  element.srcObject = new MediaStream([track]);
  void element.play();
}

function end(): void {
  for (const transport of call?.transports ?? []) transport.close();
  void call?.local.then((stream) => stream.getTracks().forEach((track) => track.stop()));
  call = null;
  show('incoming', false);
}

function show(testId: string, isShown: boolean): void {
  const element = document.querySelector<HTMLElement>(`[data-testid="${testId}"]`);
  if (element !== null) element.hidden = !isShown;
}

function onClick(testId: string, action: () => void): void {
  document.querySelector(`[data-testid="${testId}"]`)?.addEventListener('click', action);
}

onClick('call-video', () => {
  call = { transports: [], recv: null, local: openDevices() };
  void request('call', { to: 'jenny' });
});
onClick('accept-video', () => {
  // The person called opens hers after she has said yes, and not before.
  call = { transports: [], recv: null, local: openDevices() };
  void request('accept', {});
  void join();
});
onClick('hangup', () => {
  end();
  void request('hangUp', {});
});
socket.addEventListener('open', () => {
  document.body.dataset['state'] = 'registered';
});
