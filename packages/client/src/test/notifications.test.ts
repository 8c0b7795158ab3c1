import { describe, expect, it } from 'vitest';
import { answerClicks, type WorkerScope } from '../notifications/answer-clicks.ts';
import { notifyIncoming, type NotificationOptions } from '../notifications/notify-incoming.ts';
import type { NotificationSurroundings } from '../notifications/surroundings.ts';
import { incoming, World } from './world.test.kit.ts';

/** A page nobody looks at, and what it shows. */
class FakeSurroundings implements NotificationSurroundings {
  isLookedAt = false;
  readonly shown: { readonly title: string; readonly tag: string; readonly body: string }[] = [];
  say: (message: unknown) => void = () => undefined;
  isSeen(): boolean {
    return this.isLookedAt;
  }
  show(title: string, { tag, body }: { readonly tag: string; readonly body: string }): () => void {
    const notification = { title, tag, body };
    this.shown.push(notification);
    return () => {
      const at = this.shown.indexOf(notification);
      if (at >= 0) this.shown.splice(at, 1);
    };
  }
  hear(listener: (message: unknown) => void): () => void {
    this.say = listener;
    return () => (this.say = () => undefined);
  }
}

async function ringing(options: NotificationOptions = {}, isLookedAt = false) {
  const world = new World();
  const page = new FakeSurroundings();
  page.isLookedAt = isLookedAt;
  const device = await world.registered();
  const stop = notifyIncoming(device, options, page);
  const heard = device.once('incoming');
  world.gateway.notify(incoming());
  const [call] = await heard;
  await world.settle();
  const press = (action: string) => page.say({ type: 'parley-notification', callId: call.callId, action });
  return { world, page, device, call, stop, press };
}

describe('notifications of calls', () => {
  it('[DV20] tell who calls while nobody looks, under one tag for all pages, and go when it does not ring any more', async () => {
    const { world, page, call } = await ringing();
    expect(page.shown).toMatchObject([{ title: 'alice', body: 'Incoming call' }]);
    expect(page.shown[0]?.tag).toContain(call.parameters.CallSid);
    world.gateway.notify({
      type: 'ended',
      callId: call.callId as never,
      reason: 'cancelled',
      by: 'remote',
      durationMs: 0,
    } as never);
    await world.settle();
    expect(page.shown).toEqual([]);
  });

  it('[DV20] say nothing to somebody who looks, unless that is wanted', async () => {
    expect((await ringing({}, true)).page.shown).toEqual([]);
    expect((await ringing({ when: 'always' }, true)).page.shown).toHaveLength(1);
  });

  it('[DV21] answer and decline by their buttons, and take no notice of other messages', async () => {
    const answered = await ringing();
    answered.page.say('something else');
    answered.page.say({ type: 'parley-notification', callId: 'another', action: 'decline' });
    answered.press('answer');
    await answered.world.settle();
    expect(answered.world.gateway.words).toContain('accept');
    expect(answered.page.shown).toEqual([]);

    const declined = await ringing();
    declined.press('decline');
    await declined.world.settle();
    expect(declined.world.gateway.words).toContain('reject');
    declined.press('answer');
    await declined.world.settle();
    expect(declined.world.gateway.words).not.toContain('accept');
  });

  it('[DV21] leave answering to the application where it wants that', async () => {
    const answers: string[] = [];
    const { world, press, call } = await ringing({ onAnswer: ({ callId }) => answers.push(callId) });
    press('answer');
    await world.settle();
    expect(answers).toEqual([call.callId]);
    expect(world.gateway.words).not.toContain('accept');
  });

  it('[DV20] stop with what was returned', async () => {
    const { page, stop, world } = await ringing();
    stop();
    expect(page.shown).toEqual([]);
    world.gateway.notify(incoming({ audio: true, video: false }, 'incoming-2'));
    await world.settle();
    expect(page.shown).toEqual([]);
  });

  it('[DV21] reach the pages from the service worker, which brings one to the front unless it is declined', async () => {
    let click: (event: object) => void = () => undefined;
    const told: unknown[] = [];
    let focused = 0;
    const page = {
      postMessage: (message: unknown) => told.push(message),
      focus: async () => {
        focused += 1;
      },
    };
    const scope: WorkerScope = {
      clients: { matchAll: async () => [page] },
      addEventListener: (_type, listener) => (click = listener as (event: object) => void),
    };
    answerClicks(scope);
    const press = async (action: string, data: unknown): Promise<void> => {
      const works: Promise<unknown>[] = [];
      click({
        action,
        notification: { data, close: () => undefined },
        waitUntil: (work: Promise<unknown>) => works.push(work),
      });
      await Promise.all(works);
    };
    await press('answer', { parleyCallId: 'incoming-1' });
    await press('decline', { parleyCallId: 'incoming-1' });
    await press('answer', { somebody: 'else' });
    await press('answer', null);
    expect(told).toEqual([
      { type: 'parley-notification', callId: 'incoming-1', action: 'answer' },
      { type: 'parley-notification', callId: 'incoming-1', action: 'decline' },
    ]);
    expect(focused).toBe(1);
  });
});
