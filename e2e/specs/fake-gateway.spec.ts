// oxlint-disable-next-line no-restricted-imports -- The published fake is what is compared with a real gateway here.
import { FakeGateway } from '@parley/client/testing';
import { FakeTalker, PageTalker, type Talker } from '../support/talkers.ts';
import { expect, test, type Phones } from '../support/test.ts';

interface Cast {
  readonly alice: Talker;
  readonly jenny: Talker;
  readonly bob: Talker;
}

/** How a talker stands, once that is so. */
const stands = (talker: Talker, standing: string): Promise<void> =>
  expect.poll(() => talker.standing()).toBe(standing);

async function talking({ alice, jenny }: Cast): Promise<void> {
  await alice.dial('jenny');
  await jenny.accept();
  await stands(alice, 'joined jenny audio false false');
  await stands(jenny, 'joined alice audio false false');
}

/** What people do; who is in it is answered with. */
const STORIES: Readonly<Record<string, (cast: Cast) => Promise<readonly (keyof Cast)[]>>> = {
  'hold, and a transfer that is answered': async (cast) => {
    const { alice, jenny, bob } = cast;
    await talking(cast);
    await jenny.hold(true);
    await stands(alice, 'joined jenny audio false true');
    await jenny.hold(false);
    await stands(alice, 'joined jenny audio false false');
    await jenny.transfer('bob');
    await bob.accept();
    await stands(alice, 'joined bob audio false false');
    await stands(bob, 'joined alice audio false false');
    await bob.hangUp();
    return ['alice', 'jenny', 'bob'];
  },
  'a transfer that is refused': async (cast) => {
    const { alice, jenny, bob } = cast;
    await talking(cast);
    await alice.transfer('bob');
    await bob.reject();
    await stands(alice, 'joined jenny audio false false');
    await stands(jenny, 'joined alice audio false false');
    await jenny.hangUp();
    return ['alice', 'jenny'];
  },
  'two calls that are merged': async (cast) => {
    const { alice, jenny, bob } = cast;
    await talking(cast);
    await jenny.callBeside('bob');
    await bob.accept();
    await stands(bob, 'joined jenny audio false false');
    await stands(alice, 'joined jenny audio false true');
    await jenny.merge();
    await stands(alice, 'joined bob audio false false');
    await stands(bob, 'joined alice audio false false');
    await alice.hangUp();
    return ['alice', 'jenny', 'bob'];
  },
  'video that is declined, then agreed on, then taken away': async (cast) => {
    const { alice, jenny } = cast;
    await talking(cast);
    await Promise.all([jenny.answerVideo(false), alice.askForVideo()]);
    await Promise.all([alice.answerVideo(true), jenny.askForVideo()]);
    await stands(alice, 'joined jenny video false false');
    await stands(jenny, 'joined alice video false false');
    await alice.removeVideo();
    await stands(jenny, 'joined alice audio false false');
    await alice.hangUp();
    return ['alice', 'jenny'];
  },
};

async function told(cast: Cast, story: (cast: Cast) => Promise<readonly (keyof Cast)[]>) {
  const names = await story(cast);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await cast[name].told()] as const)),
  );
}

async function onPages(phones: Phones): Promise<Cast> {
  const [alice, jenny, bob] = [
    await phones.open('alice'),
    await phones.open('jenny'),
    await phones.open('bob'),
  ];
  return { alice: new PageTalker(alice), jenny: new PageTalker(jenny), bob: new PageTalker(bob) };
}

async function onTheFake(): Promise<Cast> {
  const gateway = new FakeGateway();
  const open = (name: string): Promise<FakeTalker> => FakeTalker.open(gateway, name);
  return { alice: await open('alice'), jenny: await open('jenny'), bob: await open('bob') };
}

test.describe('the published fake gateway', () => {
  for (const [name, story] of Object.entries(STORIES)) {
    test(`[PK16] tells devices what the real one tells them: ${name}`, async ({ phones }) => {
      const real = await told(await onPages(phones), story);
      const fake = await told(await onTheFake(), story);
      expect(fake).toEqual(real);
    });
  }
});
