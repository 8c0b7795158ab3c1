/**
 * Which microphone, camera, speaker and ringtone output are used: decided from what was chosen and what is there.
 *
 * ```
 *              lost                      (the choice is kept)
 *  this one ─────────▶ system default ◀───────── chosen: the default
 *      ▲                    │
 *      └──── it is back ────┘            chosen: another one ─▶ this one, if it is there
 * ```
 *
 * A choice is an intention: it is not changed by what happens to devices, only what is used is.
 */
export type DeviceKind = 'microphone' | 'camera' | 'speaker';
export type DeviceRole = DeviceKind | 'ringtone';

export interface KnownDevice {
  readonly kind: DeviceKind;
  readonly deviceId: string;
  readonly groupId: string;
  readonly label: string;
}

/** A device that was chosen. Browsers may give it another id later on; its name helps then. */
export interface Wanted {
  readonly deviceId: string;
  readonly label: string;
}

/** What is used for one role: these devices, or, with none, the system's default, known by its key. */
interface Use {
  readonly deviceIds: readonly string[];
  readonly defaultKey: string;
  /** One that was used because it was chosen is gone. What an earlier visit has chosen and is not there, is not lost. */
  readonly isLost: boolean;
}

export interface ChoiceState {
  /** Null until somebody has looked, or while the browser tells no names and numbers. */
  readonly devices: readonly KnownDevice[] | null;
  /** What the system uses by itself, as far as the browser tells. */
  readonly defaults: readonly KnownDevice[];
  readonly wanted: Readonly<Record<DeviceRole, readonly Wanted[]>>;
  readonly used: Readonly<Record<DeviceRole, Use>>;
}

export type ChoiceInput =
  /** What `enumerateDevices` says. */
  | { readonly type: 'listed'; readonly devices: readonly MediaDeviceLike[] }
  | { readonly type: 'wanted'; readonly role: DeviceRole; readonly deviceIds: readonly string[] }
  /** What was chosen in an earlier visit. */
  | { readonly type: 'remembered'; readonly wanted: Partial<ChoiceState['wanted']> };

export type ChoiceOutput =
  /** From now on these are to be used; an empty list is the system's default. */
  | { readonly type: 'use'; readonly role: DeviceRole; readonly deviceIds: readonly string[] }
  | {
      readonly type: 'changed';
      readonly added: readonly KnownDevice[];
      readonly lost: readonly KnownDevice[];
    }
  | { readonly type: 'remember'; readonly wanted: ChoiceState['wanted'] };

/** A `MediaDeviceInfo`, as far as it matters here. */
export interface MediaDeviceLike {
  readonly kind: string;
  readonly deviceId: string;
  readonly groupId: string;
  readonly label: string;
}

export const ROLES = ['microphone', 'camera', 'speaker', 'ringtone'] as const;
const KINDS: Readonly<Record<string, DeviceKind>> = {
  audioinput: 'microphone',
  videoinput: 'camera',
  audiooutput: 'speaker',
};
/** Names Chromium has for what the system uses; each of them is one of the other devices as well. */
const ALIASES: ReadonlySet<string> = new Set(['default', 'communications']);

const UNUSED: Use = { deviceIds: [], defaultKey: '', isLost: false };
export const NOTHING_CHOSEN: ChoiceState = {
  devices: null,
  defaults: [],
  wanted: { microphone: [], camera: [], speaker: [], ringtone: [] },
  used: { microphone: UNUSED, camera: UNUSED, speaker: UNUSED, ringtone: UNUSED },
};

export function kindOf(role: DeviceRole): DeviceKind {
  return role === 'ringtone' ? 'speaker' : role;
}

/** The devices a role uses now: the chosen ones that are there, or else the system's default, where it is known. */
export function selectedFor(state: ChoiceState, role: DeviceRole): readonly KnownDevice[] {
  const chosen = state.wanted[role].flatMap((wanted) => find(state, kindOf(role), wanted) ?? []);
  const unique = chosen.filter((device, index) => chosen.indexOf(device) === index);
  return unique.length > 0 ? unique : state.defaults.filter(({ kind }) => kind === kindOf(role));
}

function find({ devices }: ChoiceState, kind: DeviceKind, wanted: Wanted): KnownDevice | undefined {
  const ofKind = (devices ?? []).filter((device) => device.kind === kind);
  return (
    ofKind.find(({ deviceId }) => deviceId === wanted.deviceId) ??
    ofKind.find(({ label }) => label !== '' && label === wanted.label)
  );
}

