// oxlint-disable-next-line no-restricted-imports -- The published fake is what is compared with a real gateway here.
import { Device, type Call, type VideoRequest } from '@parley/client';
// oxlint-disable-next-line no-restricted-imports -- The published fake is what is compared with a real gateway here.
import type { FakeGateway } from '@parley/client/testing';
import type { JSHandle } from '@playwright/test';
import type { PhonePage } from './phone-page.ts';

/** What a person does in a call, on a page with the real gateway or on a device with the published fake. */
export interface Talker {
  dial(name: string): Promise<void>;
  accept(): Promise<void>;
  reject(): Promise<void>;
  hangUp(): Promise<void>;
  hold(on: boolean): Promise<void>;
  /** Does not wait for what comes of it. */
  transfer(name: string): Promise<void>;
  askForVideo(): Promise<void>;
  /** Answers the question that is there, or comes. */
  answerVideo(accepted: boolean): Promise<void>;
  removeVideo(): Promise<void>;
  /** Places a second call; what is asked for and told is about the first. */
  callBeside(name: string): Promise<void>;
  /** Brings the other sides of both calls together. */
  merge(): Promise<void>;
  /** Whom the person is joined with, whether video is agreed on, and who holds whom. */
  standing(): Promise<string>;
  /** What the gateway has told of the call, frame by frame, but for media; and how it ended. */
  told(): Promise<readonly string[]>;
}

type Verb =
  | 'listen'
  | 'accept'
  | 'reject'
  | 'hangUp'
  | 'hold'
  | 'transfer'
  | 'askForVideo'
  | 'answerVideo'
  | 'removeVideo';

/** A call, and the questions for video that have no answer yet. */
type TalkersCall = Call & { questions?: VideoRequest[] };

/** Runs in the page as well: it uses nothing from this module. */
async function perform([call, verb, argument]: readonly [TalkersCall, Verb, unknown]): Promise<void> {
  switch (verb) {
    case 'listen':
      call.questions = [];
      call.on('videoRequested', (request) => call.questions?.push(request));
      return;
    case 'accept':
      return call.accept();
    case 'reject':
      call.reject({ everywhere: true });
      return;
    case 'hangUp':
      await call.disconnect();
      return;
    case 'hold':
      return call.hold(argument as boolean);
    case 'transfer':
      call.transfer({ to: argument as string }).catch(() => undefined);
      return;
    case 'askForVideo':
      void call.media.requestVideo({ video: false }).catch(() => undefined);
      return;
    case 'answerVideo': {
      // The question may be there before anybody waits for it.
      if (call.questions?.length === 0) await call.once('videoRequested');
      const request = call.questions?.shift();
      await (argument === true ? request?.accept({ video: false }) : request?.decline());
      return;
    }
    case 'removeVideo':
      return call.media.removeVideo();
  }
}

/** The same. */
async function mergeCalls(device: Device): Promise<void> {
  const [first, second] = device.calls;
  if (first === undefined || second === undefined) throw new Error('there are not two calls');
  await second.transfer({ to: first });
}

/** The same. */
function standingOf(call: Call): string {
  const { phase, other, video, held } = call.store.getSnapshot();
  return [phase, other?.identity ?? 'nobody', video ? 'video' : 'audio', held.local, held.remote].join(' ');
}

interface TraceFile {
  readonly call: { readonly reason: string | null };
  readonly entries: readonly { readonly kind: string; readonly frame?: { readonly type: string } }[];
}

/** Media come as the two planes have it; what is told of the call is the gateway's. */
const MEDIA = /^(consume|consumer|producer|mediaReset)/;

function toldIn(trace: string): readonly string[] {
  const { call, entries } = JSON.parse(trace) as TraceFile;
  const frames = entries.flatMap(({ kind, frame }) => (kind === 'received' && frame ? [frame.type] : []));
  return [...frames.filter((type) => !MEDIA.test(type)), `end: ${call.reason}`];
}

/** A device on the fake gateway. */
export class FakeTalker implements Talker {
  readonly #gateway: FakeGateway;
  readonly #device: Device;
  #call: Call | null = null;

