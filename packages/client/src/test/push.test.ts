import type { DeclineSecret, PushDecline, PushOver, PushRing } from '@parley/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerFromPush } from '../notifications/answer-from-push.ts';
import { answerPushes, type AnswerPushesOptions, type PushScope } from '../notifications/answer-pushes.ts';
import { disablePush, enablePush } from '../notifications/push-address.ts';
import { CALL_SID as SID, incoming, World } from './world.test.kit.ts';

const CALL_SID: string = SID;

interface Shown {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly data: unknown;
  readonly silent?: boolean;
}

/** A service worker, its pages, and what it shows. */
class FakeWorker implements PushScope {
  readonly #listeners = new Map<string, (event: never) => void>();
  readonly shown = new Map<string, Shown>();
  readonly opened: string[] = [];
  readonly told: unknown[] = [];
  pages: { visibilityState: string }[] = [];
  focused = 0;
  /** What the gateway answers when it is told something, in turn; `null`: it cannot be reached. The last goes on. */
  answers: (number | null)[] = [200];
  readonly posted: { readonly url: string; readonly method: string; readonly body: unknown }[] = [];

  readonly clients = {
    matchAll: async () =>
      this.pages.map((page) => ({
        ...page,
        postMessage: (message: unknown) => void this.told.push(message),
        focus: async () => void (this.focused += 1),
      })),
    openWindow: async (url: string) => void this.opened.push(url),
  };
  readonly registration = {
    showNotification: async (title: string, options: object) => {
      const notification = { title, ...options } as Shown;
      this.shown.set(notification.tag, notification);
    },
    getNotifications: async ({ tag }: { tag: string }) =>
      [...this.shown.values()].filter((each) => each.tag === tag).map(() => ({ close: () => undefined })),
  };

  async fetch(url: string, { method, body }: { method: string; body: string }): Promise<{ status: number }> {
    this.posted.push({ url, method, body: JSON.parse(body) });
    const status = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    if (status === null || status === undefined) throw new TypeError('failed to fetch');
    return { status };
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener);
  }

  async push(payload: unknown): Promise<void> {
    const json = (): unknown => {
      if (payload === 'garbage') throw new SyntaxError('no JSON');
      return payload;
    };
    await this.#fire('push', { data: payload === undefined ? null : { json } });
  }

  async click(notification: Shown, action = ''): Promise<void> {
    const close = (): void => void this.shown.delete(notification.tag);
    await this.#fire('notificationclick', { action, notification: { data: notification.data, close } });
  }

  async #fire(type: string, event: object): Promise<void> {
    const work: Promise<unknown>[] = [];
    const waitUntil = (each: Promise<unknown>): void => void work.push(each);
    this.#listeners.get(type)?.({ ...event, waitUntil } as never);
    await Promise.all(work);
  }
}

const SECRET = 'a'.repeat(43) as DeclineSecret;
const CALL = { callSid: SID, from: 'alice', to: 'jenny', video: true } as const;
const RING: PushRing = { type: 'parley-ring', ...CALL, decline: SECRET };
const over = (how: PushOver['over']): PushOver => ({ type: 'parley-over', ...CALL, over: how });

async function rung(options?: AnswerPushesOptions) {
  const worker = new FakeWorker();
  answerPushes(worker, options);
  await worker.push(RING);
  const [shown] = worker.shown.values();
  if (shown === undefined) throw new Error('nothing was shown');
  return { worker, shown };
}