export function stepChoice(
  state: ChoiceState,
  input: ChoiceInput,
): { readonly state: ChoiceState; readonly outputs: readonly ChoiceOutput[] } {
  switch (input.type) {
    case 'listed': {
      const read = readDevices(input.devices);
      const changed = difference(state.devices, read.devices);
      const step = settle({ ...state, ...read }, { isFirst: state.devices === null });
      return { state: step.state, outputs: [...changed, ...step.outputs] };
    }
    case 'wanted': {
      const { role, deviceIds } = input;
      const wanted = deviceIds.map((deviceId) => {
        const known = state.devices?.find((device) => device.deviceId === deviceId);
        return { deviceId, label: known?.label ?? '' };
      });
      const next = { ...state, wanted: { ...state.wanted, [role]: wanted } };
      const step = settle(next, { isFirst: false, chosen: [role] });
      return { state: step.state, outputs: [...step.outputs, { type: 'remember', wanted: next.wanted }] };
    }
    case 'remembered':
      return settle(
        { ...state, wanted: { ...state.wanted, ...input.wanted } },
        { isFirst: true, chosen: ROLES },
      );
  }
}

/** Says what is to be used now, where that is something else than before. */
function settle(
  state: ChoiceState,
  { isFirst, chosen = [] }: { readonly isFirst: boolean; readonly chosen?: readonly DeviceRole[] },
) {
  const outputs: ChoiceOutput[] = [];
  const used: Record<DeviceRole, Use> = { ...state.used };
  for (const role of ROLES) {
    const before = state.used[role];
    const now = useOf(state, role, chosen.includes(role) ? UNUSED : before);
    used[role] = now;
    // The first look only finds out what the default is that is used already.
    const isOtherDefault = before.defaultKey !== now.defaultKey && !isFirst;
    if (isSame(before.deviceIds, now.deviceIds) && !(now.deviceIds.length === 0 && isOtherDefault)) continue;
    outputs.push({ type: 'use', role, deviceIds: now.deviceIds });
  }
  return { state: { ...state, used }, outputs };
}

function useOf(state: ChoiceState, role: DeviceRole, before: Use): Use {
  const wanted = state.wanted[role];
  const found = wanted.filter((one) => find(state, kindOf(role), one) !== undefined);
  // While the browser tells no names, nobody knows.
  const isMissing = state.devices !== null && found.length < wanted.length;
  const isLost = before.isLost
    ? isMissing || state.devices === null
    : isMissing && before.deviceIds.length > found.length;
  const selected = selectedFor(state, role);
  const [device] = selected;
  if (found.length > 0)
    return { deviceIds: selected.map(({ deviceId }) => deviceId), defaultKey: '', isLost };
  const defaultKey = device === undefined ? '' : `${device.groupId} ${device.label}`;
  return { deviceIds: [], defaultKey, isLost };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}

/** The real devices, without Chromium's aliases, and which of them the system uses by itself. */
function readDevices(listed: readonly MediaDeviceLike[]): Pick<ChoiceState, 'devices' | 'defaults'> {
  const known = listed.flatMap((entry): KnownDevice[] => {
    const kind = KINDS[entry.kind];
    const { deviceId, groupId, label } = entry;
    // Without permission a browser says that there is one of a kind, and nothing about it.
    return kind === undefined || deviceId === '' ? [] : [{ kind, deviceId, groupId, label }];
  });
  const isNameless = listed.length > 0 && known.length === 0;
  const devices = known.filter(({ deviceId }) => !ALIASES.has(deviceId));
  const defaults = Object.values(KINDS).flatMap((kind) => {
    const alias = known.find((device) => device.kind === kind && device.deviceId === 'default');
    const ofKind = devices.filter((device) => device.kind === kind);
    // Where there is no alias, the standard says that the first is the default.
    return (alias === undefined ? ofKind[0] : (behind(alias, ofKind) ?? alias)) ?? [];
  });
  return { devices: isNameless ? null : devices, defaults: isNameless ? [] : defaults };
}

function behind(alias: KnownDevice, devices: readonly KnownDevice[]): KnownDevice | undefined {
  return (
    devices.find(({ label }) => label !== '' && alias.label.endsWith(label)) ??
    devices.find(({ groupId }) => groupId !== '' && groupId === alias.groupId)
  );
}

function difference(before: ChoiceState['devices'], now: ChoiceState['devices']): readonly ChoiceOutput[] {
  // Whoever looks for the first time finds devices; they have not come.
  if (before === null || now === null) return [];
  const missingFrom = (list: readonly KnownDevice[]) => (device: KnownDevice) =>
    !list.some(({ kind, deviceId }) => kind === device.kind && deviceId === device.deviceId);
  const added = now.filter(missingFrom(before));
  const lost = before.filter(missingFrom(now));
  return added.length + lost.length === 0 ? [] : [{ type: 'changed', added, lost }];
}
