import { Identity, type CallSid } from '@parley/protocol';
import { notifications } from '@parley/rcml';
import type { CallInput, CallOutput, Contact, LegChange, PartyId } from '@parley/switchboard';
import * as v from 'valibot';
import type { DeviceSession } from '../edge/device-session.ts';
import { AwaitedLegs } from './awaited-legs.ts';
import type { CallServices } from './call-services.ts';
import type { CallWebhooks } from './call-webhooks.ts';
import { personOf, rungPart, type Part } from './part.ts';
import { newCallId } from './sids.ts';

interface DeviceSearchOptions {
  readonly accountSid: string;
  readonly services: CallServices;
  readonly webhooks: CallWebhooks;
  /** Who takes part in the call already. */
  readonly parts: ReadonlyMap<PartyId, Part>;
  readonly addPart: (part: Part) => void;
  /** Whether a device may take part in one more call. */
  readonly hasRoom: (device: DeviceSession) => boolean;
  /** Somebody's devices are looked for; one that registers meanwhile is to be told (D3). */
  readonly onSought: (identity: string) => void;
  readonly feed: (input: CallInput) => void;
}

/** Finds the devices that a call rings: those that are registered, those that register meanwhile, those that are woken. */
export class DeviceSearch {
  /** The names whose devices were looked for. */
  readonly soughtNames = new Set<string>();
  readonly #options: DeviceSearchOptions;
  readonly #awaited: AwaitedLegs;

  constructor(options: DeviceSearchOptions) {
    const { services, feed } = options;
    this.#options = options;
    this.#awaited = new AwaitedLegs({
      ...services,
      onNobody: (leg, { hasDeclined }) => feed({ type: 'devicesFound', leg, contacts: [], hasDeclined }),
    });
  }

  find({ leg, identity, from, video }: Extract<CallOutput, { type: 'findDevices' }>): void {
    const { accountSid, services, hasRoom, onSought, feed } = this.#options;
    const contacts: Contact[] = [];
    // A name that nobody can register under is nobody's; the machine says so.
    const name = v.safeParse(Identity, identity);
    const devices = name.success ? services.registry.devicesOf(accountSid, name.output) : [];
    for (const device of devices) {
      if (!this.#mayRing(device)) continue;
      if (hasRoom(device)) contacts.push(this.#contact(leg, device));
      else this.#complainOfNoRoom(leg);
    }
    this.soughtNames.add(identity);
    onSought(identity);
    const ring = { accountSid, identity, callSid: leg, from, video };
    if (this.#awaited.sendFor(ring, { isAnybodyHere: devices.length > 0 })) return;
    feed({ type: 'devicesFound', leg, contacts });
    // Who is away is rung for when it is back; until then it cannot hear of it.
    for (const { party } of contacts) {
      const how = this.#options.parts.get(party)?.device.away;
      if (how !== undefined) feed({ type: 'device', party, input: { type: 'deviceAway', how } });
    }
  }

  /** Lets a device ring that has registered while its name rings, for these legs, or is waited for. */
  deviceRegistered(device: DeviceSession, ringing: readonly CallSid[]): void {
    const { hasRoom, feed } = this.#options;
    for (const leg of ringing) {
      if (!this.#mayRing(device) || !hasRoom(device)) return;
      feed({ type: 'deviceAppeared', leg, contact: this.#contact(leg, device) });
    }
    for (const leg of this.#awaited.waitingFor(device.identity)) {
      if (!this.#mayRing(device) || !hasRoom(device)) return;
      this.#awaited.found(leg);
      feed({ type: 'devicesFound', leg, contacts: [this.#contact(leg, device)] });
    }
  }

  /** Whoever was woken for a leg is told what became of it. */
  legChanged(leg: CallSid, { type }: LegChange): void {
    if (type === 'answered') this.#awaited.over(leg, 'answered');
    if (type === 'ended') this.#awaited.over(leg, 'missed');
  }

  close(): void {
    this.#awaited.close();
  }

  /** Calling one's own name rings all devices but the calling one (D3); and a device rings once. */
  #mayRing(device: DeviceSession): boolean {
    for (const part of this.#options.parts.values()) if (part.device === device) return false;
    return true;
  }

  #complainOfNoRoom(leg: CallSid): void {
    const { code, severity } = notifications.refusedByPolicy;
    const message = 'a device of the called person was not rung: it takes part in as many calls as it may';
    this.#options.webhooks.notify({ type: 'notify', leg, code, severity, message });
  }

  #contact(leg: CallSid, device: DeviceSession): Contact {
    const part = rungPart(leg, device, newCallId());
    this.#options.addPart(part);
    return { party: part.party, person: personOf(device) };
  }
}