describe('calls that are pushed', () => {
  it('[WP10] are shown with who calls, under the tag that a page would show them under', async () => {
    const { shown } = await rung();
    expect(shown).toMatchObject({ title: 'alice', body: 'Incoming video call', tag: `parley-${CALL_SID}` });
    const french = await rung({ body: ({ from, to }) => `${from} appelle ${to}` });
    expect(french.shown.body).toBe('alice appelle jenny');
  });

  it('[WP10] say nothing to somebody who looks at the page', async () => {
    const worker = new FakeWorker();
    answerPushes(worker);
    worker.pages = [{ visibilityState: 'visible' }];
    await worker.push(RING);
    expect(worker.shown.size).toBe(0);
  });

  it('[WP10] open the page to answer, or bring it to the front and tell it', async () => {
    const closed = await rung({ page: '/phone' });
    await closed.worker.click(closed.shown, 'answer');
    expect(closed.worker.opened).toEqual([`/phone#parley-answer=${CALL_SID}`]);
    expect(closed.worker.shown.size).toBe(0);

    const named = await rung({ page: ({ to }) => `/?as=${to}` });
    await named.worker.click(named.shown, 'answer');
    expect(named.worker.opened).toEqual([`/?as=jenny#parley-answer=${CALL_SID}`]);

    const looked = await rung();
    await looked.worker.click(looked.shown);
    expect(looked.worker.opened).toEqual(['/']);

    const hidden = await rung();
    hidden.worker.pages = [{ visibilityState: 'hidden' }, { visibilityState: 'hidden' }];
    await hidden.worker.click(hidden.shown, 'answer');
    expect(hidden.worker.opened).toEqual([]);
    expect(hidden.worker.told).toEqual(
      [1, 2].map(() => ({ type: 'parley-push', callSid: CALL_SID, action: 'answer' })),
    );
    expect(hidden.worker.focused).toBe(1);
  });

  it('[WP10] are replaced by what became of them, which makes no sound', async () => {
    const missed = await rung();
    await missed.worker.push(over('missed'));
    expect([...missed.worker.shown.values()]).toMatchObject([{ body: 'Missed call', silent: true }]);

    const elsewhere = await rung();
    await elsewhere.worker.push(over('answered'));
    expect([...elsewhere.worker.shown.values()]).toMatchObject([{ body: 'Answered on another device' }]);

    const answered = await rung();
    await answered.worker.click(answered.shown, 'answer');
    await answered.worker.push(over('answered'));
    expect(answered.worker.shown.size).toBe(0);
  });

  it.each([['garbage'], [undefined], [{ type: 'news' }], [{ type: 'parley-ring' }]])(
    '[WP10] leave a push that is somebody else’s alone: %j',
    async (payload) => {
      const worker = new FakeWorker();
      answerPushes(worker);
      await worker.push(payload);
      await worker.click({ title: '', body: '', tag: 'x', data: { theirs: true } }, 'answer');
      expect([worker.shown.size, worker.opened]).toEqual([0, []]);
    },
  );
});