  private constructor(gateway: FakeGateway, device: Device) {
    this.#gateway = gateway;
    this.#device = device;
    device.on('incoming', (call) => (this.#call = call));
  }

  static async open(gateway: FakeGateway, name: string): Promise<FakeTalker> {
    const device = new Device(name, { platform: gateway.page().platform, logLevel: 'silent' });
    await device.register();
    return new FakeTalker(gateway, device);
  }

  async dial(name: string): Promise<void> {
    this.#call = await this.#device.connect({ to: name });
    await this.#do('listen');
  }

  get #mine(): Call {
    if (this.#call === null) throw new Error('there is no call');
    return this.#call;
  }

  async #do(verb: Verb, argument?: unknown): Promise<void> {
    await this.#gateway.settle();
    await perform([this.#mine, verb, argument]);
    await this.#gateway.settle();
  }

  async accept(): Promise<void> {
    await this.#do('listen');
    await this.#do('accept');
  }

  reject = (): Promise<void> => this.#do('reject');
  hangUp = (): Promise<void> => this.#do('hangUp');
  hold = (on: boolean): Promise<void> => this.#do('hold', on);
  transfer = (name: string): Promise<void> => this.#do('transfer', name);
  askForVideo = (): Promise<void> => this.#do('askForVideo');
  answerVideo = (accepted: boolean): Promise<void> => this.#do('answerVideo', accepted);
  removeVideo = (): Promise<void> => this.#do('removeVideo');

  async callBeside(name: string): Promise<void> {
    await this.#device.connect({ to: name });
    await this.#gateway.settle();
  }

  merge(): Promise<void> {
    return mergeCalls(this.#device);
  }

  async standing(): Promise<string> {
    await this.#gateway.settle();
    return standingOf(this.#mine);
  }

  async told(): Promise<readonly string[]> {
    await this.#mine.ended;
    return toldIn(await (await this.#mine.exportTrace()).text());
  }
}

interface TalkerWindow {
  readonly parleyDevice: Device;
  talkersCall?: Call | undefined;
}

/** A page of the softphone, with the real gateway. */
export class PageTalker implements Talker {
  readonly #phone: PhonePage;

  constructor(phone: PhonePage) {
    this.#phone = phone;
  }

  async dial(name: string): Promise<void> {
    await this.#phone.dial(name);
    await this.#do('listen');
  }

  /** The page's one call, which is still asked about when it is over. */
  async #keep(): Promise<JSHandle<Call>> {
    const handle = await this.#phone.page.waitForFunction(() => {
      const page = window as unknown as TalkerWindow;
      page.talkersCall ??= page.parleyDevice.calls[0];
      return page.talkersCall;
    });
    return handle as unknown as JSHandle<Call>;
  }

  async #do(verb: Verb, argument?: unknown): Promise<void> {
    await this.#phone.page.evaluate(perform, [await this.#keep(), verb, argument] as const);
  }

  async accept(): Promise<void> {
    await this.#do('listen');
    await this.#do('accept');
  }

  reject = (): Promise<void> => this.#do('reject');
  hangUp = (): Promise<void> => this.#do('hangUp');
  hold = (on: boolean): Promise<void> => this.#do('hold', on);
  transfer = (name: string): Promise<void> => this.#do('transfer', name);
  askForVideo = (): Promise<void> => this.#do('askForVideo');
  answerVideo = (accepted: boolean): Promise<void> => this.#do('answerVideo', accepted);
  removeVideo = (): Promise<void> => this.#do('removeVideo');

  async callBeside(name: string): Promise<void> {
    await this.#phone.page.evaluate(
      async ([device, to]) => {
        await device.connect({ to });
      },
      [await this.#device(), name] as const,
    );
  }

  async merge(): Promise<void> {
    await this.#phone.page.evaluate(mergeCalls, await this.#device());
  }

  async #device(): Promise<JSHandle<Device>> {
    return this.#phone.page.evaluateHandle(() => (window as unknown as TalkerWindow).parleyDevice);
  }

  async standing(): Promise<string> {
    return this.#phone.page.evaluate(standingOf, await this.#keep());
  }

  async told(): Promise<readonly string[]> {
    const trace = await this.#phone.page.evaluate(
      async (call) => {
        await call.ended;
        return (await call.exportTrace()).text();
      },
      await this.#keep(),
    );
    return toldIn(trace);
  }
}
