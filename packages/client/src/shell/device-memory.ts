import { ROLES, type ChoiceState, type Wanted } from '../core/device-choice.ts';
import type { PlatformDevices } from '../platform.ts';

/** What was chosen in earlier visits, kept in this browser. */
export class DeviceMemory {
  readonly #devices: PlatformDevices;
  readonly #isOn: boolean;

  constructor(devices: PlatformDevices, isOn: boolean) {
    this.#devices = devices;
    this.#isOn = isOn;
  }

  /** Anything that is not what we once wrote is nothing. */
  recall(): Partial<ChoiceState['wanted']> {
    const text = this.#isOn ? this.#devices.recall() : null;
    let kept: unknown = null;
    try {
      kept = JSON.parse(text ?? 'null');
    } catch {
      // Somebody else's.
    }
    if (typeof kept !== 'object' || kept === null) return {};
    const entries = ROLES.map((role) => [role, readWanted((kept as Record<string, unknown>)[role])]);
    return Object.fromEntries(entries) as ChoiceState['wanted'];
  }

  keep(wanted: ChoiceState['wanted']): void {
    if (this.#isOn) this.#devices.keep(JSON.stringify(wanted));
  }
}

/** More outputs at once than anybody has. */
const WANTED_MAX = 8;

function readWanted(kept: unknown): readonly Wanted[] {
  if (!Array.isArray(kept)) return [];
  return kept.slice(0, WANTED_MAX).flatMap((entry: unknown) => {
    const { deviceId, label } = (entry ?? {}) as Partial<Wanted>;
    return typeof deviceId === 'string' && typeof label === 'string' ? [{ deviceId, label }] : [];
  });
}