describe('calls that are declined in their notification', () => {
  afterEach(() => void vi.useRealTimers());

  it('[WP22] have buttons to answer and to decline, in the application’s words', async () => {
    const buttons = ({ shown }: Awaited<ReturnType<typeof rung>>): unknown =>
      (shown as { actions?: unknown }).actions;
    expect(buttons(await rung())).toEqual([
      { action: 'answer', title: 'Answer' },
      { action: 'decline', title: 'Decline' },
    ]);
    expect(buttons(await rung({ actions: { answer: 'Annehmen', decline: 'Ablehnen' } }))).toEqual([
      { action: 'answer', title: 'Annehmen' },
      { action: 'decline', title: 'Ablehnen' },
    ]);
  });

  it('[WP22] have no button for what a gateway cannot be told', async () => {
    const worker = new FakeWorker();
    answerPushes(worker);
    await worker.push({ ...RING, decline: undefined });
    expect([...worker.shown.values()]).toMatchObject([{ actions: [{ action: 'answer' }] }]);
  });

  it('[WP22] are declined at the gateway, and no page is opened', async () => {
    const { worker, shown } = await rung();
    await worker.click(shown, 'decline');
    const body: PushDecline = { callSid: SID, secret: SECRET };
    expect(worker.posted).toEqual([{ url: '/parley/push/decline', method: 'POST', body }]);
    expect([worker.opened, worker.shown.size, worker.focused]).toEqual([[], 0, 0]);

    const elsewhere = await rung({ url: 'https://gateway.example/parley/push' });
    await elsewhere.worker.click(elsewhere.shown, 'decline');
    expect(elsewhere.worker.posted[0]?.url).toBe('https://gateway.example/parley/push/decline');
  });

  it('[WP22] tell the pages that are open, and bring none to the front', async () => {
    const { worker, shown } = await rung();
    worker.pages = [{ visibilityState: 'hidden' }];
    await worker.click(shown, 'decline');
    expect(worker.told).toEqual([{ type: 'parley-push', callSid: CALL_SID, action: 'decline' }]);
    expect([worker.opened, worker.focused, worker.posted.length]).toEqual([[], 0, 1]);
  });

  it('[WP22] are told again where the network was away, three times at most, and then shown again', async () => {
    vi.useFakeTimers();
    const { worker, shown } = await rung();
    worker.answers = [null, 503, 200];
    const declined = worker.click(shown, 'decline');
    await vi.runAllTimersAsync();
    await declined;
    expect([worker.posted.length, worker.shown.size]).toEqual([3, 0]);

    const away = await rung();
    away.worker.answers = [null];
    const tried = away.worker.click(away.shown, 'decline');
    await vi.runAllTimersAsync();
    await tried;
    expect(away.worker.posted).toHaveLength(3);
    expect([...away.worker.shown.values()]).toMatchObject([{ title: 'alice', body: 'Incoming video call' }]);
  });

  it.each([[404], [200]])('[WP22] are over for this device when the gateway says %i', async (status) => {
    const { worker, shown } = await rung();
    worker.answers = [status];
    await worker.click(shown, 'decline');
    expect([worker.posted.length, worker.shown.size]).toEqual([1, 0]);
  });

  it('[WP22] decline nothing when what is pressed says what became of a call', async () => {
    const { worker } = await rung();
    await worker.push(over('missed'));
    const [missed] = worker.shown.values();
    if (missed === undefined) throw new Error('nothing was shown');
    await worker.click(missed, 'decline');
    expect(worker.posted).toEqual([]);
  });
});

describe('a page that was opened by an answer', () => {
  async function page(answer?: string) {
    const world = new World();
    const device = await world.registered();
    let say: (message: unknown) => void = () => undefined;
    const stop = answerFromPush(
      device,
      {},
      {
        takeAnswer: () => answer,
        hear: (listener) => {
          say = listener;
          return () => (say = () => undefined);
        },
      },
    );
    const ring = async (): Promise<void> => {
      world.gateway.notify(incoming());
      await world.settle();
    };
    return { world, device, stop, ring, say: (message: unknown) => say(message) };
  }

  it('[WP11] answers the call when it rings here, and no other', async () => {
    const mine = await page(CALL_SID);
    await mine.ring();
    expect(mine.world.gateway.words).toContain('accept');

    const other = await page(`CA${'9'.repeat(32)}`);
    await other.ring();
    expect(other.world.gateway.words).not.toContain('accept');
  });

  it('[WP11] answers when its worker says so, whether it rings already or soon', async () => {
    const already = await page();
    await already.ring();
    already.say({ type: 'parley-push', callSid: CALL_SID, action: '' });
    already.say('something else');
    await already.world.settle();
    expect(already.world.gateway.words).not.toContain('accept');
    already.say({ type: 'parley-push', callSid: CALL_SID, action: 'answer' });
    await already.world.settle();
    expect(already.world.gateway.words).toContain('accept');

    const soon = await page();
    soon.say({ type: 'parley-push', callSid: CALL_SID, action: 'answer' });
    await soon.ring();
    expect(soon.world.gateway.words).toContain('accept');
  });

  it('[WP22] refuses, on this device, the call that was declined while it was open, and no other', async () => {
    const { world, ring, say } = await page();
    await ring();
    say({ type: 'parley-push', callSid: `CA${'9'.repeat(32)}`, action: 'decline' });
    await world.settle();
    expect(world.gateway.words).not.toContain('reject');
    say({ type: 'parley-push', callSid: CALL_SID, action: 'decline' });
    await world.settle();
    expect(world.gateway.last('reject')).toMatchObject({ everywhere: false });
  });

  it('[WP11] answers nothing once it is stopped', async () => {
    const stopped = await page(CALL_SID);
    stopped.stop();
    await stopped.ring();
    expect(stopped.world.gateway.words).not.toContain('accept');
  });
});

