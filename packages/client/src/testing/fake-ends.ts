import type { CallId, CallSid, EndReason, MediaWish, Party, Unnumbered } from '@parley/protocol';
import { FakeLeg } from './fake-leg.ts';
import type { FakeSession } from './fake-session.ts';
import { otherSide, type Side } from './fake-talk.ts';

/** Who is at the two ends of a fake call, and which devices take part for them. An end without a device is played. */
export class FakeEnds {
  #legs: readonly FakeLeg[] = [];
  #people: Readonly<Record<Side, Party>>;
  #muted: Readonly<Record<Side, boolean>> = { caller: false, callee: false };

  constructor(caller: Party, callee: Party) {
    this.#people = { caller, callee };
  }

  get legs(): readonly FakeLeg[] {
    return this.#legs;
  }

  /** The end that is no device of the test's; of two devices, the one called. */
  get played(): Side {
    return this.of('caller').length > 0 ? 'callee' : 'caller';
  }

  of(side: Side): readonly FakeLeg[] {
    return this.#legs.filter((leg) => leg.side === side);
  }

  leg(session: FakeSession, callId?: CallId): FakeLeg | undefined {
    return this.#legs.find((leg) => leg.session === session && (callId ?? leg.callId) === leg.callId);
  }

  /** The end beside this device. */
  beside(session: FakeSession): Side {
    return otherSide(this.leg(session)?.side ?? 'callee');
  }

  person(side: Side): Party {
    return this.#people[side];
  }

  isMuted(side: Side): boolean {
    return this.#muted[side];
  }

  add(session: FakeSession, callId: CallId, side: Side, media: MediaWish): void {
    this.#legs = [...this.#legs, new FakeLeg(session, callId, side, media)];
  }

  /** This person is on this side from now on, with these devices beside those that are there. */
  take(side: Side, person: Party, legs: readonly FakeLeg[] = []): void {
    this.#people = { ...this.#people, [side]: person };
    for (const leg of legs) leg.side = side;
    this.#legs = [...this.#legs, ...legs];
  }

  /** Takes out whoever is on this side, without a word. */
  letGo(side: Side): readonly FakeLeg[] {
    const legs = this.of(side);
    this.#legs = this.#legs.filter((leg) => !legs.includes(leg));
    return legs;
  }

  drop(leg: FakeLeg): void {
    this.#legs = this.#legs.filter((other) => other !== leg);
  }

  /** Tells the devices on one side, or on both. */
  tell(message: (callId: CallId) => Unnumbered, side?: Side): void {
    for (const leg of this.#legs) if (side === undefined || leg.side === side) leg.tell(message);
  }

  /** @param isSeen whether the one called shows a picture, where the call has any */
  join({ video, isSeen }: { readonly video: boolean; readonly isSeen: boolean }): void {
    const [caller] = this.of('caller');
    for (const leg of this.#legs) {
      leg.joined(this.#people[otherSide(leg.side)], video);
      leg.receive('audio');
      if (this.#muted[otherSide(leg.side)]) leg.silence('audio', true);
      const sees = leg.side === 'caller' ? isSeen : (caller?.media.video ?? true);
      if (video && sees) leg.receive('video');
    }
  }

  part(): void {
    for (const leg of this.#legs) {
      leg.lose('video');
      leg.lose('audio');
    }
  }

  show(isOn: boolean): void {
    for (const leg of this.#legs) {
      if (isOn) leg.receive('video');
      else leg.lose('video');
    }
  }

  mute(side: Side, on: boolean): void {
    if (this.#muted[side] === on) return;
    this.#muted = { ...this.#muted, [side]: on };
    for (const leg of this.of(otherSide(side))) leg.silence('audio', on);
  }

  end(leg: FakeLeg, end: LegEnd): void {
    this.drop(leg);
    const { elsewhere, ...told } = end;
    leg.tell((callId) => ({
      type: 'ended',
      callId,
      ...told,
      ...(elsewhere === undefined ? {} : { elsewhere }),
    }));
  }
}

/** How a device is told that its part is over. */
export interface LegEnd {
  readonly callSid: CallSid;
  readonly reason: EndReason;
  readonly by: 'local' | 'remote' | 'server';
  readonly durationMs: number;
  readonly elsewhere?: Party | undefined;
}

export function partyOf({ identity, deviceLabel }: FakeSession): Party {
  return { identity, ...(deviceLabel === undefined ? {} : { deviceLabel }) };
}
