import { describe, expect, it } from 'vitest';
import { runPreflight, type Preflight } from '../preflight/preflight.ts';
import type { ReplyData } from '@parley/protocol';
import { OFFER, World } from './world.test.kit.ts';

const OPTIONS = { durationMs: 3000 } as const;

function preflight(world: World, options: object = {}): Preflight {
  return runPreflight('token', { ...OPTIONS, ...options, platform: world.platform });
}

/** Answers every line that was asked for and has no answer yet. */
async function answerLines(
  world: World,
  answered: Set<string>,
  media: NonNullable<ReplyData['media']>,
): Promise<void> {
  await world.settle();
  for (const { id } of world.gateway.all('loopback')) {
    if (answered.has(id)) continue;
    answered.add(id);
    world.gateway.say({ type: 'reply', re: id, ok: true, data: { media } });
  }
  await world.settle();
}

const candidate = (protocol: string) => ({ protocol });
const both = { ...OFFER.send, iceCandidates: [candidate('udp'), candidate('tcp')] };
const MEDIA = { send: both, recv: both };

async function checksOf(run: Preflight): Promise<Record<string, string>> {
  const { checks } = await run.report;
  return Object.fromEntries(checks.map(({ name, state, reason }) => [name, reason ?? state]));
}

describe('a preflight', () => {
  it('[QY22] tries each way by itself, and TURN only where it is offered', async () => {
    const world = new World();
    const run = preflight(world);
    const answered = new Set<string>();
    await answerLines(world, answered, MEDIA);
    // One transport of each direction for UDP and for TCP, with that way alone.
    const offered = world.transports.map(({ options }) =>
      options.offer.iceCandidates.map(({ protocol }) => protocol),
    );
    expect(offered).toEqual([['udp'], ['udp'], ['tcp'], ['tcp']]);
    await world.pass(9000);
    await answerLines(world, answered, MEDIA);
    await world.pass(9000);
    expect(await checksOf(run)).toEqual({
      microphone: 'passed',
      camera: 'skipped',
      gateway: 'passed',
      udp: 'no-way',
      tcp: 'no-way',
      turn: 'skipped',
      echo: 'no-way',
    });
    expect((await run.report).verdict).toBe('fail');
  });

  it('[QY22] ends in bounded time also when the gateway never answers, and leaves nothing open', async () => {
    const world = new World();
    world.gateway.isReachable = false;
    const run = preflight(world);
    await world.pass(60_000);
    expect(await checksOf(run)).toMatchObject({
      gateway: 'connection-failed',
      udp: 'skipped',
      echo: 'skipped',
    });
    expect(world.open).toEqual([]);
  });

  it('[QY22] names what the gateway refuses, and a microphone that is not to be had', async () => {
    const world = new World();
    world.refuse.audio = 'NotFoundError';
    world.gateway.greeting = { close: 4003 };
    const run = preflight(world);
    await world.pass(60_000);
    const checks = await checksOf(run);
    expect(checks['microphone']).toBe('microphone-not-found');
    expect(checks['gateway']).not.toBe('passed');
  });

  it('[QY22] stopping closes everything at once, and progress ends', async () => {
    const world = new World();
    const run = preflight(world);
    await answerLines(world, new Set(), MEDIA);
    expect(world.transports.some(({ isClosed }) => !isClosed)).toBe(true);
    run.stop();
    await world.settle();
    await expect(run.report).rejects.toMatchObject({ name: 'aborted' });
    expect(world.transports.every(({ isClosed }) => isClosed)).toBe(true);
    expect(world.open).toEqual([]);
    expect(world.gateway.all('hangup')).toHaveLength(3);
    expect(world.gateway.words.at(-1)).toBe('bye');
    const told: string[] = [];
    for await (const progress of run) told.push(progress.type);
    expect(told).toContain('started');
  });

  it('[QY22] a person who is still asked for her microphone does not hold up the end', async () => {
    const world = new World();
    world.openGate = new Promise(() => undefined);
    const stop = new AbortController();
    const run = preflight(world, { signal: stop.signal });
    await world.settle();
    stop.abort(new Error('enough'));
    await expect(run.report).rejects.toThrow('enough');
  });
});