describe('where a person is reached', () => {
  const KEY = new Uint8Array(65).fill(4);
  const publicKey = btoa(String.fromCharCode(...KEY))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
  const asked: { readonly method: string; readonly bearer: string | null; readonly body: string }[] = [];

  /** A browser in which the person has decided, a gateway that answers, and what has been subscribed to before. */
  function browser({
    permission = 'granted',
    before = null as PushSubscription | null,
    status = 200,
    error = undefined as string | undefined,
    refuses = undefined as Error | undefined,
  } = {}) {
    asked.length = 0;
    vi.stubGlobal('Notification', { permission });
    vi.stubGlobal('fetch', async (_url: string, { method = 'GET', headers, body }: RequestInit) => {
      const bearer = new Headers(headers).get('Authorization');
      asked.push({ method, bearer, body: typeof body === 'string' ? body : '' });
      if (error !== undefined && method !== 'GET')
        return Response.json({ name: error, message: 'no' }, { status: 403 });
      return Response.json({ publicKey }, { status });
    });
    let subscription = before;
    const made = (key: Uint8Array): PushSubscription =>
      ({
        endpoint: 'https://push.example/1',
        options: { applicationServerKey: key.slice().buffer },
        toJSON: () => ({ endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' } }),
        unsubscribe: async () => {
          subscription = null;
          return true;
        },
      }) as unknown as PushSubscription;
    const subscribe = vi.fn(async () => {
      if (refuses !== undefined) throw refuses;
      return (subscription = made(KEY));
    });
    const registration = {
      pushManager: { getSubscription: async () => subscription, subscribe },
    } as unknown as ServiceWorkerRegistration;
    return { registration, subscribe, made, use: (given: PushSubscription) => (subscription = given) };
  }

  afterEach(() => void vi.unstubAllGlobals());

  it('[WP9] is told the gateway with the person’s token, and forgotten again', async () => {
    const { registration, subscribe } = browser();
    expect(await enablePush(async () => 'token-1', { registration })).toBe('on');
    expect(asked.map(({ method, bearer }) => [method, bearer])).toEqual([
      ['GET', null],
      ['POST', 'Bearer token-1'],
    ]);
    expect(JSON.parse(asked[1]?.body ?? '')).toMatchObject({
      subscription: { endpoint: 'https://push.example/1' },
    });
    // Whoever signs in next on this device.
    expect(await enablePush('token-2', { registration })).toBe('on');
    expect(subscribe).toHaveBeenCalledTimes(1);
    await disablePush('token-2', { registration });
    await disablePush('token-2', { registration });
    expect(asked.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  it('[WP9] is another one for a gateway with another key', async () => {
    const page = browser();
    page.use(page.made(new Uint8Array(65).fill(9)));
    expect(await enablePush('token', { registration: page.registration })).toBe('on');
    expect(page.subscribe).toHaveBeenCalledTimes(1);
  });

  it('[WP9] says why there is none', async () => {
    expect(await enablePush('t', browser({ permission: 'default' }))).toBe('denied');
    expect(await enablePush('t', browser({ status: 404 }))).toBe('off');
    expect(await enablePush('t', browser({ refuses: new DOMException('none', 'AbortError') }))).toBe(
      'unsupported',
    );
    const bare = {} as ServiceWorkerRegistration;
    expect(await enablePush('t', { registration: bare })).toBe('unsupported');
  });

  it('[WP9] what the gateway refuses, or a gateway that is away, is an error with a name', async () => {
    await expect(enablePush('t', browser({ error: 'forbidden' }))).rejects.toMatchObject({
      name: 'forbidden',
    });
    const { registration } = browser();
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('failed to fetch');
    });
    await expect(enablePush('t', { registration })).rejects.toMatchObject({ name: 'connection-failed' });
    const signal = AbortSignal.abort();
    await expect(enablePush('t', { registration, signal })).rejects.toMatchObject({ name: 'aborted' });
  });
});
